"""配信停止 as a person uses it: a bounce, the run settings, run now, and the address is lifted again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from .conftest import Site, Watch
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


def test_enter_in_a_field_answers_no_question(
    open_page: Callable[[str], Page], site: Site, wait_for: Any, watch: Watch
) -> None:
    watch.expected.append("422")
    name = site.add_composition(interval_ms=10, bounce_domains=["back2.example"])
    site.send(name, BOUNCE, to="bounce@back2.example")
    wait_for(lambda: site.count_bounces(name))
    page = open_page(f"/suppression/{name}/terms")
    page.locator("#run-now").click()
    expect(page.locator("#last-run")).not_to_have_text("未実行", timeout=10_000)
    page.locator("#enabled-2").uncheck()
    page.locator("#terms-form .settings-foot button").click()
    expect(page.locator("#ask-unticked")).to_be_visible()
    page.locator("#run_at").fill("06:06")
    page.locator("#run_at").press("Enter")
    expect(page.locator("#run_at")).to_have_attribute("value", "06:06")  # the answer of the server is there
    expect(page.locator("#ask-unticked")).to_be_visible()
    assert len(site.api(f"suppressed?composition={name}")["suppressed"]) == 1


@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [
        ("/suppression/pro/terms", "#run_at", "04:00"),
        ("/suppression/pro/terms", "#run_at", "44:00"),
        ("/retention", "[name=mails]", "x"),
        ("/account/connected-ips", "[name=address]", "10.0.0.x"),
        ("/api-settings/users", "[name=api_user]", "new@example.com"),
        ("/api-settings/webhook/hosts", "[name=hosts]", "app"),
    ],
)
def test_what_a_form_holds_unsaved_is_not_left_without_a_question(
    open_page: Callable[[str], Page], path: str, field: str, typed: str
) -> None:
    page = open_page(path)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator(field).first.fill(typed)
    page.locator("a[href='/monitor']").first.click()
    expect(page.locator(field).first).to_have_value(typed)
    assert asked == ["beforeunload"]
    page.remove_listener("dialog", stay)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("a[href='/monitor']").first.click()
    expect(page.locator("#monitor")).to_be_visible()


def test_a_form_that_is_saved_asks_nothing(open_page: Callable[[str], Page]) -> None:
    page = open_page("/suppression/pro/terms")
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.locator("#run_at").fill("04:00")
    page.locator("#terms-form .settings-foot button").click()
    expect(page.locator("#flash")).to_contain_text("保存しました")
    page.locator("a[href='/monitor']").first.click()
    expect(page.locator("#monitor")).to_be_visible()
    assert asked == []
