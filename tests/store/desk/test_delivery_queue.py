import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, select

from cmcdesk.store.desk.database import open_desk, read_cursor, reading, transaction
from cmcdesk.store.desk.deliveries import WaitingQueue, count_deliveries, list_attempts, list_deliveries, list_waiting
from cmcdesk.store.desk.delivery_queue import (
    CURSOR,
    AttemptRecord,
    EventList,
    close_gathered,
    copy_matches,
    find_gathering_end,
    gather_events,
    list_due,
    read_due,
    read_settings,
    record_attempts,
)
from cmcdesk.store.desk.models import CompositionRow, DeliveryRow, RevisionRow
from cmcdesk.store.maillog.log import MatchRow

LOG = "0123456789abcdef"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def make_matches(*ids: int, filter_name: str = "f") -> list[MatchRow]:
    return [MatchRow(number, number * 10, "pro", 1, filter_name, "b@example.com") for number in ids]


def copy(engine: Engine, *ids: int, log_id: str = LOG, at: float = 100.0) -> int:
    with transaction(engine) as session:
        return copy_matches(session, log_id, make_matches(*ids), at)


def make_record(delivery: int, **changed: Any) -> AttemptRecord:
    values: dict[str, Any] = {
        "delivery_number": delivery, "number": 1, "at": 100.0, "milliseconds": 5, "outcome": "delivered", "status": 200,
        "error": None, "request": "POST", "answer": "ok", "state": "delivered", "due_at": None, "ended_at": 101.0,
    }  # fmt: skip
    return AttemptRecord(**values | changed)


def test_matches_become_due_deliveries_and_the_cursor_moves(engine: Engine) -> None:
    assert copy(engine, 1, 2) == 2
    assert copy(engine, 3, 9) == 9
    with reading(engine) as session:
        assert read_cursor(session, CURSOR, LOG) == 9
        rows = list_deliveries(session)
        assert [row.id for row in rows] == ["01234567-9", "01234567-3", "01234567-2", "01234567-1"]
        assert {(row.kind, row.state, row.due_at, row.attempts, row.created_at) for row in rows} == {
            ("inbound", "waiting", 100.0, 0, 100.0)
        }
        assert (rows[0].mail_id, rows[0].composition, rows[0].revision) == (90, "pro", 1)


def test_another_mail_log_starts_at_its_beginning(engine: Engine) -> None:
    copy(engine, 1, 2)
    with reading(engine) as session:
        assert read_cursor(session, CURSOR, "another") == 0
    copy(engine, 1, log_id="another")
    with reading(engine) as session:
        assert read_cursor(session, CURSOR, "another") == 1
        assert len(list_deliveries(session)) == 3


def test_cursor_and_deliveries_go_together_or_not_at_all(engine: Engine) -> None:
    copy(engine, 1)
    with pytest.raises(RuntimeError), transaction(engine) as session:
        copy_matches(session, LOG, make_matches(2), 100.0)
        raise RuntimeError("killed here")
    with reading(engine) as session:
        assert read_cursor(session, CURSOR, LOG) == 1
        assert len(list_deliveries(session)) == 1


def test_due_ones_of_one_filter_the_longest_due_first(engine: Engine) -> None:
    copy(engine, 1, 2, at=100.0)
    copy(engine, 3, at=90.0)
    with transaction(engine) as session:
        copy_matches(session, LOG, make_matches(4, filter_name="g"), 80.0)
    with reading(engine) as session:
        f, g = list_waiting(session)
        assert [one.id for one in list_due(session, f, 95.0, 10)] == ["01234567-3"]
        assert [one.id for one in list_due(session, f, 100.0, 2)] == ["01234567-3", "01234567-1"]
        (only,) = list_due(session, g, 100.0, 10)
        assert read_due(session.get_one(DeliveryRow, only.number)) == only
        assert (only.mail_id, only.recipient, only.attempts, only.filter) == (40, "b@example.com", 0, "g")


def test_due_ones_are_found_by_an_index_already_in_order(engine: Engine) -> None:
    copy(engine, 1)
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    with reading(engine) as session:
        list_due(session, WaitingQueue("pro", "f", 0.0), 100.0, 10)
    sql, values = asked[-1]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    assert [row[3].partition(" (")[0] for row in plan] == ["SEARCH delivery USING INDEX delivery_due"]


def test_records_make_attempts_and_move_deliveries(engine: Engine) -> None:
    copy(engine, 1, 2)
    failed = make_record(2, outcome="transient", status=None, error="timed out", state="waiting", due_at=110.0)
    with transaction(engine) as session:
        record_attempts(session, [make_record(1), failed])
    with reading(engine) as session:
        second, first = list_deliveries(session)
        assert (first.state, first.due_at, first.attempts, first.finished_at) == ("delivered", None, 1, 101.0)
        assert (second.state, second.due_at, second.attempts, second.finished_at) == ("waiting", 110.0, 1, None)
        (attempt,) = list_attempts(session, 2)
        assert (attempt.outcome, attempt.status, attempt.error, attempt.milliseconds) == (
            "transient", None, "timed out", 5,
        )  # fmt: skip


def test_a_delivery_deleted_meanwhile_costs_the_others_nothing(engine: Engine) -> None:
    copy(engine, 1, 2)
    with transaction(engine) as session:
        session.execute(delete(DeliveryRow).where(DeliveryRow.number == 1))
    with transaction(engine) as session:
        record_attempts(session, [make_record(1), make_record(2)])
        record_attempts(session, [make_record(1)])
        record_attempts(session, [])
    with reading(engine) as session:
        (row,) = list_deliveries(session)
        assert (row.number, row.state) == (2, "delivered")
        assert list_attempts(session, 1) == []


def test_settings_are_the_applied_ones_and_then_those_of_the_revision(engine: Engine) -> None:
    with transaction(engine) as session:
        row = CompositionRow(name="pro", position=0, draft={}, draft_version=1, draft_saved_at=0.0, applied_number=3)
        session.add(row)
        session.flush()
        for number in (1, 2, 3):
            settings = {"number": number}
            values = {"number": number, "state": "applied", "settings": settings, "at": 0.0}
            session.add(RevisionRow(composition_id=row.id, **values))
    with reading(engine) as session:
        assert read_settings(session, "pro", 1) == [{"number": 3}, {"number": 1}]
        assert read_settings(session, "pro", 3) == [{"number": 3}]
        assert read_settings(session, "pro", 9) == [{"number": 3}]
        assert read_settings(session, "none", 1) == []


WHICH = EventList("pro", 1, "bounces")
Gather = Callable[..., None]


@pytest.fixture
def gather(engine: Engine) -> Gather:
    """`gather(numbers, at)`: events with these numbers, in a transaction of their own."""

    def put(numbers: range, at: float, which: EventList = WHICH) -> None:
        with transaction(engine) as session:
            events = [{"number": str(number)} for number in numbers]
            gather_events(session, which, events, f"log-{which.composition}-{which.revision}-{numbers.start}", at)

    return put


def read_lists(engine: Engine) -> list[tuple[str, list[int]]]:
    with reading(engine) as session:
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.number))
        return [(row.state, [int(one["number"]) for one in json.loads(row.payload or "")["bounces"]]) for row in rows]


def test_events_of_one_second_make_one_list(engine: Engine, gather: Gather) -> None:
    gather(range(2), at=10.0)
    gather(range(2, 5), at=10.9)
    gather(range(5, 6), at=11.0)
    assert read_lists(engine) == [("gathering", [0, 1, 2, 3, 4]), ("gathering", [5])]
    with reading(engine) as session:
        assert find_gathering_end(session) == 11.0


def test_a_list_that_gathers_is_no_delivery_yet(engine: Engine, gather: Gather) -> None:
    gather(range(2), at=10.0)
    with reading(engine) as session:
        assert list_deliveries(session) == []
        assert list_waiting(session) == []
        assert count_deliveries(session, 20.0).waiting == 0
        assert list_due(session, WaitingQueue("pro", "bounces", 10.0), 20.0, 9) == []


def test_it_is_closed_when_its_second_is_over_and_not_before(engine: Engine, gather: Gather) -> None:
    gather(range(2), at=10.0)
    with transaction(engine) as session:
        assert close_gathered(session, 10.99) == 0
        assert close_gathered(session, 11.0) == 1
        assert find_gathering_end(session) is None
        (due,) = list_due(session, WaitingQueue("pro", "bounces", 11.0), 11.0, 9)
    assert (due.kind, due.payload) == ("event", '{"bounces": [{"number": "0"}, {"number": "1"}]}')
    gather(range(2, 3), at=11.0)
    assert read_lists(engine) == [("waiting", [0, 1]), ("gathering", [2])]


def test_a_hundred_events_are_due_at_once(engine: Engine, gather: Gather) -> None:
    gather(range(60), at=10.0)
    gather(range(60, 305), at=10.1)
    full = [("waiting", list(range(first, first + 100))) for first in (0, 100, 200)]
    assert read_lists(engine) == [*full, ("gathering", [300, 301, 302, 303, 304])]
    with reading(engine) as session:
        assert [row.id for row in list_deliveries(session)] == ["log-pro-1-60-1", "log-pro-1-60-0", "log-pro-1-0-0"]
        assert {row.due_at for row in list_deliveries(session)} == {10.1}


def test_exactly_a_hundred_fill_one_list_and_begin_no_other(engine: Engine, gather: Gather) -> None:
    gather(range(100), at=10.0)
    assert read_lists(engine) == [("waiting", list(range(100)))]


def test_compositions_and_revisions_do_not_share_lists(engine: Engine, gather: Gather) -> None:
    gather(range(1), at=10.0)
    gather(range(1, 2), at=10.0, which=EventList("pro", 2, "bounces"))
    gather(range(2, 3), at=10.0, which=EventList("sandbox", 1, "bounces"))
    assert [numbers for _, numbers in read_lists(engine)] == [[0], [1], [2]]


def test_what_is_rolled_back_left_no_event(engine: Engine, gather: Gather) -> None:
    gather(range(1), at=10.0)
    with pytest.raises(ZeroDivisionError), transaction(engine) as session:
        gather_events(session, WHICH, [{"number": "1"}], "other", 10.1)
        _ = 1 / 0
    assert read_lists(engine) == [("gathering", [0])]
