from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete

from cmcdesk.store.desk.database import open_desk, read_cursor, reading, transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import (
    CURSOR,
    NewOutbound,
    OutboundQueue,
    OutboundRecord,
    OwnMail,
    count_outbound,
    get_outbound,
    list_due_outbound,
    list_outbound,
    list_outbound_attempts,
    list_outbound_queues,
    queue_outbound,
    read_own_octets,
    record_outbound,
)
from cmcdesk.store.desk.outbound_events import CANCELLED, cancel_outbound, try_outbound_now

LOG = "0123456789abcdef"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def make_row(mail_id: int, recipient: str = "a@dest.example", composition: str = "pro") -> NewOutbound:
    domain = recipient.rpartition("@")[2]
    return NewOutbound(LOG, mail_id, composition, 1, "info@return.example.com", recipient, domain)


def fill(engine: Engine, *rows: NewOutbound, position: int = 9, at: float = 100.0) -> None:
    with transaction(engine) as session:
        queue_outbound(session, LOG, position, rows, at)


def make_record(outbound_id: int, **changed: Any) -> OutboundRecord:
    values: dict[str, Any] = {
        "outbound_id": outbound_id, "number": 1, "at": 101.0, "milliseconds": 3, "host": "mx.dest.example",
        "address": "127.0.1.1", "code": 250, "enhanced": "2.0.0", "text": "ok", "command": "end of DATA",
        "outcome": "delivered", "state": "succeeded", "due_at": None, "ended_at": 101.0, "error_status": None,
    }  # fmt: skip
    return OutboundRecord(**values | changed)


def record(engine: Engine, *records: OutboundRecord, reports: tuple[OwnMail, ...] = ()) -> None:
    with transaction(engine) as session:
        record_outbound(session, records, reports)


def read(engine: Engine, outbound_id: int) -> OutboundRow:
    with reading(engine) as session:
        row = get_outbound(session, outbound_id)
        assert row is not None
        return row


def test_recipients_are_queued_and_the_cursor_moves_though_there_are_none(engine: Engine) -> None:
    fill(engine, make_row(4), make_row(4, "b@other.example"), position=4)
    fill(engine, position=7)
    with reading(engine) as session:
        assert (read_cursor(session, CURSOR, LOG), read_cursor(session, CURSOR, "another")) == (7, 0)
        rows = list_outbound(session)
        assert [(row.recipient, row.state, row.due_at, row.attempts) for row in rows] == [
            ("b@other.example", "queued", 100.0, 0), ("a@dest.example", "queued", 100.0, 0),
        ]  # fmt: skip
        assert count_outbound(session) == {"queued": 2, "deferred": 0}


def test_queues_are_told_apart_and_the_longest_due_comes_first(engine: Engine) -> None:
    fill(engine, make_row(1, "a@b.example"), make_row(2, "a@b.example", "other"), make_row(3, "a@z.example"), at=200.0)
    fill(engine, make_row(4, "a@c.example"), at=100.0)
    record(engine, make_record(3))
    with reading(engine) as session:
        assert list_outbound_queues(session, ["pro", "other", "none"]) == [
            OutboundQueue("pro", "c.example", 100.0),
            OutboundQueue("pro", "b.example", 200.0),
            OutboundQueue("other", "b.example", 200.0),
        ]


def test_due_rows_come_in_the_order_of_their_time(engine: Engine) -> None:
    fill(engine, make_row(1), make_row(1, "b@dest.example"), make_row(2, "c@elsewhere.example"), at=200.0)
    fill(engine, make_row(3, "d@dest.example"), at=150.0)
    queue = OutboundQueue("pro", "dest.example", 150.0)
    with reading(engine) as session:
        found = list_due_outbound(session, queue, 200.0, 10)
        assert [row.recipient for row in found] == ["d@dest.example", "a@dest.example", "b@dest.example"]
        assert list_due_outbound(session, queue, 199.0, 10) == found[:1]
        assert list_due_outbound(session, queue, 200.0, 2) == found[:2]
        assert (found[1].id, found[1].mail_id, found[1].queued_at, found[1].attempts) == (1, 1, 200.0, 0)


def test_a_try_is_kept_and_says_what_becomes_of_its_row(engine: Engine) -> None:
    fill(engine, make_row(1))
    deferred = {"outcome": "transient", "state": "deferred", "due_at": 700.0, "ended_at": None, "code": 451}
    record(engine, make_record(1, **deferred))
    assert (read(engine, 1).state, read(engine, 1).due_at, read(engine, 1).code) == ("deferred", 700.0, 451)
    record(engine, make_record(1, number=2))
    row = read(engine, 1)
    assert (row.state, row.due_at, row.attempts, row.ended_at, row.host) == (
        "succeeded", None, 2, 101.0, "mx.dest.example",
    )  # fmt: skip
    with reading(engine) as session:
        assert [(one.number, one.outcome) for one in list_outbound_attempts(session, 1)] == [
            (1, "transient"), (2, "delivered"),
        ]  # fmt: skip


def test_a_report_is_queued_with_the_failure_that_it_tells_of(engine: Engine) -> None:
    fill(engine, make_row(1), make_row(1, "b@dest.example"))
    failed = [make_record(number, state="failed", outcome="permanent", error_status=2) for number in (1, 2)]
    to_sender = replace(make_row(0, "info@return.example.com"), mail_id=None, sender="", log_id="")
    record(engine, *failed, reports=(OwnMail((1, 2), b"a report", to_sender),))
    assert [read(engine, number).report_id for number in (1, 2)] == [1, 1]
    row = read(engine, 3)
    assert (row.own_id, row.mail_id, row.sender, row.state, row.due_at) == (1, None, "", "queued", 101.0)
    with reading(engine) as session:
        assert (read_own_octets(session, 1), read_own_octets(session, 2)) == (b"a report", None)


def test_what_was_deleted_meanwhile_leaves_neither_try_nor_report(engine: Engine) -> None:
    fill(engine, make_row(1))
    with transaction(engine) as session:
        session.execute(delete(OutboundRow))
    record(engine, make_record(1, state="failed"), reports=(OwnMail((1,), b"", make_row(2)),))
    with reading(engine) as session:
        assert list_outbound(session) == [] and list_outbound_attempts(session, 1) == []


@pytest.mark.parametrize(("outcome", "state"), [("transient", "failed"), ("delivered", "succeeded")])
def test_a_row_cancelled_under_way_stays_so_unless_it_arrived(engine: Engine, outcome: str, state: str) -> None:
    fill(engine, make_row(1))
    with transaction(engine) as session:
        assert cancel_outbound(session, 1, 101.0)
        assert cancel_outbound(session, 1, 101.0) is None
    row = read(engine, 1)
    assert (row.state, row.due_at, row.error_status, row.text) == ("failed", None, 99, CANCELLED)
    tried = {"outcome": outcome, "state": "succeeded" if outcome == "delivered" else "deferred"}
    record(engine, make_record(1, **tried))
    assert read(engine, 1).state == state


def test_what_waits_or_failed_is_tried_now_and_what_arrived_is_not(engine: Engine) -> None:
    fill(engine, make_row(1), make_row(2), make_row(3))
    deferred = make_record(1, outcome="transient", state="deferred", due_at=700.0, ended_at=None)
    record(engine, deferred, make_record(2, state="failed", error_status=2), make_record(3))
    with transaction(engine) as session:
        done = [try_outbound_now(session, number, 300.0) for number in (1, 2, 3, 4)]
    assert [each if each is None else [event.status for event in each] for each in done] == [[], ["queued"], None, None]
    again = read(engine, 2)
    assert (read(engine, 1).state, read(engine, 1).due_at) == ("deferred", 300.0)
    assert (again.state, again.due_at, again.ended_at, again.error_status) == ("queued", 300.0, None, None)


def test_lists_are_paged_and_narrowed(engine: Engine) -> None:
    fill(engine, *[make_row(number, f"user_{number}@dest.example") for number in range(1, 6)])
    record(engine, make_record(2), make_record(4))
    with reading(engine) as session:
        assert [row.id for row in list_outbound(session, limit=2)] == [5, 4]
        assert [row.id for row in list_outbound(session, 4, 2)] == [3, 2]
        assert [row.id for row in list_outbound(session, state="succeeded", composition="pro")] == [4, 2]
        assert [row.id for row in list_outbound(session, mail_id=3)] == [3]
        assert [row.id for row in list_outbound(session, recipient="R_1@")] == [1]
        assert list_outbound(session, recipient="user%1") == []
