"""Every page and every dialog of the console, and what is wrong with how it is laid out and read out.

A stop is a page, or a dialog with the clicks that open it; `visit` goes there. A new page or dialog gets its line here,
and with that its check by axe in both languages and themes and its check for width."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from .conftest import Site

WIDTHS = (1280, 900, 640, 400)  # 640: 1280 at 200 %
HEIGHT = 800


@dataclass(frozen=True)
class Stop:
    """path: of the page, with names of `furnish` in braces. steps: "click SELECTOR", "fill SELECTOR=TEXT" or
    "file SELECTOR" (a settings file), in order. shows: what is there when the stop is reached."""

    path: str
    steps: tuple[str, ...] = ()
    shows: str = "#live.on"


RECEIVING = "/compositions/{name}/settings/receiving"
ROW = "tr[data-composition='{name}']"
STOPS = {
    "compositions": Stop("/compositions"),
    "receiving": Stop(RECEIVING),
    "receiving-refused": Stop(RECEIVING, ("fill [id='receiving.max_sessions']=0", "click #save"), "#refused"),
    "standard": Stop("/compositions/sandbox/settings/receiving"),
    "relay": Stop("/compositions/{name}/settings/relay"),
    "delivery-speed": Stop("/compositions/{name}/settings/delivery-speed", ("click [data-add-row]",)),
    "forwarding": Stop("/compositions/{name}/settings/forwarding", ("click #pane-relay [data-add-row]",)),
    "advanced": Stop("/compositions/{name}/settings/advanced"),
    "advanced-standard": Stop("/compositions/sandbox/settings/advanced"),
    "history": Stop("/compositions/{name}/history"),
    "mails": Stop("/mails"),
    "mails-none": Stop("/mails?search=nothing+is+like+this"),
    "mail": Stop("/mails/{mail}"),
    "mail-html": Stop("/mails/{mail}?part=html"),
    "mail-headers": Stop("/mails/{mail}?part=headers"),
    "mail-parts": Stop("/mails/{mail}?part=parts"),
    "mail-filters": Stop("/mails/{mail}?part=filters"),
    "mail-raw": Stop("/mails/{mail}?part=raw"),
    "mail-dialogue": Stop("/mails/{mail}?part=dialogue"),
    "journey": Stop("/mails/{mail}/journey"),
    "refusals": Stop("/refusals"),
    "refusal": Stop("/refusals/{refusal}"),
    "errors": Stop("/report/errors"),
    "operation-log": Stop("/operation-log"),
    "login-log": Stop("/operation-log/logins"),
    "delivery-log": Stop("/report/deliveries"),
    "delivery-graph": Stop("/report/graph", shows="#graph[data-drawn]"),
    "error-graph": Stop("/report/error-graph"),
    "statistics": Stop("/report/statistics"),
    "suppression": Stop("/suppression", shows="tr[data-block]"),
    "suppression-freed": Stop("/suppression?removed=yes"),
    "suppression-terms": Stop("/suppression/{name}/terms"),
    "suppression-refused": Stop(
        "/suppression/{name}/terms", ("fill #run_at=25:00", "click #terms-form .settings-foot button"), "#error-run_at"
    ),
    "dialog-shortcuts": Stop(
        "/mails", ("click .desk-tools [data-bs-toggle=dropdown]", "click #open-shortcuts"), "#shortcuts-on"
    ),
    "monitor": Stop("/monitor", shows="#monitor[data-live]"),
    "monitor-relay": Stop("/monitor?server=relay", shows="#monitor[data-live]"),
    "simulator": Stop("/simulator"),
    "simulator-lesson": Stop("/simulator?preset=spam"),
    "simulator-missing": Stop("/simulator?preset=event&composition=sandbox"),
    "simulator-refused": Stop("/simulator", ("fill #to=nobody", "click #start"), "#fault-to"),
    "simulator-run": Stop(
        "/simulator?preset=domain&composition={name}", ("click #start",), "#runs [data-verdict=kept]"
    ),
    "webhook": Stop("/api-settings/webhook/inbound?composition={name}"),
    "webhook-empty": Stop("/api-settings/webhook/inbound?composition=sandbox"),
    "webhook-form": Stop("/api-settings/webhook/inbound/{name}/0"),
    "webhook-refused": Stop("/api-settings/webhook/inbound/{name}/0", ("fill #endpoint=x", "click #save"), "#refused"),
    "webhook-tested": Stop("/api-settings/webhook/inbound/{name}/0", ("click [data-test-condition]",), "#tested h3"),
    "webhook-event": Stop("/api-settings/webhook/event/{name}"),
    "webhook-log": Stop("/api-settings/webhook/log"),
    "delivery": Stop("/api-settings/webhook/log/{delivery}"),
    "catcher": Stop("/api-settings/webhook/catcher"),
    "catcher-caught": Stop("/api-settings/webhook/catcher?of={catcher}", shows="#caught-request"),
    "destinations": Stop("/api-settings/webhook/hosts"),
    "destinations-refused": Stop(
        "/api-settings/webhook/hosts", ("fill #hosts=169.254.1.1", "click #save-reach"), "#refused"
    ),
    "security": Stop("/compositions/{name}/settings/security", ("click #add-mail-user",)),
    "api-users": Stop("/api-settings/users"),
    "api-users-refused": Stop("/api-settings/users", ("fill #api_user=a b", "click #add-user"), "#api_user.is-invalid"),
    "api-user": Stop("/api-settings/users/user-{name}"),
    "connected-ips": Stop("/account/connected-ips?address=192.0.2.7"),
    "connected-ips-refused": Stop(
        "/account/connected-ips", ("fill #address=192.0.2.0/24", "click #save-ip"), "#address.is-invalid"
    ),
    "dns": Stop("/world/dns?name=return.example.com&kind=MX"),
    "dns-refused": Stop("/world/dns", ("fill #name=*.x", "click #enter"), "#fault-name"),
    "world-destinations": Stop("/world/destinations"),
    "domain-doctor": Stop("/world/domains"),
    "lessons": Stop("/lessons"),
    "lessons-refused": Stop("/lessons", ("fill #learner= ", "click #choose-learner .btn-primary"), "#fault-learner"),
    "lesson": Stop("/lessons/interval"),
    "lessons-overview": Stop("/lessons/learners/overview"),
    "display": Stop("/display"),
    "retention": Stop("/retention"),
    "about": Stop("/about"),
    "welcome": Stop("/welcome"),
    "welcome-program": Stop("/welcome/program?composition={name}"),
    "acceptance": Stop("/acceptance"),
    "demo": Stop("/demo"),
    "missing": Stop("/nothing"),
    "dialog-leave": Stop(
        RECEIVING, ("fill [id='receiving.max_sessions']=0", "click .desk-tabs [href='/mails']"), "#leave[open]"
    ),
    "dialog-reflect": Stop("/compositions", (f"click {ROW} [hx-get$='/apply']",), "#apply-now"),
    "dialog-new": Stop("/compositions", ("click [hx-get='/compositions/new']",), "#subdomain"),
    "dialog-new-refused": Stop(
        "/compositions",
        ("click [hx-get='/compositions/new']", "fill #subdomain=NO NO", "click #dialog .btn-primary"),
        "#dialog .field-error",
    ),
    "dialog-export": Stop("/compositions", (f"click {ROW} [hx-get$='/export']",), "#export-now"),
    "dialog-remove": Stop("/compositions", (f"click {ROW} [hx-get$='/remove']",), "#remove-now"),
    "dialog-import": Stop("/compositions", ("click .page-head [hx-get='/import']",), "#import-file"),
    "dialog-import-preview": Stop(
        "/compositions",
        ("click .page-head [hx-get='/import']", "file #import-file", "click #dialog .btn-primary"),
        "#preview",
    ),
    "dialog-import-refused": Stop(
        "/compositions",
        ("click .page-head [hx-get='/import']", "click #dialog .btn-primary"),
        "#dialog .alert",
    ),
    "dialog-bounce": Stop("/report/errors", ("click tr[data-bounce] button",), "#override"),
    "dialog-clear": Stop("/mails", ("click [hx-get='/mails/clear']",), "#clear-now"),
}


def visit(page: Page, site: Site, stop: Stop, shown: dict[str, str], file: Path) -> None:
    """Go to a stop. shown: what `furnish` made. file: for the file fields."""
    page.goto(site.base + stop.path.format(**shown))
    page.wait_for_selector("#live.on")
    for step in stop.steps:
        verb, _, rest = step.format(**shown).partition(" ")
        if verb == "click":
            page.locator(rest).first.click()
        elif verb == "fill":
            selector, _, text = rest.rpartition("=")
            page.fill(selector, text)
        else:
            page.set_input_files(rest, file)
    page.wait_for_selector(stop.shows.format(**shown))


#: What axe-core measures stays where it is: nothing is swapped in any more once it has begun.
HOLD = "document.addEventListener('htmx:beforeSwap', (event) => { event.detail.shouldSwap = false; })"


def find_faults(page: Page, axe: str, *rules: str) -> list[str]:
    """What axe-core finds in a page, of any impact: rule, the first element, and why. rules: only these."""
    page.evaluate(HOLD)
    page.evaluate(axe)
    options = {"resultTypes": ["violations"], "iframes": False} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} {json.dumps(each['nodes'][0]['any'][:1])[:300]}"
        for each in found["violations"]
    ]


def find_overflow(page: Page) -> Iterator[str]:
    """What needs sideways scrolling: the page, a table, or a button or field that is cut off; a bar that takes much of
    a phone; and short words in tables that are torn into two lines."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from (f"{width}: {fault}" for fault in page.evaluate(OVERFLOW))
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})


OVERFLOW = """() => {
  const root = document.documentElement;
  const faults = root.scrollWidth > root.clientWidth ? [`page ${root.scrollWidth}`] : [];
  const tabs = [...document.querySelectorAll(".desk-tabs a")].map((each) => each.getBoundingClientRect().top | 0);
  if (new Set(tabs).size > 2) faults.push("the bar has more than two rows of tabs");
  const open = document.querySelector("dialog[open]") || document;
  for (const each of open.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, .mark")) {
    const box = each.getBoundingClientRect();
    if (!box.width || !each.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (each.closest(".skip-link, .cut, .visually-hidden")) continue;
    if (box.left < -1 || box.right > root.clientWidth + 1) faults.push(`cut off: ${each.outerHTML.slice(0, 100)}`);
  }
  for (const each of open.querySelectorAll(".table-responsive")) {
    if (each.scrollWidth > each.clientWidth + 1) faults.push(`table ${each.scrollWidth} of ${each.clientWidth}`);
  }
  for (const each of open.querySelectorAll("tbody :is(td, th, td *)")) {
    const text = each.firstChild;
    if (text?.nodeType !== Node.TEXT_NODE || !/^\\s*[\\w.]{2,12}\\s*$/.test(text.data)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
    if (lines.size > 1) faults.push(`torn: ${text.data}`);
  }
  return faults.slice(0, 3);
}"""
