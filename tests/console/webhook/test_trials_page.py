"""The pattern tester and the test notification."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cmcdesk.console.webhook.trials_page import write_sample, write_sample_record
from cmcdesk.mail.mime.message import read_message
from cmcdesk.webhook.payload import shape_event_bounce

from ..conftest import AddMail, Console
from .test_filters_page import fields


class Hook(BaseHTTPRequestHandler):
    """An endpoint that answers 200 and keeps what came."""

    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        """Take one call."""
        self.server.received.append(  # type: ignore[attr-defined]
            (self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"])))
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"thank you")

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    """A real endpoint on loopback."""
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.received = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_tester_highlights_the_match(console: Console, add_mail: AddMail) -> None:
    add_mail(b"To: Info <info@test.example>\r\nSubject: tested\r\n\r\n")
    answer = console.post(
        "/api-settings/webhook/test-pattern",
        {"header": "To", "pattern": r"info@\w+", "value": "x info@there.example"},
    ).text
    assert "x <mark>info@there</mark>.example" in answer and "Info &lt;<mark>info@test</mark>.example&gt;" in answer


def test_the_tester_warns_where_search_and_whole_value_differ(console: Console) -> None:
    def ask(pattern: str, **headers: str) -> str:
        given = {"header": "X-None", "pattern": pattern, "value": "x info@there.example"}
        return console.post("/api-settings/webhook/test-pattern", given, **headers).text

    part = ask("info@there")
    assert "Whole value: does not match" in part and 'id="differs"' in part and "put .* before and after" in part
    whole = ask(".*info@there.*")
    assert "Whole value: matches" in whole and 'id="differs"' not in whole
    assert "「)」がありません" in ask("(", Accept_Language="ja")


@pytest.mark.parametrize(
    ("header", "pattern", "told"),
    [("", "x", "Give a header name"), ("To", "", "Give a header name"), ("To", "(", "Not a regular expression")],
)
def test_the_tester_says_what_is_wrong(console: Console, header: str, pattern: str, told: str) -> None:
    answer = console.post("/api-settings/webhook/test-pattern", {"header": header, "pattern": pattern, "value": "v"})
    assert told in answer.text


def test_a_test_notification_goes_out_as_a_real_one(console: Console, hook: HTTPServer) -> None:
    form = fields(endpoint=f"http://127.0.0.1:{hook.server_port}/x", api_key="k3y")
    answer = console.post("/api-settings/webhook/inbound/pro/test-notification", form).text
    assert "Delivered" in answer and "thank you" in answer and "k3y" not in answer
    ((content_type, content),) = hook.received  # type: ignore[attr-defined]
    assert content_type == "application/json" and b'"filter":"form"' in content and b"k3y" in content


def test_a_test_event_goes_out_as_typed(console: Console, hook: HTTPServer) -> None:
    form = {
        "event_webhook.endpoint": f"http://127.0.0.1:{hook.server_port}/x",
        "event_webhook.format": "json",
        "event_webhook.api_key": "k3y",
    }
    place = "/api-settings/webhook/event/pro/test-notification"
    assert "Delivered" in console.post(place, form).text
    ((content_type, content),) = hook.received  # type: ignore[attr-defined]
    sent = json.loads(content)
    assert content_type == "application/json" and sent["event_type"] == "bounces" and sent["api_key"] == "k3y"
    assert list(sent["event"]["bounces"][0]) == list(shape_event_bounce(write_sample_record(datetime.now(UTC)), 2))
    assert console.api("compositions/pro/draft").json["settings"]["event_webhook"]["endpoint"] == "", "nothing is saved"
    assert "Give an endpoint URL." in console.post(place, {"event_webhook.endpoint": ""}).text
    assert "Not sent:" in console.post(place, {"event_webhook.endpoint": "ftp://x/"}).text


def test_an_endpoint_that_is_not_there_and_a_wrong_form_are_told(console: Console) -> None:
    place = "/api-settings/webhook/inbound/pro/test-notification"
    assert "Not delivered" in console.post(place, fields(endpoint="http://127.0.0.1:1/")).text
    assert "Not sent:" in console.post(place, fields(endpoint="ftp://x/")).text


def test_the_sample_is_a_mail() -> None:
    message = read_message(write_sample())
    assert message.subject == "テスト通知 / Test notification" and message.text and "cmcdesk" in message.text
