"""The program's tests: a cmcdesk of their own, no sleep and no loop: what takes a moment is waited for by one request.

pytest docs/examples/contact_form
"""

import json
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from program import Shop, serve_webhooks

SETTINGS = """
[[composition]]
name = "pro"
[composition.receiving]
interval_ms = 10
inbound_domains = ["mailform.example.com"]
[[composition.inbound_webhook]]
name = "contact form"
endpoint = "http://127.0.0.1:{port}/webhook"
format = "json"
[[composition.inbound_webhook.condition]]
header = "To"
pattern = 'info@mailform\\.example\\.com'
"""
BOUNCE = """\
From: MAILER-DAEMON@mx.example.net
To: shop@return.pro.smtps.jp
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

Your mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
--b--
"""


class Desk:
    """A running cmcdesk, as its ready file describes it."""

    def __init__(self, note: dict[str, Any]) -> None:
        self.base = note["url"].partition("/?")[0]
        self.token = note["token"]
        host, _, port = note["compositions"][0]["receiving"].rpartition(":")
        self.smtp = (host, int(port))

    def api(self, path: str, body: Any = None, **query: Any) -> Any:
        """One call of cmcdesk's own API."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urlopen(Request(f"{self.base}/api/v1/{path}?{urlencode(query)}", content, headers), timeout=60) as answer:
            return json.load(answer)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The program, its web server running; it learns below where the mail server is."""
    shop = Shop(("", 0), "")
    server = serve_webhooks(shop)
    shop.webhook_port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield shop
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def desk(shop: Shop, tmp_path: Path) -> Iterator[Desk]:
    """`cmcdesk serve` on free ports: when its first line is there, everything is listening."""
    settings, ready = tmp_path / "settings.toml", tmp_path / "ready.json"
    settings.write_text(SETTINGS.format(port=shop.webhook_port))
    command = [sys.executable, "-m", "cmcdesk", "serve", "--data-dir", tmp_path / "data", "--settings", settings]
    command += ["--port", "0", "--receiver-port", "0", "--ready-file", ready]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serve:
        assert serve.stdout.readline(), "it did not start"
        desk = Desk(json.loads(ready.read_text()))
        shop.smtp, shop.api = desk.smtp, desk.base
        yield desk
        serve.terminate()


def test_what_a_visitor_sends_becomes_a_ticket(shop: Shop, desk: Desk) -> None:
    shop.send_form("visitor@example.org", "注文について", "いつ届きますか")
    [delivery] = desk.api("deliveries", state="delivered", wait=20)["deliveries"]
    assert delivery["filter"] == "contact form"
    assert shop.tickets == ["注文について"]
    [mail] = desk.api("mails", subject="注文", recipient="info@mailform.example.com")["mails"]
    assert mail["id"] == delivery["mail_id"]


def test_an_address_that_bounced_is_written_to_no_more(shop: Shop, desk: Desk) -> None:
    user = desk.api("api-users", {"api_user": "shop"})
    with smtplib.SMTP(*desk.smtp, timeout=10) as other_server:
        other_server.sendmail("", ["shop@return.pro.smtps.jp"], BOUNCE.format(to="gone@example.net"))
    [bounce] = desk.api("bounces", recipient="gone@example.net", wait=20)["bounces"]
    assert bounce["error_status"] == 2
    shop.read_bounces("shop", user["api_key"])
    assert shop.suppressed == {"gone@example.net"}
