"""Lanes, totals, and the rows that refusals become."""

import itertools
from dataclasses import replace

from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.mailserver.tally import (
    DOTS_PER_TICK,
    ROWS_PER_SECOND,
    RefusalBook,
    SessionLane,
    Tally,
)
from cmcdesk.store.maillog.insertion import NewRefusal

ONE = NewRefusal(100.0, "pro", "domain", 550, "5.7.1", "no", "127.0.0.1", 1, "a@x.example", "b@y.example")


def test_a_lane_carries_a_few_dots_and_the_whole_count() -> None:
    lane = SessionLane(7, 100.0)
    for number in range(40):
        lane.accept(100.0 + number)
    lane.refuse(150.0)
    session, opened_at, accepted, refused, accepted_count, refused_count = lane.take()
    assert (session, opened_at, accepted_count, refused, refused_count) == (7, 100.0, 40, [150.0], 1)
    assert len(accepted) == DOTS_PER_TICK
    assert lane.take() == (7, 100.0, [], [], 0, 0)


def test_a_session_that_ended_is_told_once_and_an_open_one_always() -> None:
    tally = Tally()
    ended, going_on = tally.open_lane(1, 0.0), tally.open_lane(2, 0.5)
    ended.accept(1.0)
    going_on.refuse(2.0)
    tally.close_lane(ended)
    assert tally.connected == 2
    assert tally.take_lanes() == [(1, 0.0, [1.0], [], 1, 0), (2, 0.5, [], [2.0], 0, 1)]
    assert tally.take_lanes() == [(2, 0.5, [], [], 0, 0)]


def test_connections_over_the_limit_are_told_once_and_a_few_of_many() -> None:
    tally = Tally()
    for number in range(40):
        tally.turn_away(float(number))
    assert tally.take_turned_away() == [float(number) for number in range(DOTS_PER_TICK)]
    assert tally.take_turned_away() == []


def test_a_few_refusals_are_a_row_each() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append)
    for number in range(ROWS_PER_SECOND):
        book.add(replace(ONE, recipient=f"{number}@y.example"))
    book.flush()
    assert len(rows) == ROWS_PER_SECOND
    assert all(row.count == 1 for row in rows)


def test_a_flood_is_one_more_row_a_second_with_its_count() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append)
    for second in (100.0, 101.0):
        for _ in range(1000):
            book.add(replace(ONE, at=second + 0.5))
    book.flush()
    assert len(rows) == 2 * (ROWS_PER_SECOND + 1)
    assert sum(row.count for row in rows) == 2000


def test_a_dialogue_is_asked_for_once_a_row() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append, rows_per_second=2)
    numbers = itertools.count(1)
    for _ in range(100):
        book.add(replace(ONE), lambda: DialoguePart(0.0, next(numbers), False, ""))
    book.flush()
    assert [row.dialogue and row.dialogue.number for row in rows] == [1, 2, 3]
    assert next(numbers) == 4


def test_gates_and_compositions_are_counted_apart() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append, rows_per_second=1)
    for composition in ("pro", "sandbox"):
        for gate in ("size", "domain"):
            for _ in range(3):
                book.add(replace(ONE, composition=composition, gate=gate))
    book.flush()
    assert sorted(row.count for row in rows) == [1] * 4 + [2] * 4
