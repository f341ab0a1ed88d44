"""From bounce rows to a POST: who asks for events gets them, in lists, once, whatever is killed."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from cmcdesk.bounces.reader import BounceReader
from cmcdesk.processes import paths
from cmcdesk.rules.settings import check_composition
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.bounces import NewBounce, record_bounces
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import BounceRow, CompositionRow, DeliveryRow, RevisionRow
from cmcdesk.store.desk.outbound import MailWords, NewOutbound, queue_outbound
from cmcdesk.store.desk.outbound_events import cancel_outbound
from cmcdesk.store.maillog.insertion import NewMail
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.webhook.events import (
    EventCloser,
    EventSource,
    name_list,
    queue_block_events,
    queue_bounce_events,
    queue_delivery_events,
    queue_events,
)
from cmcdesk.worker import Worker

from .test_worker import Running

WEBHOOK = {"endpoint": "http://127.0.0.1:9/", "bounces": True}
NOTICE = (
    "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; u{number}@dest.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b--\r\n"
)


@pytest.fixture
def ask(desk: Any) -> Callable[..., int]:
    """`ask(**event_webhook)`: apply settings of the composition "pro" with this event webhook; the revision."""

    def apply(**event: Any) -> int:
        settings = check_composition({"name": "pro", "event_webhook": event}).as_data()
        number: int = desk.apply()
        with transaction(desk.engine) as session:
            row = session.scalars(select(CompositionRow)).one()
            revision = session.scalars(
                select(RevisionRow).where(RevisionRow.composition_id == row.id, RevisionRow.number == number)
            ).one()
            revision.settings = settings
        return number

    return apply


def make_bounce(mail_id: int, ordinal: int = 0, **more: Any) -> NewBounce:
    facts = {
        "log_id": "0123456789abcdef", "mail_id": mail_id, "ordinal": ordinal, "composition": "pro",
        "created_at": 1_700_000_000.0, "final": True, "recipient": f"u{mail_id}@dest.example", "error_status": 2,
        "status": "5.1.1", "reply": "550", "diagnostic": "550 5.1.1 User unknown", "evidence": "", "rule": "",
        "header_from": "news@sender.example", "message_id": f"<{mail_id}@x>", "return_path": "news@r.example",
        "subject": "Hello", "api_data": "",
    }  # fmt: skip
    return NewBounce(**facts | more)


def record(desk: Any, *bounces: NewBounce, at: float = 10.0) -> None:
    with transaction(desk.engine) as session:
        rows = record_bounces(session, bounces[0].log_id, bounces[-1].mail_id, bounces)
        queue_bounce_events(session, rows, lambda: at)


def read_events(desk: Any) -> list[dict[str, str]]:
    with reading(desk.engine) as session:
        payloads = session.scalars(select(DeliveryRow.payload).order_by(DeliveryRow.number))
        return [event for payload in payloads for event in json.loads(payload or "")["bounces"]]


def test_events_carry_what_the_applied_settings_say(desk: Any, ask: Callable[..., int]) -> None:
    ask(**WEBHOOK, time_zone="UTC", version=1)
    record(desk, make_bounce(1))
    (event,) = read_events(desk)
    assert (event["created"], event["envelopeTo"]) == ("2023-11-14 22:13:20", "u1@dest.example")
    ask(**WEBHOOK)
    record(desk, make_bounce(2))
    _, second = read_events(desk)
    assert (second["created"], second["to"], second["status"]) == ("2023-11-15 07:13:20", "u2@dest.example", "2")
    with reading(desk.engine) as session:
        ids = list(session.scalars(select(DeliveryRow.id).order_by(DeliveryRow.number)))
    assert ids == ["01234567-event-1-0-0", "01234567-event-2-0-0"]


def test_who_does_not_ask_gets_none(desk: Any, ask: Callable[..., int]) -> None:
    record(desk, make_bounce(1))  # no such composition
    ask(endpoint="http://127.0.0.1:9/")
    record(desk, make_bounce(2))
    ask(**WEBHOOK)
    record(desk, make_bounce(3, composition="other"), make_bounce(4, final=False))
    assert read_events(desk) == []


def test_any_type_of_event_goes_to_who_asks_for_it(desk: Any, ask: Callable[..., int]) -> None:
    ask(endpoint="http://127.0.0.1:9/", deliveries=True, time_zone="UTC", version=1)

    def queue(event_type: Any, at: float) -> bool:
        def shape(zone: ZoneInfo, version: int) -> list[dict[str, str]]:
            return [{"zone": zone.key, "version": str(version)}]

        with transaction(desk.engine) as session:
            return queue_events(session, EventSource("pro", event_type), shape, f"{event_type}-1", at)

    assert queue("deliveries", 10.0) and not queue("blocks", 10.0) and not queue("bounces", 10.0)
    with reading(desk.engine) as session:
        (row,) = session.scalars(select(DeliveryRow))
    assert (row.id, row.filter) == ("deliveries-1-0", "deliveries")
    assert json.loads(row.payload or "") == {"deliveries": [{"zone": "UTC", "version": "1"}]}


@pytest.mark.parametrize("version", [1, 2])
def test_what_happened_to_mails_on_their_way_out_is_told(desk: Any, ask: Callable[..., int], version: int) -> None:
    ask(endpoint="http://127.0.0.1:9/", deliveries=True, version=version)
    words = MailWords("info@example.com", "<1@x>", "Hello", "order=1", "127.0.0.9")
    row = NewOutbound("log", 1, "pro", 1, "info@r.example", "a@dest.example", "dest.example", words=words)
    with transaction(desk.engine) as session:
        queued = queue_outbound(session, "log", 1, [row, replace(row, composition="other")], 1_700_000_000.0)
        queue_delivery_events(session, queued, lambda: 10.0)
        queue_delivery_events(session, cancel_outbound(session, 1, 1_700_000_001.0) or (), lambda: 10.5)
    with reading(desk.engine) as session:
        (delivery,) = session.scalars(select(DeliveryRow))
    assert (delivery.id, delivery.filter) == ("delivery-1-queued-1700000000000-0", "deliveries")
    first, second = json.loads(delivery.payload or "")["deliveries"]
    returned, to = ("envelopeFrom", "envelopeTo") if version == 1 else ("returnPath", "to")
    later = {} if version == 1 else {"from": "info@example.com", "apiData": "order=1"}
    assert first == {
        "reason": "", "sourceIp": "127.0.0.9", returned: "info@r.example", "created": "2023-11-15 07:13:20",
        "subject": "Hello", "messageId": "<1@x>", to: "a@dest.example", "senderIp": "", "status": "queued", **later,
    }  # fmt: skip
    assert second == first | {
        "reason": "cancelled in the queue", "sourceIp": "", "created": "2023-11-15 07:13:21", "status": "failed",
    }  # fmt: skip


def test_a_list_is_named_by_its_first_bounce() -> None:
    assert name_list(BounceRow(log_id="0123456789", mail_id=7, ordinal=2)) == "01234567-event-7-2"


def test_the_closer_waits_for_the_second_and_wakes_who_sends(desk: Any, ask: Callable[..., int]) -> None:
    ask(**WEBHOOK)
    record(desk, make_bounce(1), at=10.0)
    woken: list[str] = []
    now = [10.9]
    closer = EventCloser(desk.engine, lambda: woken.append("wake"), lambda: now[0])
    closer.tick()
    assert (woken, desk.deliveries()) == ([], [])
    now[0] = 11.0
    closer.tick()
    assert woken == ["wake"]
    assert [row.state for row in desk.deliveries()] == ["waiting"]
    closer.tick()
    closer.stop(1.0)
    assert woken == ["wake"]


@dataclass
class Bouncing:
    """Bounce mails as the mail server stores them."""

    desk: Any
    count: int = 0

    def receive(self, count: int) -> None:
        numbers = range(self.count, self.count + count)
        recipients = '[["news@return.pro.smtps.jp", "bounce"]]'
        facts = (self.desk.now, "pro", 1, 1, "127.0.0.1:1", "", recipients, 1, "", "", "")
        self.desk.log.append([NewMail(*facts, NOTICE.format(number=number).encode()) for number in numbers], [])
        self.count += count


@pytest.fixture
def bouncing(desk: Any) -> Bouncing:
    return Bouncing(desk)


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(tmp_path, lambda line: None))
        started[-1].start()
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


def read_form(content: bytes) -> dict[str, Any]:
    fields = {name: values[0] for name, values in parse_qs(content.decode(), strict_parsing=True).items()}
    return fields | {"event": json.loads(fields["event"])}


def test_bounce_mails_arrive_as_events_at_a_real_endpoint(
    desk: Any, ask: Any, bouncing: Bouncing, make_endpoint: Any, start_worker: Callable[[], Worker], wait_for: Any
) -> None:
    endpoint = make_endpoint()
    ask(endpoint=endpoint.url, bounces=True, api_key="key", basic="user:pass")
    bouncing.receive(250)
    start_worker()

    def count_events() -> int:
        return sum(len(read_form(one.content)["event"]["bounces"]) for one in endpoint.received)

    wait_for(lambda: count_events() >= 250)
    forms = [read_form(one.content) for one in endpoint.received]
    assert all(form["api_key"] == "key" and form["server_composition"] == "pro" for form in forms)
    assert {form["event_type"] for form in forms} == {"bounces"}
    failed = sorted(event["to"] for form in forms for event in form["event"]["bounces"])
    assert failed == sorted(f"u{number}@dest.example" for number in range(250))
    assert max(len(form["event"]["bounces"]) for form in forms) == 100
    assert endpoint.received[0].headers["Authorization"].startswith("Basic ")
    wait_for(lambda: {row.state for row in desk.deliveries()} == {"delivered"})
    request = desk.attempts(desk.deliveries()[0])[0].request
    assert "key" not in request.replace("api_key", "")


def test_an_endpoint_that_fails_gets_the_same_list_again(
    desk: Any, ask: Any, bouncing: Bouncing, make_endpoint: Any, start_worker: Callable[[], Worker], say: Any,
    wait_for: Any,
) -> None:  # fmt: skip
    def fail_first(handler: BaseHTTPRequestHandler, number: int) -> None:
        say(handler, 500 if number == 1 else 200)

    endpoint = make_endpoint(fail_first)
    ask(endpoint=endpoint.url, bounces=True, format="json")
    bouncing.receive(3)
    worker = start_worker()
    endpoint.await_posts(1)
    (row,) = wait_for(lambda: [one for one in desk.deliveries() if one.attempts == 1])
    with transaction(desk.engine) as session:
        session.get_one(DeliveryRow, row.number).due_at = 0.0
    worker.wake()
    first, second = endpoint.await_posts(2)
    assert first.content == second.content
    assert first.headers["X-CMCDesk-Delivery"] == second.headers["X-CMCDesk-Delivery"] == row.id
    assert len(json.loads(first.content)["event"]["bounces"]) == 3


def test_events_that_gathered_when_the_worker_died_are_sent_by_the_next(
    desk: Any, ask: Any, bouncing: Bouncing, make_endpoint: Any, start_worker: Callable[[], Worker]
) -> None:
    endpoint = make_endpoint()
    ask(endpoint=endpoint.url, bounces=True, format="json")
    bouncing.receive(5)
    with MailLog(paths.mail_db(desk.folder)) as log:  # a worker that read, and was killed before the second was over
        assert BounceReader(desk.engine, log, queue_bounce_events).read_next() == 5
        again = BounceReader(desk.engine, log, queue_bounce_events)
        assert again.read_next() == 0
    start_worker()
    (only,) = endpoint.await_posts(1)
    assert [event["to"] for event in json.loads(only.content)["event"]["bounces"]] == [
        f"u{number}@dest.example" for number in range(5)
    ]


def test_a_worker_that_is_killed_again_and_again_loses_and_doubles_no_event(
    desk: Any, ask: Any, bouncing: Bouncing, make_endpoint: Any, tmp_path: Path, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    ask(endpoint=endpoint.url, bounces=True)
    bouncing.receive(600)
    for share in (50, 200, 350, 500):  # killed while it reads, each time further on
        running = Running(tmp_path)
        wait_for(lambda share=share: count_bounces(desk) >= share)
        running.kill()
    last = Running(tmp_path)
    events_by_delivery: dict[str, list[str]] = {}

    def read_posts() -> int:
        for one in list(endpoint.received):  # a POST whose record was cut off comes twice, by the same id
            bounces = read_form(one.content)["event"]["bounces"]
            events_by_delivery[one.headers["X-CMCDesk-Delivery"]] = [bounce["to"] for bounce in bounces]
        return sum(map(len, events_by_delivery.values()))

    wait_for(lambda: read_posts() >= 600, 30)
    last.kill()
    told = sorted(address for addresses in events_by_delivery.values() for address in addresses)
    assert told == sorted(f"u{number}@dest.example" for number in range(600))
    assert count_bounces(desk) == 600


def count_bounces(desk: Any) -> int:
    with reading(desk.engine) as session:
        return session.scalar(select(func.count(BounceRow.id))) or 0


def test_lists_lose_nothing_while_one_thread_adds_and_another_closes(desk: Any, ask: Callable[..., int]) -> None:
    ask(**WEBHOOK)
    ends = threading.Event()
    clock = iter(range(10**9))
    closer = EventCloser(desk.engine, None, lambda: next(clock) * 1.0)

    def close_always() -> None:
        while not ends.is_set():
            closer.tick()

    closing = threading.Thread(target=close_always)
    closing.start()
    for number in range(1, 101):
        record(desk, make_bounce(number), at=next(clock) * 1.0)
    ends.set()
    closing.join()
    assert sorted(int(event["messageId"][1:-3]) for event in read_events(desk)) == list(range(1, 101))


def test_suppressed_addresses_are_told_with_the_keys_of_the_blocks_api(desk: Any, ask: Callable[..., int]) -> None:
    ask(endpoint="http://127.0.0.1:9/", blocks=True)
    fixed = {"composition": "pro", "occurred": 3, "status": 2, "created_at": 1_700_000_000.0}
    with transaction(desk.engine) as session:
        rows = [BlockRow(id=f"{number:013}", email=f"u{number}@dest.example", **fixed) for number in range(2)]
        session.add_all(rows)
        queue_block_events(session, rows, lambda: 10.0)
    with reading(desk.engine) as session:
        (row,) = session.scalars(select(DeliveryRow))
    assert (row.filter, row.id) == ("blocks", "blocks-0000000000000-0")
    assert json.loads(row.payload or "")["blocks"][1] == {
        "created": "2023-11-15 07:13:20", "email": "u1@dest.example", "id": "0000000000001", "occurred": "3",
        "status": "2",
    }  # fmt: skip
