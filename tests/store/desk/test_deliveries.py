from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from cmcdesk.store.desk import deliveries
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.deliveries import (
    DeliveryCounts,
    WaitingQueue,
    count_deliveries,
    count_due_deliveries,
    count_events,
    count_listed,
    get_delivery,
    list_attempts,
    list_backlogs,
    list_deliveries,
    list_waiting,
    retry_delivery,
)
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def add(engine: Engine, number: int, **changed: object) -> None:
    values: dict[str, object] = {
        "number": number, "id": f"x-{number}", "mail_id": number, "composition": "pro", "revision": 1, "filter": "f",
        "recipient": "b@example.com", "state": "waiting", "due_at": 100.0 + number, "created_at": 1.0,
    }  # fmt: skip
    with transaction(engine) as session:
        session.add(DeliveryRow(**values | changed))


def test_pages_newest_first_and_only_what_was_asked_for(engine: Engine) -> None:
    for number in range(1, 8):
        state = "delivered" if number % 2 else "waiting"
        add(engine, number, state=state, composition="pro" if number < 6 else "sandbox")
    with reading(engine) as session:
        assert [row.number for row in list_deliveries(session, limit=3)] == [7, 6, 5]
        assert [row.number for row in list_deliveries(session, before=5, limit=3)] == [4, 3, 2]
        assert [row.number for row in list_deliveries(session, state="delivered", composition="pro")] == [5, 3, 1]
        assert [row.number for row in list_deliveries(session, mail_id=6, state=None)] == [6]
        assert list_deliveries(session, state="given_up") == []
        assert (count_listed(session, 100), count_listed(session, 5)) == (7, 5)
        assert count_listed(session, 100, state="delivered", composition="pro", mail_id=None) == 3


def test_one_with_its_attempts_in_order(engine: Engine) -> None:
    add(engine, 1)
    with transaction(engine) as session:
        for number in (1, 2):
            values = {"at": 1.0, "milliseconds": 2, "outcome": "transient", "request": "", "answer": ""}
            session.add(AttemptRow(delivery_number=1, number=number, **values))
    with reading(engine) as session:
        delivery = get_delivery(session, "x-1")
        assert delivery is not None and delivery.number == 1
        assert [attempt.number for attempt in list_attempts(session, 1)] == [1, 2]
        assert get_delivery(session, "x-2") is None


@pytest.mark.parametrize("state", ["waiting", "delivered", "given_up"])
def test_any_can_be_sent_again(engine: Engine, state: str) -> None:
    add(engine, 1, state=state, due_at=None, finished_at=50.0, attempts=3)
    with transaction(engine) as session:
        assert retry_delivery(session, "x-1", 70.0)
        assert not retry_delivery(session, "x-2", 70.0)
    with reading(engine) as session:
        (row,) = list_deliveries(session)
        assert (row.state, row.due_at, row.finished_at, row.attempts) == ("waiting", 70.0, None, 3)


def test_events_are_counted_in_the_database(engine: Engine) -> None:
    add(engine, 1)
    add(engine, 2, kind="event", filter="bounces", payload='{"bounces": [{"to": "a"}, {"to": "b"}]}')
    add(engine, 3, kind="event", filter="bounces", payload=None)
    with reading(engine) as session:
        rows = list_deliveries(session)
        assert count_events(session, rows) == {2: 2, 3: 0}
        assert count_events(session, rows[-1:]) == {}
        assert "payload" not in rows[0].__dict__, "lists read no contents"


def test_queues_and_counts(engine: Engine) -> None:
    add(engine, 1, filter="g")
    add(engine, 2)
    add(engine, 3)
    add(engine, 4, composition="sandbox", filter="a", due_at=90.0)
    add(engine, 5, state="delivered", due_at=None, filter="z")
    with reading(engine) as session:
        assert list_waiting(session) == [
            WaitingQueue("pro", "f", 102.0),
            WaitingQueue("pro", "g", 101.0),
            WaitingQueue("sandbox", "a", 90.0),
        ]
        assert count_deliveries(session, 95.0) == DeliveryCounts(4, 5.0)
        assert count_deliveries(session, 90.0) == DeliveryCounts(4, None)


def test_nothing_waits_in_an_empty_one(engine: Engine) -> None:
    with reading(engine) as session:
        assert list_waiting(session) == []
        assert count_deliveries(session, 1.0) == DeliveryCounts(0, None)


def test_every_question_is_answered_by_an_index(engine: Engine) -> None:
    """However long the queues are: none of these may read all deliveries, nor sort them."""
    add(engine, 1)
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    with reading(engine) as session:
        list_waiting(session)
        list_deliveries(session, before=5, state="waiting")
        list_deliveries(session, before=5)
        list_deliveries(session, mail_id=1)
        get_delivery(session, "x-1")
    with engine.connect() as connection:
        for sql, values in [one for one in asked if one[0].startswith("SELECT")]:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            text = "; ".join(row[3] for row in plan)
            assert "SEARCH delivery" in text, (sql, text)
            assert "TEMP B-TREE" not in text, (sql, text)


def test_each_queue_with_its_length_age_and_last_failure(engine: Engine) -> None:
    add(engine, 1, state="delivered", created_at=1.0)
    add(engine, 2, created_at=40.0, due_at=300.0)
    add(engine, 3, created_at=50.0, due_at=200.0, attempts=2)
    add(engine, 4, filter="bounces", kind="event", created_at=90.0, due_at=91.0)
    with transaction(engine) as session:
        for number in (1, 2):
            values = {"at": 1.0, "milliseconds": 2, "outcome": "transient", "request": "", "answer": ""}
            session.add(AttemptRow(delivery_number=3, number=number, error=f"error {number}", **values))
    with reading(engine) as session:
        form, events = list_backlogs(session, 100.0)
    assert (form.filter, form.kind, form.waiting, form.age, form.due_at) == ("f", "inbound", 2, 60.0, 200.0)
    assert form.last is not None and form.last.error == "error 2"
    assert (events.filter, events.kind, events.waiting, events.age, events.last) == ("bounces", "event", 1, 10.0, None)


def test_a_long_queue_is_not_read_to_its_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST_COUNTED", 2)
    add(engine, 1, created_at=10.0, due_at=900.0)  # the oldest, and due last
    for number in range(2, 7):
        add(engine, number, created_at=50.0)
    with reading(engine) as session:
        (only,) = list_backlogs(session, 100.0)
    assert (only.waiting, only.age) == (3, 90.0)


def test_nothing_waits(engine: Engine) -> None:
    with reading(engine) as session:
        assert list_backlogs(session, 100.0) == []


def test_what_is_due_is_counted_over_all_filters(engine: Engine) -> None:
    for number, (name, state) in enumerate((("f", "waiting"), ("g", "waiting"), ("g", "delivered"), ("f", "waiting"))):
        add(engine, number + 1, filter=name, state=state)
    with reading(engine) as session:
        assert [count_due_deliveries(session, at) for at in (100.0, 102.0, 104.0)] == [0, 2, 3]
