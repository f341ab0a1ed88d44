"""Lists that grow while one looks: the focus stays, a list is held still, several rows are chosen, keys do it all."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site

FOCUSED = "document.activeElement.id"
BOUNCE = (
    b"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered\r\nContent-Type: text/plain\r\n\r\n"
    b"<b@x.example>: 550 5.1.1 User unknown\r\n"
)


def mail_ids(site: Site, name: str) -> list[int]:
    """Newest first."""
    return [each["id"] for each in site.api(f"mails?composition={name}")["mails"]]


def test_a_row_keeps_the_focus_while_others_arrive(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    site.send(name, b"Subject: first\r\n\r\n")
    page = open_page(f"/mails?composition={name}")
    rows = page.locator("#mail-list tbody tr")
    rows.first.get_by_role("link").focus()
    held = page.evaluate(FOCUSED)
    for number in range(2, 4):
        site.send(name)
        expect(rows).to_have_count(number)
        assert page.evaluate(FOCUSED) == held
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("first")


def test_the_focus_goes_to_the_last_row_when_its_own_slides_off(
    open_page: Callable[[str], Page], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.console.mails.mails_page.PAGE_LENGTH", 2)
    name = site.add_composition(interval_ms=10)
    for _ in range(2):
        site.send(name)
    page = open_page(f"/mails?composition={name}")
    page.locator("#mail-list tbody tr").nth(1).get_by_role("link").focus()
    middle = page.locator("#mail-list tbody tr").nth(0).get_attribute("id")
    site.send(name)
    expect(page.locator("#mail-list tbody tr").nth(1)).to_have_attribute("id", str(middle))
    assert page.evaluate(FOCUSED) == f"open-{middle}"


@pytest.mark.parametrize("topic", ["refusals", "errors", "deliveries"])
def test_the_other_lists_keep_the_focus_too(
    open_page: Callable[[str], Page], site: Site, wait_for: Callable[..., Any], topic: str
) -> None:
    hook = {"name": "all", "endpoint": "http://127.0.0.1:9/", "condition": [{"header": "Subject", "pattern": "."}]}
    name = site.add_composition(interval_ms=10, bounce_domains=["back.example"], inbound_webhook=[hook])
    path, one = {
        "refusals": (f"/refusals?composition={name}", lambda: site.send(name, to="x@foreign.example")),
        "errors": (f"/report/errors?composition={name}", lambda: site.send(name, BOUNCE, to="r@back.example")),
        "deliveries": (f"/api-settings/webhook/log?composition={name}", lambda: site.send(name)),
    }[topic]
    page = open_page(path)
    rows = page.locator("main tbody tr[id]")
    one()
    expect(rows).to_have_count(1)
    rows.first.locator("a[id], button[id]").first.focus()
    held = page.evaluate(FOCUSED)
    seen = int(time.time())
    wait_for(lambda: time.time() > seen + 1)  # refusals of one second are one row
    one()
    expect(rows).to_have_count(2)
    assert page.evaluate(FOCUSED) == held


def test_a_list_is_held_still_and_counts_what_came(open_page: Callable[[str], Page], site: Site, screens: Path) -> None:
    name = site.add_composition(interval_ms=10)
    site.send(name)
    page = open_page(f"/mails?composition={name}")
    rows = page.locator("#mail-list tbody tr")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="一時停止").click()
    button = page.get_by_role("button", name="再開")
    site.send(name)
    expect(button).to_contain_text("新着 1 件")
    site.send(name)
    expect(button).to_contain_text("新着 2 件")
    expect(rows).to_have_count(1)
    page.screenshot(path=screens / "mails-held-ja-light.png")
    button.click()
    expect(rows).to_have_count(3)
    expect(page.get_by_role("button", name="一時停止")).not_to_contain_text("新着")
    site.send(name)
    expect(rows).to_have_count(4)


def test_several_are_chosen_with_shift_and_outlive_an_arrival(
    open_page: Callable[[str], Page], site: Site, screens: Path
) -> None:
    name = site.add_composition(interval_ms=10)
    for _ in range(4):
        site.send(name)
    ids = mail_ids(site, name)
    page = open_page(f"/mails?composition={name}")
    remove = page.get_by_role("button", name="選択したメールを削除")
    expect(remove).to_be_disabled()
    boxes = page.locator("input.choose")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(remove).to_contain_text("3")
    site.send(name)
    expect(boxes).to_have_count(5)
    expect(page.locator("input.choose:checked")).to_have_count(3)
    expect(remove).to_contain_text("3")
    page.screenshot(path=screens / "mails-chosen-ja-light.png")
    with page.expect_download() as download:
        page.get_by_role("button", name="選択したメールを書き出す").click()
    assert Path(download.value.path()).read_bytes().count(b"Subject: hello") == 3
    page.once("dialog", lambda dialog: dialog.accept())
    remove.click()
    expect(page.locator("#flash")).to_contain_text("3 通のメールを削除しました")
    assert mail_ids(site, name)[1:] == ids[3:]


def test_keys_walk_choose_open_and_go_on(open_page: Callable[[str], Page], site: Site, screens: Path) -> None:
    name = site.add_composition(interval_ms=10)
    for number in range(3):
        site.send(name, f"Subject: number-{number}\r\n\r\n".encode())
    page = open_page(f"/mails?composition={name}")
    expect(page.locator("tr[data-not-read]")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("input.choose").nth(1)).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("number-2")
    for key, subject in (("j", "number-1"), ("k", "number-2")):
        expect(page.locator("#live.on")).to_have_count(1)
        page.keyboard.press(key)
        expect(page.locator("h1")).to_have_text(subject)
    expect(page.locator("#live.on")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator("#live.on")).to_have_count(1)
    expect(page.locator("tr[data-not-read]")).to_have_count(1)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="再開")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("j?")
    expect(page.get_by_role("searchbox")).to_have_value("j?")


def test_the_sheet_of_keys_opens_and_switches_them_off(
    open_page: Callable[[str], Page], site: Site, screens: Path
) -> None:
    page = open_page("/mails")
    page.keyboard.press("?")
    sheet = page.locator("#dialog[open]")
    expect(sheet).to_contain_text("キーボードショートカット")
    page.screenshot(path=screens / "shortcuts-ja-light.png")
    page.get_by_label("これらのキーを使う").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(sheet).to_have_count(0)
    page.reload()
    page.keyboard.press("?")
    expect(sheet).to_have_count(0)
    page.locator(".desk-tools [data-bs-toggle=dropdown]").click()
    page.locator("#open-shortcuts").click()
    page.get_by_label("これらのキーを使う").check()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(sheet).to_have_count(1)


def test_a_mail_tells_why_no_notification_matched(open_page: Callable[[str], Page], site: Site, screens: Path) -> None:
    condition = [{"header": "Subject", "pattern": "^お問い合わせ$"}]
    hook = {"name": "問い合わせ", "endpoint": "http://127.0.0.1:9/", "condition": condition}
    name = site.add_composition(interval_ms=10, inbound_webhook=[hook])
    site.send(name, "Subject: お問い合わせの件\r\n\r\n".encode())
    page = open_page(f"/mails/{mail_ids(site, name)[0]}")
    page.get_by_role("link", name="なぜどの受信通知にも一致しなかったか").click()
    row = page.locator("[data-filter=問い合わせ] tbody tr")
    expect(row).to_contain_text("^お問い合わせ$")
    expect(row).to_contain_text("お問い合わせの件")
    expect(row).to_contain_text("一致しません")
    page.screenshot(path=screens / "mail-filters-ja-light.png")
