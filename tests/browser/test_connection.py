"""The server goes, comes back, or does not know the page any more: the page says so and loses nothing."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

PLACE = "compositions/pro/settings/receiving"
UNREACHABLE, LOCKED, BACK = "応答しません", "ロックされています", "再び応答"


@pytest.fixture
def page(browser: Browser) -> Any:
    """A page that may meet errors."""
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 860})
    yield context.new_page()
    context.close()


def open_form(page: Page, served: Any) -> None:
    page.goto(served.note["url"])
    page.goto(f"{served.base}{PLACE}")
    page.locator('[name="receiving.size_kb"]').fill("777")


def press_save(page: Page) -> None:
    page.get_by_role("button", name="保存する").first.click()


def read_saved(served: Any) -> int:
    return int(served.get("compositions/pro/draft")["settings"]["receiving"]["size_kb"])


def test_a_restart_loses_nothing_and_says_what_is_going_on(page: Page, start_serve: Any, wait_for: Any) -> None:
    first = start_serve()
    open_form(page, first)
    assert first.stop() == 0
    press_save(page)
    expect(page.locator("#connection")).to_contain_text(UNREACHABLE)
    expect(page.locator('[name="receiving.size_kb"]')).to_have_value("777")
    second = start_serve("--port", first.base.rpartition(":")[2].rstrip("/"))
    expect(page.locator("#connection")).to_contain_text(BACK, timeout=20_000)
    expect(page.locator('[name="receiving.size_kb"]')).to_have_value("777")
    press_save(page)
    wait_for(lambda: read_saved(second) == 777)
    expect(page.locator("#connection")).to_have_count(0)


def test_a_lost_cookie_is_told_and_another_tab_unlocks(page: Page, start_serve: Any, wait_for: Any) -> None:
    served = start_serve()
    open_form(page, served)
    page.context.clear_cookies()
    press_save(page)
    expect(page.locator("#connection")).to_contain_text(LOCKED)
    expect(page.locator('[name="receiving.size_kb"]')).to_have_value("777")
    page.context.new_page().goto(served.note["url"])
    expect(page.locator("#connection")).to_contain_text(BACK, timeout=10_000)
    press_save(page)
    wait_for(lambda: read_saved(served) == 777)
