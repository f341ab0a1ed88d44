"""リレーサーバ設定 and its neighbours in a browser: rows come and go, moving on saves, reflecting makes it live."""

import re
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, Watch


@pytest.fixture
def name(site: Site) -> str:
    """A composition of its own."""
    return site.add_composition()


@pytest.fixture
def open_screen(open_page: Callable[[str], Page], name: str) -> Callable[[str], Page]:
    """One screen of its server settings."""
    return lambda screen: open_page(f"/compositions/{name}/settings/{screen}")


def read_draft(site: Site, name: str) -> Any:
    return site.api(f"compositions/{name}/draft")["settings"]


def relay(site: Site, name: str, login: tuple[str, str] | None = None, subject: str = "hello") -> int:
    """The reply to one mail, handed to the relay server."""
    found = next(each for each in site.api("compositions")["compositions"] if each["name"] == name)
    host, _, port = found["relay"].rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as smtp:
        if login:
            smtp.login(*login)
        try:
            smtp.sendmail("a@app.example", ["b@dest.example"], f"Subject: {subject}\r\n\r\ntext\r\n")
        except smtplib.SMTPRecipientsRefused as refused:
            return refused.recipients["b@dest.example"][0]
        return 250


def field(path: str) -> str:
    return f"[id='{path}']"


def test_the_relay_server_is_changed_left_and_reflected(
    open_screen: Callable[[str], Page], site: Site, name: str
) -> None:
    user = f"app@{name}.example"
    key = site.api("api-users", "POST", {"api_user": user, "smtp": True})["api_key"]
    assert relay(site, name) == 250
    page = open_screen("relay")
    page.fill(field("relay.max_sessions"), "100")
    page.fill(field("relay.interval_ms"), "10")
    expect(page.locator("#per-second")).to_have_text("10,000")
    page.select_option(field("relay.access"), label="受信許可ネットワークとSMTP認証の両方を必須にする")
    page.get_by_role("textbox", name=re.compile("IP アドレスを追加")).fill("192.0.2.10")  # moving on takes it
    page.click("#go-next")
    page.wait_for_url(re.compile("/settings/receiving$"))
    saved = read_draft(site, name)["relay"]
    assert (saved["max_sessions"], saved["access"]) == (100, "network_and_auth")
    assert saved["networks"] == ["127.0.0.1", "192.0.2.10"]
    assert relay(site, name) == 250, "saved is not yet live"
    page.get_by_role("button", name="保存した設定はまだ反映されていません").click()
    expect(page.locator("#dialog")).to_contain_text("認証方法")
    expect(page.locator("#dialog")).to_contain_text(user)
    page.locator("#apply-now").click()
    expect(page.locator("#dialog")).to_contain_text("が有効です")
    assert relay(site, name) == 554
    assert relay(site, name, (user, key)) == 250
    page.goto(f"{site.base}/compositions/{name}/settings/relay")
    expect(page.locator("#save-state")).to_contain_text("運用中")
    expect(page.locator("li", has_text=user)).not_to_contain_text("反映待ち")
    expect(page.locator("#postfix-snippet")).to_contain_text(f"{user}:API_KEY")
    site.api(f"api-users/{user}", "DELETE")


def test_a_network_in_cidr_notation_is_told_and_marked(
    open_screen: Callable[[str], Page], site: Site, name: str, watch: Watch
) -> None:
    watch.expected.append("status of 422")
    page = open_screen("relay")
    adding = page.get_by_role("textbox", name=re.compile("IP アドレスを追加"))
    adding.fill("10.0.0.0/8")
    adding.press("Enter")
    page.click("#save")
    expect(page.locator(".field-error")).to_contain_text("CIDR 表記は使えません")
    expect(page.locator("li.wrong")).to_contain_text("10.0.0.0/8")
    page.get_by_role("button", name="削除する: 10.0.0.0/8").click()
    page.click("#save")
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    assert read_draft(site, name)["relay"]["networks"] == ["127.0.0.1"]


def test_speed_filters_are_added_and_removed(open_screen: Callable[[str], Page], site: Site, name: str) -> None:
    page = open_screen("delivery-speed")
    for number, (filter_name, pattern) in enumerate((("carriers", r"@docomo\.ne\.jp$"), ("hosts", r"\.example$"))):
        page.get_by_role("button", name="フィルタを追加").click()
        page.fill(field(f"delivery_speed[{number}].name"), filter_name)
        page.fill(field(f"delivery_speed[{number}].patterns"), pattern)
    page.get_by_label("ホスト名").nth(1).check()
    page.click("nav.settings-menu >> text=メール転送設定")
    page.wait_for_url(re.compile("/settings/forwarding$"))
    saved = read_draft(site, name)["delivery_speed"]
    assert [(one["name"], one["match_host"], one["max_connections"]) for one in saved] == [
        ("carriers", False, 10),
        ("hosts", True, 10),
    ]
    page.go_back()
    page.get_by_role("button", name="このフィルタを削除").first.click()
    expect(page.get_by_role("button", name="フィルタを追加")).to_be_focused()
    page.click("#save")
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    assert [one["name"] for one in read_draft(site, name)["delivery_speed"]] == ["hosts"]


def test_forwarding_is_typed_in_both_tabs_and_a_fault_opens_its_own(
    open_screen: Callable[[str], Page], site: Site, name: str, watch: Watch
) -> None:
    watch.expected.append("status of 422")
    page = open_screen("forwarding")

    def add(tab: str, address: str) -> None:
        page.click(f"#tab-{tab}")
        page.locator(f"#pane-{tab}").get_by_role("button", name="フィルタを追加").click()
        for key, value in (("name", "log"), ("header", "Subject"), ("pattern", "order"), ("address", address)):
            page.fill(field(f"forwarding.{tab}[0].{key}"), value)

    add("relay", "log@example.org")
    add("receiving", "nobody")
    page.select_option(field("forwarding.receiving[0].mode"), label="宛先を書き換える")
    page.click("#tab-relay")  # saves, and is told where the fault is
    expect(page.locator("#pane-receiving .field-error")).to_contain_text("メールアドレスを 1 つ指定してください")
    expect(page.locator("#pane-receiving")).to_be_visible()
    page.fill(field("forwarding.receiving[0].address"), "tanto@example.org")
    page.click("#save")
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    forwarding = read_draft(site, name)["forwarding"]
    assert forwarding["relay"][0]["mode"] == "copy" and forwarding["relay"][0]["address"] == "log@example.org"
    assert forwarding["receiving"][0]["mode"] == "rewrite"


def test_a_forwarding_pattern_that_takes_too_long_is_named_on_the_monitor(
    open_page: Callable[[str], Page], site: Site, name: str
) -> None:
    slow = {"name": "slow", "header": "Subject", "pattern": "(a|aa)+$", "address": "log@example.org", "mode": "copy"}
    settings = read_draft(site, name) | {"forwarding": {"relay": [slow]}}
    site.api(f"compositions/{name}/draft", "PUT", {"settings": settings})
    site.api(f"compositions/{name}/apply", "POST")
    for number in range(3):
        relay(site, name, subject="a" * 200 + f"b{number}")
    page = open_page(f"/monitor?composition={name}")
    expect(page.locator("#patterns-set-aside")).to_contain_text("slow: subject ~ (a|aa)+$")


def test_smtp_is_ticked_by_a_click_and_waits_to_be_reflected(open_page: Callable[[str], Page], site: Site) -> None:
    site.api("api-users", "POST", {"api_user": "clicked"})
    page = open_page("/api-settings/users")
    page.get_by_role("switch", name="clicked は SMTP でリレーできる").check()
    expect(page.locator("#smtp-waiting")).to_contain_text("反映待ち")
    assert {one["api_user"]: one["smtp"] for one in site.api("api-users")["api_users"]}["clicked"] is True
    site.api("api-users/clicked", "DELETE")
