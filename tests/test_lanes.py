import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cmcdesk.lanes import PROMPT, ROOM, Lane, Lanes

CREW = 4


@dataclass(frozen=True)
class Parcel:
    """A job of this test."""

    number: int
    lane: str = "a"
    place: str = "f"
    crew: int = CREW

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.number,)


@dataclass(frozen=True)
class Ended:
    """What came of one."""

    number: int
    milliseconds: int


class Workshop:
    """What lanes work with here: each job waits for `gate`; open and closed benches are counted."""

    def __init__(self, milliseconds: int = 1) -> None:
        self.gate, self.milliseconds = threading.Event(), milliseconds
        self.opened = self.closed = 0
        self.at_work = threading.Semaphore(0)

    @contextmanager
    def open(self) -> Iterator[Callable[[Parcel], Ended]]:
        self.opened += 1
        yield self.work
        self.closed += 1

    def work(self, job: Parcel) -> Ended:
        self.at_work.release()
        self.gate.wait(20)
        return Ended(job.number, self.milliseconds)


def test_it_has_room_until_it_is_full_and_again_when_settled() -> None:
    shop, done = Workshop(), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done)
    for number in range(ROOM):
        assert lane.has_room
        lane.hand_over(Parcel(number))
    assert not lane.has_room
    assert lane.idle_seconds == 0.0
    shop.gate.set()
    job, ended = done.get(timeout=5)
    assert (job.number, ended.number) == (0, 0)
    assert not lane.has_room  # done, not yet recorded
    lane.settle()
    assert lane.has_room
    lane.dismiss()
    lane.join(time.monotonic() + 5)
    assert (shop.opened, shop.closed) == (1, 1)


def test_dismissed_it_ends_what_is_under_way_and_begins_nothing_more() -> None:
    shop, done = Workshop(), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done)
    for number in range(3):
        lane.hand_over(Parcel(number))
    assert shop.at_work.acquire(timeout=5)
    lane.dismiss()
    shop.gate.set()
    lane.join(time.monotonic() + 5)
    assert done.qsize() == 1
    assert shop.closed == 1


def test_a_slow_place_gets_more_threads_within_a_limit() -> None:
    shop, done = Workshop(milliseconds=1000), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done)
    shop.gate.set()
    lane.hand_over(Parcel(0))
    done.get(timeout=5)
    shop.gate.clear()
    for number in range(1, 20):
        lane.hand_over(Parcel(number))
    for _ in range(CREW + 1):  # the first job, and then one at each thread
        assert shop.at_work.acquire(timeout=5)
    assert not shop.at_work.acquire(timeout=0.05)
    shop.gate.set()
    lane.dismiss()
    lane.join(time.monotonic() + 5)
    assert shop.closed == CREW


def test_what_came_all_at_once_gets_more_threads_as_soon_as_the_place_shows_to_be_slow() -> None:
    shop, done = Workshop(milliseconds=1000), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done)
    for number in range(20):
        lane.hand_over(Parcel(number))
    assert shop.at_work.acquire(timeout=5)
    assert not shop.at_work.acquire(timeout=0.05)  # one thread, which knows nothing yet
    shop.gate.set()
    for _ in range(20):
        done.get(timeout=5)
    lane.dismiss()
    lane.join(time.monotonic() + 5)
    assert shop.opened == shop.closed == CREW


def test_threads_that_have_nothing_to_do_leave_but_for_the_last(wait_for) -> None:  # type: ignore[no-untyped-def]
    shop, done = Workshop(milliseconds=1000), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done, idle_seconds=0.05)
    shop.gate.set()
    lane.hand_over(Parcel(0))
    done.get(timeout=5)
    shop.gate.clear()
    for number in range(1, 20):
        lane.hand_over(Parcel(number))
    shop.gate.set()
    wait_for(lambda: shop.closed == shop.opened - 1 > 0)
    lane.hand_over(Parcel(20))
    wait_for(lambda: done.qsize() == 20)
    lane.dismiss()
    lane.join(time.monotonic() + 5)


def test_what_was_handed_over_is_in_hand_until_it_is_settled(wait_for) -> None:  # type: ignore[no-untyped-def]
    shop = Workshop()
    lanes = Lanes(shop.open)
    assert lanes.hand_over(Parcel(1))
    assert lanes.hand_over(Parcel(2, "b", "g"))
    assert lanes.collect() == []
    shop.gate.set()
    ended = wait_for(lambda: lanes.collect())
    while len(ended) < 2:
        ended += lanes.collect()
    assert lanes.holds(1) and lanes.holds(2)
    assert (lanes.count_held("f"), lanes.count_held("g")) == (1, 1)
    for job, _ in ended:
        lanes.settle(job)
    assert not lanes.holds(1)
    assert lanes.count_held("f") == 0
    lanes.stop(5)


def test_a_full_lane_takes_no_more_and_leaves_the_others_alone() -> None:
    shop = Workshop()
    lanes = Lanes(shop.open)
    for number in range(ROOM):
        assert lanes.hand_over(Parcel(number))
    assert not lanes.hand_over(Parcel(ROOM))
    assert not lanes.holds(ROOM)
    assert lanes.hand_over(Parcel(ROOM + 1, "b"))
    shop.gate.set()
    lanes.stop(5)


def test_with_all_lanes_taken_the_next_place_waits_for_an_empty_one(wait_for) -> None:  # type: ignore[no-untyped-def]
    shop = Workshop()
    lanes = Lanes(shop.open, limit=1)
    assert lanes.hand_over(Parcel(1))
    assert not lanes.hand_over(Parcel(2, "b"))
    shop.gate.set()
    for job, _ in wait_for(lambda: lanes.collect()):
        lanes.settle(job)
    assert wait_for(lambda: lanes.hand_over(Parcel(2, "b")))
    lanes.stop(5)


def test_what_ends_while_little_is_in_hand_is_there_at_once_and_a_wait_for_more_is_not_begun() -> None:
    shop = Workshop()
    lanes = Lanes(shop.open)
    assert not lanes.await_one(20)  # nothing in hand: nothing to wait for
    lanes.hand_over(Parcel(1))
    assert not lanes.await_one(0.01)
    threading.Timer(0.05, shop.gate.set).start()
    assert lanes.await_one(20)
    assert [job.number for job, _ in lanes.collect()] == [1]
    for number in range(2, PROMPT + 2):
        lanes.hand_over(Parcel(number))
    assert not lanes.await_one(20)  # many are recorded together
    assert lanes.await_one(20, most=PROMPT + 1)
    lanes.stop(5)
