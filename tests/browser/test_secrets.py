"""Secrets on the page: users of SMTP AUTH by name, and nothing secret kept in the browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, Watch


@pytest.fixture
def name(site: Site) -> str:
    """A composition of its own with one notification, which has a bearer token."""
    one = {"name": "f", "endpoint": "https://x.example/", "condition": [{"header": "To", "pattern": "x"}]}
    return site.add_composition(inbound_webhook=[one | {"bearer": "saved-secret"}])


def users_of(site: Site, name: str) -> list[str]:
    saved: Any = site.api(f"compositions/{name}/draft")["settings"]["security"]["auth_users"]
    return list(saved)


def test_users_are_added_kept_replaced_and_removed(open_page: Callable[[str], Page], site: Site, name: str) -> None:
    page = open_page(f"/compositions/{name}/settings/security")
    rows = page.locator("#mail-user-rows .mail-user")
    for user in ("app", "cron"):
        page.click("#add-mail-user")
        rows.last.locator("[name$='.user']").fill(user)
        rows.last.locator("[name$='.password']").fill(f"secret of {user}")
    page.click("#save")
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    first = users_of(site, name)
    assert [line.partition(":")[0] for line in first] == ["app", "cron"]
    expect(rows).to_have_count(2)
    assert "scrypt" not in page.content() and "secret of" not in page.content()
    expect(rows.first.locator("[name$='.password']")).to_have_value("")
    rows.last.locator("[name$='.password']").fill("another")
    page.click("#save")
    expect(rows.last.locator("[name$='.password']")).to_have_value("")
    second = users_of(site, name)
    assert second[0] == first[0] and second[1] != first[1]
    rows.first.locator("[data-drop-row]").click()
    page.click("#save")
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    assert users_of(site, name) == second[1:]


def test_input_that_is_kept_unsaved_holds_no_secret(
    open_page: Callable[[str], Page], site: Site, name: str, watch: Watch
) -> None:
    watch.expected.append("status of 422")
    users, notification = f"/compositions/{name}/settings/security", f"/api-settings/webhook/inbound/{name}/0"
    for place, wrong in ((users, ""), (notification, "x")):
        page = open_page(place)
        if wrong:
            page.fill("#endpoint", wrong)
            page.fill("#bearer", "typed-secret")
        else:
            page.click("#add-mail-user")
            page.fill("[name$='[0].password']", "typed-secret")
        page.click(".desk-tabs [href='/monitor']")
        page.click("[data-leave='keep']")
        page.wait_for_url("**/monitor")
        kept = page.evaluate("JSON.stringify({ ...sessionStorage })")
        assert f"kept:{place}" in kept and "secret" not in kept, kept
    page.goto(f"{site.base}/api-settings/webhook/inbound/{name}/0")
    expect(page.locator("#restored")).to_be_visible()
    page.fill("#endpoint", "https://y.example/")
    page.click("#save")
    expect(page.locator("#flash")).to_contain_text("保存しました")
    page.goto(f"{site.base}/api-settings/webhook/inbound/{name}/0?secrets=show")
    expect(page.locator("#bearer")).to_have_value("saved-secret")
