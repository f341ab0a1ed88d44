"""API設定 → Webhook: the form, the pattern tester, the test notification, the log and 再送."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

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
