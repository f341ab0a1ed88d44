"""配信停止 as a person uses it: a bounce, the run settings, run now, and the address is lifted again."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from .conftest import Site
from .test_screens import BOUNCE


def test_a_bounce_a_run_now_and_lifting(open_page: Callable[[str], Page], site: Site, wait_for: Any) -> None:
    name = site.add_composition(interval_ms=10, bounce_domains=["back.example"])
    site.send(name, BOUNCE, to="bounce@back.example")
    wait_for(lambda: site.count_bounces(name))
    page = open_page(f"/suppression/{name}/terms")
    expect(page.locator("#last-run")).to_have_text("未実行")
    page.locator("#run-now").click()
    expect(page.locator("#last-run")).not_to_have_text("未実行", timeout=10_000)  # by itself, once it has run
    page.goto(f"{site.base}/suppression?composition={name}")
    expect(page.locator("tr[data-block]")).to_contain_text("nobody@gone.example")
    expect(page.locator("#cancel-several")).to_be_disabled()
    page.locator("input.choose").check()
    page.locator("#cancel-several").click()
    expect(page.locator("#flash")).to_contain_text("1 件の配信停止を解除しました。")
    expect(page.locator("tr[data-block]")).to_have_count(0)
