"""Where things stand in wide and narrow windows, and that nothing blinks when a list is fetched anew."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cmcdesk.rules.gates import GATES
from cmcdesk.store.database import transaction
from cmcdesk.store.models import DeliveryRow

from .conftest import Site

OpenPage = Callable[[str], Page]
TOPS = "[...document.querySelectorAll('.gate')].map((gate) => Math.round(gate.getBoundingClientRect().top))"
RIGHTS = (
    "[...document.querySelectorAll('tr[data-composition] button')].map((each) => each.getBoundingClientRect().right)"
)


@pytest.mark.parametrize(("width", "rows"), [(1280, 1), (1600, 1), (900, 2)])
def test_the_way_of_a_mail_stands_in_even_rows(open_page: OpenPage, width: int, rows: int) -> None:
    page = open_page("/monitor")
    page.set_viewport_size({"width": width, "height": 800})
    tops = page.evaluate(TOPS)
    assert len(tops) == len(GATES) + 4 and len(set(tops)) == rows, (
        "what is no gate: connecting, interval, bounces, webhooks"
    )
    assert {tops.count(top) for top in tops} <= {len(tops) // rows, -(-len(tops) // rows)}


def test_every_operation_is_in_a_narrow_window(open_page: OpenPage) -> None:
    page = open_page("/compositions")
    page.set_viewport_size({"width": 900, "height": 800})
    assert max(page.evaluate(RIGHTS)) < 900


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
