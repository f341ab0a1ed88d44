"""What happened to a row of the queue is an event and a count, in the same transaction, once."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select

from cmcdesk.store.desk.audit import OperationRow
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import MailWords, NewOutbound, OwnMail
from cmcdesk.store.desk.outbound_counts import MINUTE, Counts, Slots, list_counts
from cmcdesk.store.desk.outbound_event_lists import list_events_of
from cmcdesk.store.desk.outbound_events import (
    OutboundEventRow,
    cancel_outbound,
    try_outbound_now,
    write_reason,
)

from .test_outbound import engine, fill, make_record, make_row, record

__all__ = ["engine"]


def tell(mail_id: int, recipient: str = "a@dest.example", user: str = "", **words: str) -> NewOutbound:
    return replace(make_row(mail_id, recipient), api_user=user, words=MailWords(**words))


def statuses(engine: Engine, outbound_id: int) -> list[str]:
    with reading(engine) as session:
        return [event.status for event in list_events_of(session, outbound_id)]


def total(engine: Engine, **which: Any) -> Counts:
    with reading(engine) as session:
        counted = list_counts(session, ["pro"], Slots(MINUTE, 0.0, 1e12, **which))
    return sum((counts for _, counts in counted), Counts())


def test_each_change_of_a_row_is_an_event_and_counted(engine: Engine) -> None:
    fill(engine, make_row(1), make_row(2), make_row(3))
    deferred = {"outcome": "transient", "state": "deferred", "due_at": 700.0, "ended_at": None, "code": 451}
    record(engine, make_record(1, **deferred), make_record(2, state="failed", error_status=2, code=550))
    record(engine, make_record(1, number=2, sender_ip="127.0.0.1"))
    assert [statuses(engine, number) for number in (1, 2, 3)] == [
        ["queued", "deferred", "succeeded"], ["queued", "failed"], ["queued"],
    ]  # fmt: skip
    assert total(engine) == Counts(queued=3, succeeded=1, failed=1, deferred=1)


def test_a_suppressed_recipient_counts_as_blocked(engine: Engine) -> None:
    fill(engine, make_row(1))
    record(engine, make_record(1, state="failed", error_status=10, code=None, text="suppressed", command="RCPT TO"))
    assert total(engine) == Counts(queued=1, blocked=1)
    with reading(engine) as session:
        assert list_events_of(session, 1)[1].reason == "2.0.0 suppressed (in reply to RCPT TO)"


def test_a_report_of_the_mtas_own_has_no_events(engine: Engine) -> None:
    fill(engine, make_row(1))
    home = replace(make_row(0, "info@return.example.com"), mail_id=None, sender="", log_id="")
    record(engine, make_record(1, state="failed", error_status=2), reports=(OwnMail((1,), b"a report", home),))
    record(engine, make_record(2))
    with transaction(engine) as session:
        assert cancel_outbound(session, 2, 200.0) is None
    assert (statuses(engine, 2), total(engine)) == ([], Counts(queued=1, failed=1))


def test_what_is_cancelled_failed_and_what_is_tried_again_is_queued_again(engine: Engine) -> None:
    fill(engine, make_row(1))
    with transaction(engine) as session:
        assert cancel_outbound(session, 1, 101.0)
        assert try_outbound_now(session, 1, 102.0)
    record(engine, make_record(1))
    assert statuses(engine, 1) == ["queued", "failed", "queued", "succeeded"]
    with reading(engine) as session:
        logged = session.execute(select(OperationRow.operation, OperationRow.name, OperationRow.function)).all()
    assert logged == [(done, make_row(1).recipient, "outbound") for done in ("cancel", "try_now")]
    assert total(engine) == Counts(queued=2, failed=1, succeeded=1)


def test_what_was_cancelled_under_way_and_arrived_counts_once(engine: Engine) -> None:
    fill(engine, make_row(1), make_row(2))
    with transaction(engine) as session:
        assert cancel_outbound(session, 1, 101.0) and cancel_outbound(session, 2, 101.0)
    record(engine, make_record(1), make_record(2, outcome="transient", state="deferred", ended_at=None))
    assert (statuses(engine, 1), statuses(engine, 2)) == (["queued", "succeeded"], ["queued", "failed"])
    assert total(engine) == Counts(queued=2, succeeded=1, failed=1)


def test_events_go_with_their_row_and_what_was_deleted_leaves_none(engine: Engine) -> None:
    fill(engine, make_row(1), make_row(2))
    with transaction(engine) as session:
        session.execute(delete(OutboundRow).where(OutboundRow.id == 2))
    record(engine, make_record(2))
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(OutboundEventRow)) == 1
    fill(engine, make_row(3))  # gets the number that has become free
    assert statuses(engine, 2) == ["queued"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((550, "5.1.1", "User unknown", "RCPT TO"), "550 5.1.1 User unknown (in reply to RCPT TO)"),
        ((None, "4.4.1", "connect: timed out", "connection"), "4.4.1 connect: timed out"),
        ((None, "", "Recipient address <a> is suppressed to send mail.", "RCPT TO"),
         "Recipient address <a> is suppressed to send mail. (in reply to RCPT TO)"),
    ],
)  # fmt: skip
def test_the_reason_is_the_answer_in_one_line(answer: tuple[Any, str, str, str], reason: str) -> None:
    assert write_reason(*answer) == reason
