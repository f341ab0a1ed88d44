"""Where things stand in wide and narrow windows, and that nothing blinks when a list is fetched anew."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from cmcdesk.rules.gates import GATES
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

from .conftest import Site

OpenPage = Callable[[str], Page]
TOPS = "[...document.querySelectorAll('.gate')].map((gate) => Math.round(gate.getBoundingClientRect().top))"
OPERATIONS = """[...document.querySelectorAll("tr[data-composition] .operations")].map((each) =>
  [...each.querySelectorAll("button")].map((button) => button.getBoundingClientRect()))"""


@pytest.mark.parametrize(("width", "rows"), [(1280, 1), (1600, 1), (900, 2)])
def test_the_way_of_a_mail_stands_in_even_rows(open_page: OpenPage, width: int, rows: int) -> None:
    page = open_page("/monitor")
    page.set_viewport_size({"width": width, "height": 800})
    tops = page.evaluate(TOPS)
    drawn = GATES.keys() - {"tls", "auth", "relay"}  # these only where they are switched on, or on the relay's way
    assert len(tops) == len(drawn) + 4 and len(set(tops)) == rows, (
        "what is no gate: connecting, interval, bounces, webhooks"
    )
    assert {tops.count(top) for top in tops} <= {len(tops) // rows, -(-len(tops) // rows)}


def test_every_operation_is_in_a_narrow_window(open_page: OpenPage) -> None:
    page = open_page("/compositions")
    page.set_viewport_size({"width": 900, "height": 800})
    for buttons in page.evaluate(OPERATIONS):
        assert max(button["right"] for button in buttons) < 900
        assert len({button["top"] for button in buttons}) == 1, "beside each other, in one row"


def test_a_row_as_a_card_has_its_checkbox_beside_it_and_no_empty_values(open_page: OpenPage, site: Site) -> None:
    name = site.add_composition()
    site.send(name)
    page = open_page(f"/mails?composition={name}")
    page.set_viewport_size({"width": 400, "height": 800})
    row = page.locator("#mail-list tbody tr").first
    box, received = (row.locator("td").nth(at).bounding_box() for at in (0, 1))
    assert box and received and abs(box["y"] - received["y"]) < 5 and box["x"] + 20 < received["x"]
    values = row.locator("td[data-label]").evaluate_all("(cells) => cells.slice(1).map((each) => each.offsetHeight)")
    assert max(values) < 40, "a value is a line, its name before it"


def test_the_buttons_of_a_form_lie_above_its_fields(open_page: OpenPage) -> None:
    page = open_page("/compositions/pro/settings/receiving")
    page.set_viewport_size({"width": 1280, "height": 500})
    for top in range(0, 600, 10):
        page.evaluate("(top) => scrollTo(0, top)", top)
        box = page.locator("#save").bounding_box()
        assert box
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).id", middle) == "save"


def test_a_countdown_is_there_with_its_row(open_page: OpenPage, site: Site) -> None:
    row = DeliveryRow(
        id="layout-1", mail_id=1, composition="layout", revision=1, filter="f", recipient="r@test.example",
        state="waiting", due_at=time.time() + 3000, attempts=0, created_at=time.time(),
    )  # fmt: skip
    with transaction(site.desk._engine) as session:
        session.add(row)
    page = open_page("/api-settings/webhook/log?composition=layout")
    blank = page.evaluate(
        """async () => {
          await new Promise((done) => {
            document.body.addEventListener("htmx:afterSettle", done, { once: true });
            htmx.trigger(document.body, "cmc:deliveries");
          });
          return [...document.querySelectorAll("[data-due-at]")].filter((place) => !place.textContent).length;
        }"""
    )
    assert blank == 0
    expect(page.locator("tr[data-delivery] [data-due-at]")).to_have_text(re.compile(r"(49|50):\d\d"))
    with transaction(site.desk._engine) as session:
        session.delete(session.get_one(DeliveryRow, row.number))


def test_what_gets_the_focus_is_not_under_the_foot_of_a_form(open_page: OpenPage) -> None:
    page = open_page("/compositions/pro/settings/receiving")
    page.set_viewport_size({"width": 1280, "height": 700})
    page.emulate_media(reduced_motion="reduce")  # else it is still scrolling when it is looked at
    page.locator(".desk-brand").focus()
    hidden = """() => {
      const each = document.activeElement, box = each.getBoundingClientRect();
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const around = top.contains(each) && !top.matches(".settings-foot, .desk-bar");
      return each.contains(top) || around ? "" : each.outerHTML;
    }"""
    seen = set()
    while not page.locator("#save").evaluate("(each) => each === document.activeElement"):
        page.keyboard.press("Tab")
        assert page.evaluate(hidden) == ""
        seen.add(page.evaluate("document.activeElement.outerHTML"))
    assert len(seen) > 15


def test_a_notice_does_not_cover_what_operates(open_page: OpenPage) -> None:
    page = open_page("/compositions/pro/settings/receiving")
    page.set_viewport_size({"width": 1280, "height": 700})
    page.evaluate("notice('Something was not done.')")
    box = page.locator("#notices .alert").bounding_box()
    assert box
    over = """(box) => [...document.querySelectorAll("main button, main a, main input, .desk-bar a, .desk-bar button")]
      .filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect())
      .filter((each) => each.left < box.x + box.width && each.right > box.x)
      .filter((each) => each.top < box.y + box.height && each.bottom > box.y).length"""
    assert page.evaluate(over, box) == 0


def test_the_bar_of_a_narrow_window_is_low(open_page: OpenPage) -> None:
    page = open_page("/compositions")
    for width, most in ((400, 110), (900, 80)):
        page.set_viewport_size({"width": width, "height": 800})
        box = page.locator(".desk-bar").bounding_box()
        assert box and box["height"] <= most


def test_paper_shows_what_the_page_says_and_no_buttons(open_page: OpenPage) -> None:
    page = open_page("/compositions")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".desk-bar")).to_be_hidden()
    expect(page.locator(".operations").first).to_be_hidden()
    expect(page.locator("tr[data-composition='pro']")).to_contain_text("運用中")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    cell = page.locator("tr[data-composition='pro'] td.num").first
    assert cell.evaluate("(cell) => getComputedStyle(cell).color") == "rgb(0, 0, 0)", (
        "black letters, whatever the theme"
    )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_list_is_a_table_on_paper_too(open_page: OpenPage) -> None:
    page = open_page("/compositions")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 with margins of 1 cm
    display = "getComputedStyle(document.querySelector('.table tbody')).display"
    assert page.evaluate(display) == "block", "cards on the screen"
    page.emulate_media(media="print")
    assert page.evaluate(display) == "table-row-group"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_foot_of_a_dialog_covers_what_scrolls_below_it(open_page: OpenPage, site: Site) -> None:
    name = site.add_composition()
    page = open_page("/compositions")
    page.set_viewport_size({"width": 400, "height": 500})
    page.locator(f"tr[data-composition='{name}'] [hx-get$='/export']").click()
    foot = page.locator("#dialog footer")
    expect(foot).to_be_visible()
    assert foot.evaluate("(foot) => getComputedStyle(foot).backgroundColor") not in ("transparent", "rgba(0, 0, 0, 0)")


def test_every_delivery_shows_its_button_in_a_usual_window(open_page: OpenPage, site: Site) -> None:
    row = DeliveryRow(
        id="layout-2", mail_id=1, composition="layout", revision=1, filter="contact form", recipient="r@test.example",
        state="waiting", due_at=time.time() + 3000, attempts=1, created_at=time.time(),
    )  # fmt: skip
    with transaction(site.desk._engine) as session:
        session.add(row)
        session.flush()
        session.add(
            AttemptRow(
                delivery_number=row.number, number=1, at=time.time(), milliseconds=12345, outcome="transient",
                status=None, error="the endpoint closed the connection without an answer", request="", answer="",
            )
        )  # fmt: skip
    page = open_page("/api-settings/webhook/log?composition=layout")
    page.set_viewport_size({"width": 1280, "height": 800})
    right = page.locator("#delivery-layout-2 button").last.evaluate("(each) => each.getBoundingClientRect().right")
    assert right < 1280


def test_a_change_as_a_card_names_each_value_by_its_column(open_page: OpenPage, site: Site) -> None:
    name = site.add_composition(bounce_domains=["gone.example"])
    settings = site.api(f"compositions/{name}/draft")["settings"]
    settings["receiving"]["bounce_domains"] = ["new.example"]
    site.api(f"compositions/{name}/draft", "PUT", {"settings": settings})
    page = open_page("/compositions")
    page.set_viewport_size({"width": 400, "height": 800})
    page.locator(f"tr[data-composition='{name}'] [hx-get$='/apply']").click()
    cells = page.locator("#changes tbody tr").first.locator("td")
    expect(cells.first).to_have_attribute("data-label", "反映済み → 保存済み")
    expect(cells.last).to_have_attribute("data-label", "効果")


def test_refusals_fit_in_a_usual_window_in_english(browser: Browser, site: Site) -> None:
    name = site.add_composition()
    site.send(name, to="a-rather-long-name@foreign-destination.example")
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{site.base}/?token={site.token}")
    page.goto(f"{site.base}/refusals?composition={name}")
    expect(page.locator("#refusal-list tbody tr").first).to_be_visible()
    frame = page.locator("#refusal-list .table-responsive")
    assert frame.evaluate("(frame) => frame.scrollWidth - frame.clientWidth") == 0
    context.close()
