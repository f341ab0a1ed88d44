"""Every page and dialog in both languages and themes: it shows, asks nobody else, is clean by axe-core, and fits into
narrow windows; pictures are kept."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from .conftest import LANGUAGES, Site, Watch
from .touring import HEIGHT, STOPS, WIDTHS, find_faults, find_overflow, visit

HTML_MAIL = (
    b"From: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <yamada@sender.example>\r\nTo: info@test.example\r\n"
    b"Subject: =?UTF-8?B?44GK5ZWP44GE5ZCI44KP44Gb?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    b"\xe6\x9c\xac\xe6\x96\x87\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>\xe6\x9c\xac\xe6\x96\x87</p><script>parent.document.title='stolen'</script>"
    b"<img src='https://tracker.invalid/x.png'><link rel=stylesheet href='https://tracker.invalid/x.css'>\r\n--b--\r\n"
)
BOUNCE = (
    b"From: mailer-daemon@gone.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n'
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.gone.example\r\n\r\n"
    b"Final-Recipient: rfc822; nobody@gone.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 <nobody@gone.example>: Recipient address rejected: User unknown\r\n\r\n--b--\r\n"
)
#: In which themes each language is looked at, and axe's rules for it (none: all of them). A theme changes nothing but
#: colours, a language nothing but texts.
TEXTS_ALONE = ("button-name", "document-title", "html-has-lang", "html-lang-valid", "image-alt", "label", "link-name")
LOOKS = {"ja": (("light", ()), ("dark", ("color-contrast",))), "en": (("light", TEXTS_ALONE),)}
SETTINGS_FILE = '[[composition]]\nname = "{name}"\nsubdomain = "{name}"\n[composition.receiving]\ninterval_ms = 1000\n'


@pytest.fixture(scope="module")
def shown(site: Site, wait_for: Callable[..., Any]) -> dict[str, str]:
    """A desk with one of each thing that a page can show: their names and ids for the paths of the stops."""
    hook = {
        "name": "contact form", "endpoint": "http://127.0.0.1:9/hook",
        "condition": [{"header": "To", "pattern": "info"}, {"header": "Subject", "pattern": "."}],
    }  # fmt: skip
    name = site.add_composition([hook], interval_ms=10, bounce_domains=["back.example"])
    site.send(name, HTML_MAIL)
    site.send(name, BOUNCE, to="bounce@back.example")
    site.send(name, to="x@foreign.example")
    site.api("api-users", "POST", {"api_user": f"user-{name}"})
    site.api("connected-ips/192.0.2.7", "PUT", {"sending": False})
    draft = site.api(f"compositions/{name}/draft")["settings"]
    draft["receiving"] |= {"interval_ms": 5000, "inbound_domains": ["test.example", "a-long.name.of.a.domain.example"]}
    site.api(f"compositions/{name}/draft", "PUT", {"settings": draft})
    wait_for(lambda: site.count_bounces(name), 30)  # the worker may still be starting
    site.api(f"compositions/{name}/suppression/run", "POST", {})
    wait_for(lambda: site.api(f"suppressed?composition={name}")["suppressed"])
    mails = site.api(f"mails?composition={name}")["mails"]
    html = next(each["id"] for each in mails if each["sender"] and "back" not in str(each["recipients"]))
    refusal = wait_for(lambda: site.api(f"refusals?composition={name}")["refusals"])[0]["id"]
    delivery = wait_for(lambda: site.api(f"deliveries?composition={name}")["deliveries"])[0]["id"]
    catcher = site.api("catcher/endpoints", "POST", {"name": "toured"})
    form = {"subject": "件名", "headers": '[{"name": "To", "value": "info@test.example"}]'}
    requests.post(catcher["url"], form, files={"file1": ("写真.png", b"png", "image/png")}, timeout=10)
    wait_for(lambda: site.api(f"catcher/endpoints/{catcher['id']}/requests")["requests"])
    site.api("world/start", "POST", {})
    ids = {"mail": html, "refusal": refusal, "delivery": delivery, "catcher": catcher["id"]}
    return {"name": name} | {key: str(value) for key, value in ids.items()}


@pytest.fixture(scope="module")
def browsers(browser: Browser, site: Site) -> Iterator[dict[str, BrowserContext]]:
    """One in each language, signed in."""
    made = {}
    for language, locale in LANGUAGES.items():
        made[language] = browser.new_context(
            locale=locale, viewport={"width": WIDTHS[0], "height": HEIGHT}, reduced_motion="reduce"
        )
        made[language].request.get(f"{site.base}/?token={site.token}")
    yield made
    for context in made.values():
        context.close()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("stop", STOPS)
def test_every_page_and_dialog(
    browsers: dict[str, BrowserContext],
    site: Site,
    axe: str,
    screens: Path,
    shown: dict[str, str],
    tmp_path: Path,
    language: str,
    stop: str,
) -> None:
    watch = Watch(
        site.base, expected=[r"status of 4(04|22)", r"tracker\.invalid.*Content Security", r"^Blocked script exec"]
    )
    page = browsers[language].new_page()  # what was typed is kept by tab
    watch.attach(page)
    file = tmp_path / "settings.toml"
    file.write_text(SETTINGS_FILE.format(**shown))
    visit(page, site, STOPS[stop], shown, file)
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.title") != "stolen"
    faults = []
    for theme, rules in LOOKS[language]:
        page.emulate_media(color_scheme=theme)
        page.screenshot(path=screens / f"{stop}-{language}-{theme}.png")
        faults += [f"{theme}: {fault}" for fault in find_faults(page, axe, *rules)]
    faults += find_overflow(page)
    page.close()
    watch.check()
    assert faults == []


def test_japanese_glyphs_are_not_boxes(console: Page) -> None:
    same = console.evaluate(
        """() => { const draw = (c) => { const k = document.createElement('canvas'); k.width = k.height = 40;
        const g = k.getContext('2d'); g.font = '30px ' + getComputedStyle(document.body).fontFamily;
        g.fillText(c, 2, 32); return k.toDataURL(); }; return draw('骨') === draw('直'); }"""
    )
    assert not same, "a missing font draws the same box for every character"


def test_no_text_has_a_weight_that_japanese_fonts_lack(root: Path) -> None:
    torn = [
        each.name for each in (root / "cmcdesk/console/static").glob("*.css") if re.search(r"\b600\b", each.read_text())
    ]
    assert torn == [], "Latin letters would be bold beside Japanese ones that are not"
