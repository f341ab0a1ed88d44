"""What a delivery will send, before it sends it."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from cmcdesk.console.webhook.upcoming import hide_secrets, is_writable, quote, write_curl
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import DeliveryRow
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.webhook.courier import prepare_request
from cmcdesk.webhook.payload import Payload
from cmcdesk.webhook.target import Target

from ..conftest import AddMail, Console

AddDelivery = Callable[..., str]
BOUNCE = {
    "created": "2026-11-24 10:00:00",
    "to": "<gone>@there.example",
    "status": "2",
    "subject": "x",
    "reason": "550",
}


@pytest.fixture
def settled(console: Console) -> str:
    """A composition whose notification and events go to endpoints with secrets."""
    name = console.add_composition(apply=False)
    inbound = {"name": "form", "endpoint": "http://127.0.0.1:9/hook", "format": "json", "bearer": "s3cret"}
    inbound["condition"] = [{"header": "To", "pattern": "nobody@absent"}]  # type: ignore[assignment]
    event = {"endpoint": "http://127.0.0.1:9/events", "bounces": True, "api_key": "k3y"}
    console.change(name, {"inbound_webhook": [inbound], "event_webhook": event})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    return name


@pytest.fixture
def add_delivery(console: Console, settled: str) -> Iterator[AddDelivery]:
    """`add_delivery(**columns)`: one that is due long after the test; its id."""
    made: list[DeliveryRow] = []

    def add(**changed: object) -> str:
        values: dict[str, object] = {
            "id": f"upcoming-{len(made)}", "mail_id": None, "composition": settled, "revision": 1, "filter": "form",
            "recipient": "r@test.example", "state": "waiting", "due_at": 4e9, "attempts": 0, "created_at": time.time(),
        }  # fmt: skip
        row = DeliveryRow(**values | changed)
        with transaction(console.desk._engine) as session:
            session.add(row)
        made.append(row)
        return row.id

    yield add
    with transaction(console.desk._engine) as session:
        for row in made:
            session.delete(session.get_one(DeliveryRow, row.number))


def show(console: Console, delivery_id: str) -> str:
    return console.get(f"/api-settings/webhook/log/{delivery_id}").text


def test_events_are_named_counted_listed_and_foreseen(
    console: Console, settled: str, add_delivery: AddDelivery
) -> None:
    payload = json.dumps({"bounces": [BOUNCE, BOUNCE | {"to": "second@there.example"}]})
    delivery = add_delivery(kind="event", filter="bounces", recipient="", payload=payload)
    page = show(console, delivery)
    assert "Event: Bounces" in page and "2 events" in page and "Filter name" not in page
    assert "&lt;gone&gt;@there.example" in page and "2 Unknown user" in page
    assert "Request as it will be sent" in page and "POST /events HTTP/1.1" in page
    assert "event_type=bounces" in page and "k3y" not in page and delivery in page
    rows = console.get(f"/api-settings/webhook/log?composition={settled}").text
    assert "Event: Bounces" in rows and "2 events" in rows
    assert "イベント（Bounces）" in console.get(f"/api-settings/webhook/log/{delivery}", Accept_Language="ja").text


def test_a_mail_is_foreseen(console: Console, add_mail: AddMail, add_delivery: AddDelivery) -> None:
    mail_id = add_mail(b"Subject: foreseen\r\n\r\ntext\r\n")
    with MailLog(console.desk._services.folder / "mail.db") as log:
        own = f"{log.log_id[:8]}-upcoming"
    page = show(console, add_delivery(id=own, mail_id=mail_id))
    assert "http://127.0.0.1:9/hook" in page and "POST /hook HTTP/1.1" in page
    assert "foreseen" in page and "s3cret" not in page and "Events in this notification" not in page


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mail_id": 1}, "Its mail is no longer stored"),
        ({"filter": "no such filter"}, "The settings no longer name an endpoint"),
    ],
)
def test_what_cannot_be_sent_says_why(
    console: Console, add_delivery: AddDelivery, changed: dict[str, object], told: str
) -> None:
    assert told in show(console, add_delivery(**changed))


NASTY = 'it\'s 100% \\ "日本語"\r\n\ttab $HOME `x` !'.encode() + bytes(range(1, 256))


@pytest.mark.parametrize("octets", [b"plain", b"", b"a b", b"it's", NASTY, b"{'a': 1}", b"--b\r\nx\r\n"])
def test_a_shell_reads_what_was_quoted(octets: bytes) -> None:
    done = subprocess.run(
        ["bash", "-c", f"printf %s {quote(octets)}"], capture_output=True, check=True, env={"LC_ALL": "C"}
    )
    assert done.stdout == octets


def test_the_command_has_the_request_and_no_secret() -> None:
    target = Target("https://www.example.com/a?b=c", "json", api_key="k3y", basic="user:s3cret")
    request = prepare_request(hide_secrets(target), "d-1", Payload("application/json", b'{"a": "\xe3\x81\x82"}', b""))
    command = write_curl(request, "f.bin")
    assert command.startswith("curl -X POST 'https://www.example.com/a?b=c' -H 'Content-Type: application/json' -H ")
    assert command.endswith("""--data-binary $'{"a": "\\xe3\\x81\\x82"}'""") and "X-CMCDesk-Delivery: d-1" in command
    assert "s3cret" not in command and "czNjcmV0" not in command and "Content-Length" not in command
    assert hide_secrets(target).api_key == "********" and hide_secrets(Target("x", "json")) == Target("x", "json")
    assert hide_secrets(Target("x", "json", bearer="t")).bearer == "********"


@pytest.mark.parametrize("content", [b"a\0b", b"x" * 65537, b"@/etc/passwd"])
def test_what_no_command_can_hold_is_a_file(content: bytes) -> None:
    request = prepare_request(Target("http://127.0.0.1:9/", "json"), "d-1", Payload("application/json", content, b""))
    assert not is_writable(content) and write_curl(request, "webhook-1.bin").endswith("--data-binary @webhook-1.bin")
