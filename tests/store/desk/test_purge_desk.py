"""What ends in desk.db: by age and by number, slice by slice, with what belongs to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from cmcdesk.store.desk import purge_desk as desk_purge
from cmcdesk.store.desk.audit import LoginKeeper, LoginRow, OperationRow, note_operation
from cmcdesk.store.desk.block_batch import AddressError, count_errors
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow
from cmcdesk.store.desk.bounces import record_bounces
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.models import (
    AttemptRow,
    BounceRow,
    CompositionRow,
    DeliveryRow,
    OutboundAttemptRow,
    OutboundOwnRow,
    OutboundRow,
)
from cmcdesk.store.desk.outbound_counts import CountedEvent, OutboundCountRow, add_counts
from cmcdesk.store.desk.purge_desk import (
    Limits,
    purge_audit,
    purge_blocks,
    purge_bounces,
    purge_counts,
    purge_deliveries,
    purge_outbound,
)

from .test_audit import login
from .test_bounces import bounce


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(desk_purge, "SLICE_ROWS", 4)
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def add_deliveries(engine: Engine, *times: tuple[str, float, float | None]) -> None:
    """(state, created_at, finished_at) of each; each has two attempts."""
    common: dict[str, Any] = {"composition": "x", "revision": 1, "filter": "f", "recipient": "r", "due_at": 4e9}
    said: dict[str, Any] = {"at": 1.0, "milliseconds": 1, "outcome": "delivered", "request": "", "answer": ""}
    with transaction(engine) as session:
        for number, (state, created_at, finished_at) in enumerate(times, 1):
            row = DeliveryRow(number=number, id=f"x-{number}", state=state, created_at=created_at, **common)
            row.finished_at = finished_at
            session.add(row)
            session.flush()
            session.add_all(AttemptRow(delivery_number=number, number=attempt, **said) for attempt in (1, 2))


def kept(engine: Engine, column: Any) -> list[Any]:
    with reading(engine) as session:
        return list(session.scalars(select(column).order_by(column)))


def test_bounces_end_by_age_and_by_number(engine: Engine) -> None:
    with transaction(engine) as session:
        record_bounces(session, "x", 30, [bounce(number, created_at=float(number)) for number in range(1, 31)])
    assert purge_bounces(engine, Limits()) == 0
    assert purge_bounces(engine, Limits(oldest=11.0)) == 10
    assert purge_bounces(engine, Limits(most=5, oldest=11.0)) == 15
    assert kept(engine, BounceRow.mail_id) == [26, 27, 28, 29, 30]


def test_deliveries_that_ended_go_with_their_attempts(engine: Engine) -> None:
    add_deliveries(
        engine,
        *[("delivered", 100.0, 110.0)] * 9,
        ("given_up", 100.0, 900.0),
        ("waiting", 100.0, None),
        ("gathering", 100.0, None),
        *[("delivered", 500.0, 510.0)] * 3,
    )
    assert purge_deliveries(engine, Limits(oldest=400.0)) == 9
    assert kept(engine, DeliveryRow.number) == [10, 11, 12, 13, 14, 15], "ended late, still waiting, or begun late"
    assert sorted(set(kept(engine, AttemptRow.delivery_number))) == [10, 11, 12, 13, 14, 15]
    assert purge_deliveries(engine, Limits(most=2)) == 2
    assert kept(engine, DeliveryRow.number) == [11, 12, 14, 15], "what waits stays"


def add_outbound(engine: Engine, *times: tuple[str, float, float | None]) -> None:
    """(state, queued_at, ended_at) of each; each has two tries, and every third is a mail of our own making."""
    names: dict[str, Any] = {"log_id": "x", "composition": "x", "revision": 1, "sender": "", "recipient": "r"}
    said: dict[str, Any] = {"at": 1.0, "milliseconds": 1, "host": "", "address": "", "enhanced": "", "text": ""}
    said |= {"command": "", "outcome": "delivered"}
    with transaction(engine) as session:
        for number, (state, queued_at, ended_at) in enumerate(times, 1):
            own = number if number % 3 == 0 else None
            row = OutboundRow(id=number, state=state, queued_at=queued_at, ended_at=ended_at, domain="d", **names)
            row.own_id, row.due_at = own, None if ended_at else 4e9
            session.add(row)
            session.flush()
            session.add_all(OutboundAttemptRow(outbound_id=number, number=attempt, **said) for attempt in (1, 2))
            if own:
                session.add(OutboundOwnRow(id=own, about_id=1, made_at=queued_at, octets=b""))


def test_outbound_rows_that_ended_go_with_their_tries_and_our_own_mails(engine: Engine) -> None:
    add_outbound(
        engine,
        *[("succeeded", 100.0, 110.0)] * 5,
        ("failed", 100.0, 900.0),
        ("queued", 100.0, None),
        ("deferred", 100.0, None),
        *[("failed", 500.0, 510.0)] * 4,
    )
    assert purge_outbound(engine, Limits()) == 0
    assert purge_outbound(engine, Limits(oldest=400.0)) == 5
    assert kept(engine, OutboundRow.id) == [6, 7, 8, 9, 10, 11, 12], "ended late, still waiting, or begun late"
    assert sorted(set(kept(engine, OutboundAttemptRow.outbound_id))) == [6, 7, 8, 9, 10, 11, 12]
    assert kept(engine, OutboundOwnRow.id) == [6, 9, 12]
    assert purge_outbound(engine, Limits(most=2)) == 3
    assert kept(engine, OutboundRow.id) == [7, 8, 11, 12], "what waits stays"
    assert kept(engine, OutboundOwnRow.id) == [12]


def test_each_slice_is_a_transaction_of_its_own(engine: Engine) -> None:
    add_deliveries(engine, *[("delivered", 1.0, 2.0)] * 10)
    commits: list[int] = []
    event.listen(engine, "commit", lambda _connection: commits.append(1))
    assert purge_deliveries(engine, Limits(oldest=3.0)) == 10
    assert len(commits) >= 3


def test_counts_by_minute_end_with_the_retention_and_those_by_quarter_after_a_year(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(CompositionRow(name="pro", position=1, draft={}, draft_saved_at=0.0))
        days = (1, 2, 30, 450)
        add_counts(session, [CountedEvent(day * 86400.0, "pro", "", "queued", None) for day in days])
    at = 460 * 86400.0
    assert purge_counts(engine, None, at) == 3
    assert purge_counts(engine, at - 40 * 86400, at) == 3
    assert kept(engine, OutboundCountRow.span) == [60, 900]
    assert purge_counts(engine, at - 40 * 86400, at) == 0


def test_counts_and_freed_addresses_of_the_suppression_end_by_age_the_suppressed_and_exempt_stay(
    engine: Engine,
) -> None:
    with transaction(engine) as session:
        for number in range(10):
            count_errors(session, [AddressError("pro", f"{number}@x.example", 2)], float(number))
            facts = {
                "composition": "pro",
                "occurred": 1,
                "status": 2,
                "created_at": 0.0,
                "email": f"{number}@y.example",
            }
            session.add(BlockRow(id=f"gone{number}", removed_at=float(number), removal="cancelled", **facts))
        session.add(BlockRow(id="exempt", removed_at=0.0, removal="deleted", exempt=True, **facts))
        session.add(BlockRow(id="held", **facts))
    assert purge_blocks(engine, Limits()) == 0
    assert purge_blocks(engine, Limits(oldest=7.0)) == 14
    assert kept(engine, BlockErrorRow.counted_at) == [7.0, 8.0, 9.0]
    assert kept(engine, BlockRow.id) == ["exempt", "gone7", "gone8", "gone9", "held"]


def test_both_parts_of_the_operation_log_end_by_age_and_by_number(engine: Engine) -> None:
    keeper = LoginKeeper(engine)
    keeper.take([login(float(at)) for at in range(20)])
    keeper.flush(0.0)
    with transaction(engine) as session:
        for _ in range(9):
            note_operation(session, "settings", "save", "pro")
    assert purge_audit(engine, Limits(1_000_000, 5.0)) == 5
    assert kept(engine, LoginRow.id) == list(range(6, 21))
    assert purge_audit(engine, Limits(6)) == 9 + 3
    assert kept(engine, LoginRow.id) == list(range(15, 21)) and len(kept(engine, OperationRow.id)) == 6
    assert purge_audit(engine, Limits()) == 0
