"""Events gather into lists: for a second, or up to a hundred; nobody sees a list before it is closed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.deliveries import WaitingQueue, count_deliveries, list_deliveries, list_waiting
from cmcdesk.store.desk.delivery_queue import list_due
from cmcdesk.store.desk.event_queue import EventList, close_gathered, find_gathering_end, gather_events
from cmcdesk.store.desk.models import DeliveryRow

WHICH = EventList("pro", 1, "bounces")
Gather = Callable[..., None]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


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
