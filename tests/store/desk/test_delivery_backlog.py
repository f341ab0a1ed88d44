"""Queues that do not move: how long, how old, and why."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.store.desk import delivery_backlog
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.delivery_backlog import list_backlogs
from cmcdesk.store.desk.models import AttemptRow
from tests.store.desk.test_deliveries import add


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


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
    monkeypatch.setattr(delivery_backlog, "MOST_COUNTED", 2)
    add(engine, 1, created_at=10.0, due_at=900.0)  # the oldest, and due last
    for number in range(2, 7):
        add(engine, number, created_at=50.0)
    with reading(engine) as session:
        (only,) = list_backlogs(session, 100.0)
    assert (only.waiting, only.age) == (3, 90.0)


def test_nothing_waits(engine: Engine) -> None:
    with reading(engine) as session:
        assert list_backlogs(session, 100.0) == []
