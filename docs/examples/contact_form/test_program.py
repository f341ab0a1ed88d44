"""The program's tests: no sleep and no loop, for what takes a moment is waited for by one call.

pip install cmcdesk[pytest] && pytest
"""

import threading
from collections.abc import Iterator

import pytest
from program import Shop, serve_webhooks

from cmcdesk.testing.plugin import Cmcdesk


@pytest.fixture
def shop(cmcdesk: Cmcdesk) -> Iterator[Shop]:
    """The program, its web server running, against the CMC of the test."""
    shop = Shop((cmcdesk.host, cmcdesk.port), cmcdesk.url)
    server = serve_webhooks(shop)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    cmcdesk.set_settings({"inbound_webhook": [describe_webhook(f"http://127.0.0.1:{server.server_port}/webhook")]})
    yield shop
    server.shutdown()
    server.server_close()
    thread.join()


def describe_webhook(endpoint: str) -> dict[str, object]:
    """A notification (受信通知) of mails of the form, as in the settings file."""
    to = {"header": "To", "pattern": r"info@mailform\.example\.com"}
    return {"name": "contact form", "endpoint": endpoint, "format": "json", "condition": [to]}


def test_what_a_visitor_sends_becomes_a_ticket(shop: Shop, cmcdesk: Cmcdesk) -> None:
    shop.send_form("visitor@example.org", "注文について", "いつ届きますか")
    delivery = cmcdesk.wait_for_webhook(filter="contact form")
    assert shop.tickets == ["注文について"]
    mail = cmcdesk.wait_for_mail(to="info@mailform.example.com", subject="注文")
    assert mail["id"] == delivery["mail_id"] and "いつ届きますか" in mail["message"]["text"]


def test_an_address_that_bounced_is_written_to_no_more(shop: Shop, cmcdesk: Cmcdesk) -> None:
    cmcdesk.bounce("gone@example.net")
    assert cmcdesk.wait_for_bounce(to="gone@example.net")["error_status"] == 2
    shop.read_bounces(cmcdesk.api_user, cmcdesk.api_key)
    assert shop.suppressed == {"gone@example.net"}
