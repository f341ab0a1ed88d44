"""API設定 → Webhook: the form, the pattern tester, the test notification, the log and 再送."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, Watch


class Hook(BaseHTTPRequestHandler):
    """An endpoint that answers what the server's `code` says."""

    def do_POST(self) -> None:
        """Take one call."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.code)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    """A real endpoint on loopback; `code` is what it answers."""
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.code = 200  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_notification_is_made_tried_and_saved(
    open_page: Callable[[str], Page], site: Site, hook: HTTPServer, screens: Path
) -> None:
    name = site.add_composition(interval_ms=10)
    site.send(name, b"To: Info <info@test.example>\r\nSubject: stored\r\n\r\n")
    page = open_page(f"/api-settings/webhook/inbound?composition={name}")
    page.get_by_role("link", name="受信通知を追加").first.click()
    page.fill("#name", "問い合わせ")
    page.fill("#endpoint", f"http://127.0.0.1:{hook.server_port}/hook")
    page.locator("#conditions input").nth(1).fill(r"info@test\.example")
    page.locator("[data-test-condition]").click()
    expect(page.locator("#tested mark").first).to_have_text("info@test.example")
    page.fill("#test-value", "nobody@test.example")
    expect(page.locator("#typed-verdict")).to_contain_text("一致しません")
    page.locator("#send-test").click()
    expect(page.locator("#test-result")).to_contain_text("配信済み")
    page.screenshot(path=screens / "webhook-form-ja-light.png")
    page.locator("#add-condition").click()
    page.locator("#save").click()
    expect(page.locator("#flash")).to_contain_text("保存しました")
    (saved,) = site.api(f"compositions/{name}/draft")["settings"]["inbound_webhook"]
    assert saved["name"] == "問い合わせ" and len(saved["condition"]) == 1, "the empty row is left out"


def test_a_fault_is_told_and_a_notification_removed(open_page: Callable[[str], Page], site: Site, watch: Watch) -> None:
    watch.expected.append("status of 422")
    name = site.add_composition()
    page = open_page(f"/api-settings/webhook/inbound/{name}/new")
    page.fill("#name", "x")
    page.fill("#endpoint", "http://far.example/")
    page.locator("#conditions input").nth(1).fill("(")
    page.locator("#save").click()
    expect(page.locator(".field-error")).to_have_count(2)
    page.fill("#endpoint", "https://far.example/")
    page.locator("#conditions input").nth(1).fill("x")
    page.locator("#save").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="x を削除").click()
    expect(page.locator("#flash")).to_contain_text("削除しました")
    assert site.api(f"compositions/{name}/draft")["settings"]["inbound_webhook"] == []


def test_redelivery_from_the_log(open_page: Callable[[str], Page], site: Site, hook: HTTPServer, screens: Path) -> None:
    hook.code = 500  # type: ignore[attr-defined]
    one = {
        "name": "form", "endpoint": f"http://127.0.0.1:{hook.server_port}/",
        "condition": [{"header": "To", "pattern": "info"}],
    }  # fmt: skip
    name = site.add_composition(inbound_webhook=[one], interval_ms=10)
    page = open_page(f"/api-settings/webhook/log?composition={name}")
    site.send(name, b"To: info@test.example\r\nSubject: hook\r\n\r\n")
    row = page.locator("tr[data-delivery]")
    expect(row).to_contain_text("待機中")
    expect(row.locator("td").nth(5)).to_have_text("1")
    expect(row.locator("[data-due-at]")).to_have_text(re.compile(r"0:0\d|0:10"))
    row.get_by_role("link").first.click()
    expect(page.locator(".attempt")).to_contain_text("500")
    hook.code = 200  # type: ignore[attr-defined]
    page.locator("#retry").click()
    expect(page.locator(".attempt").first).to_contain_text("200")
    expect(page.locator("#delivery .mark").first).to_have_text("配信済み")
    page.screenshot(path=screens / "delivery-ja-light.png")


@pytest.fixture
def one_filter(site: Site) -> str:
    """A composition with one notification."""
    one = {"name": "form", "endpoint": "http://127.0.0.1:9/", "condition": [{"header": "To", "pattern": "info"}]}
    return site.add_composition(inbound_webhook=[one])


def filters_of(site: Site, name: str) -> list[Any]:
    filters: list[Any] = site.api(f"compositions/{name}/draft")["settings"]["inbound_webhook"]
    return filters


def test_leaving_a_notification_saves_it(open_page: Callable[[str], Page], site: Site, one_filter: str) -> None:
    page = open_page(f"/api-settings/webhook/inbound/{one_filter}/0")
    page.fill("#endpoint", "http://127.0.0.1:9/other")
    page.click(".desk-tabs >> text=モニター")
    page.wait_for_url(re.compile("/monitor$"))
    assert filters_of(site, one_filter)[0]["endpoint"] == "http://127.0.0.1:9/other"


def test_a_new_notification_survives_reload_language_and_back(
    open_page: Callable[[str], Page], site: Site, one_filter: str
) -> None:
    page = open_page(f"/api-settings/webhook/inbound/{one_filter}/new")
    page.fill("#name", "second")
    page.fill("#endpoint", "http://127.0.0.1:9/second")
    page.locator("#conditions input").nth(1).fill("x")
    page.reload()
    page.wait_for_url(re.compile("/1$"))
    expect(page.locator("#endpoint")).to_have_value("http://127.0.0.1:9/second")
    assert [each["name"] for each in filters_of(site, one_filter)] == ["form", "second"]
    page.fill("#endpoint", "http://127.0.0.1:9/third")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="日本語")).to_be_visible()
    expect(page.locator("#endpoint")).to_have_value("http://127.0.0.1:9/third")
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("button", name="English")).to_be_visible()
    page.goto(f"{site.base}/monitor")
    page.go_back()
    expect(page.locator("#endpoint")).to_have_value("http://127.0.0.1:9/third")
    page.fill("#endpoint", "http://127.0.0.1:9/fourth")
    page.locator("#save").click()
    expect(page.locator("#flash")).to_contain_text("保存しました")
    assert filters_of(site, one_filter)[1]["endpoint"].endswith("fourth")


def test_leaving_a_notification_that_cannot_be_saved(
    open_page: Callable[[str], Page], site: Site, watch: Watch, one_filter: str
) -> None:
    watch.expected.append("status of 422")
    page = open_page(f"/api-settings/webhook/inbound/{one_filter}/new")
    page.fill("#name", "half")
    page.click(".desk-tabs >> text=モニター")
    page.get_by_role("button", name="未保存のまま移動する").click()
    page.wait_for_url(re.compile("/monitor$"))
    page.goto(f"{site.base}/api-settings/webhook/inbound/{one_filter}/new")
    expect(page.locator("#name")).to_have_value("half")
    expect(page.locator("#restored")).to_be_visible()
    page.click(".desk-tabs >> text=モニター")
    page.get_by_role("button", name="破棄して移動する").click()
    page.wait_for_url(re.compile("/monitor$"))
    assert [each["name"] for each in filters_of(site, one_filter)] == ["form"]


def test_a_notification_that_was_moved_or_changed_elsewhere(
    open_page: Callable[[str], Page], site: Site, watch: Watch, one_filter: str
) -> None:
    watch.expected.append("status of 409")
    page = open_page(f"/api-settings/webhook/inbound/{one_filter}/0")
    page.fill("#endpoint", "http://127.0.0.1:9/mine")
    draft = site.api(f"compositions/{one_filter}/draft")["settings"]
    first = draft["inbound_webhook"][0] | {"name": "before it"}
    draft["inbound_webhook"] = [first, *draft["inbound_webhook"]]
    site.api(f"compositions/{one_filter}/draft", "PUT", {"settings": draft})
    page.click(".desk-tabs >> text=モニター")  # another one came before it: no conflict, and it goes into its own place
    page.wait_for_url(re.compile("/monitor$"))
    assert [each["endpoint"][-5:] for each in filters_of(site, one_filter)] == ["0.1:9/"[-5:], "/mine"]
    page.goto(f"{site.base}/api-settings/webhook/inbound/{one_filter}/1")
    page.fill("#endpoint", "http://127.0.0.1:9/again")
    draft["inbound_webhook"][1]["endpoint"] = "http://127.0.0.1:9/theirs"
    site.api(f"compositions/{one_filter}/draft", "PUT", {"settings": draft})
    page.locator("#save").click()
    expect(page.locator("#conflict .change-old")).to_contain_text("theirs")
    expect(page.locator("#endpoint")).to_have_value("http://127.0.0.1:9/again")
    page.get_by_role("button", name="この画面の内容で保存する").click()
    expect(page.locator("#flash")).to_contain_text("保存しました")
    assert filters_of(site, one_filter)[1]["endpoint"].endswith("again")


def test_the_result_of_a_test_is_in_sight(
    open_page: Callable[[str], Page], hook: HTTPServer, one_filter: str, site: Site
) -> None:
    page = open_page(f"/api-settings/webhook/inbound/{one_filter}/0")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # else it is still scrolling when it is looked at
    page.fill("#endpoint", f"http://127.0.0.1:{hook.server_port}/")
    for place in (None, f"/api-settings/webhook/event/{one_filter}"):
        if place:
            page.goto(site.base + place)
            page.fill("[id='event_webhook.endpoint']", f"http://127.0.0.1:{hook.server_port}/")
        page.locator("#send-test").click()
        expect(page.locator("#test-result")).to_contain_text("配信済み")
        mark = page.locator("#test-result .mark")
        expect(mark).to_be_in_viewport()
        box = mark.bounding_box()
        assert box
        covers = "([x, y]) => document.elementFromPoint(x, y).matches('#test-result .mark')"
        assert page.evaluate(covers, [box["x"] + 5, box["y"] + 5]), "something lies over the result"
