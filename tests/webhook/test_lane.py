import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cmcdesk.store.desk.delivery_queue import AttemptRecord, DueDelivery
from cmcdesk.webhook.courier import Attempted
from cmcdesk.webhook.errand import Chances, Errand, record_attempt
from cmcdesk.webhook.lane import CREW_LIMIT, ROOM, Lane, Work
from cmcdesk.webhook.target import Target

CHANCES = Chances(lambda: 0.0, lambda: 0.0)


class Workshop:
    """What lanes work with here: each errand waits for `gate`; open and closed benches are counted."""

    def __init__(self, milliseconds: int = 1) -> None:
        self.gate, self.milliseconds = threading.Event(), milliseconds
        self.opened = self.closed = 0
        self.at_work = threading.Semaphore(0)

    @contextmanager
    def open(self) -> Iterator[Work]:
        self.opened += 1
        yield self.work
        self.closed += 1

    def work(self, errand: Errand) -> AttemptRecord:
        self.at_work.release()
        self.gate.wait(20)
        attempted = Attempted("delivered", 200, None, self.milliseconds, "", "")
        return record_attempt(errand.delivery, attempted, 0.0, CHANCES)


def make_errand(number: int, endpoint: str = "http://a/", place: str = "f") -> Errand:
    return Errand(DueDelivery(number, f"x-{number}", 1, "pro", 1, place, "b@c.example", 0), Target(endpoint, "json"))


def test_it_has_room_until_it_is_full_and_again_when_settled() -> None:
    shop, done = Workshop(), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done)
    for number in range(ROOM):
        assert lane.has_room
        lane.hand_over(make_errand(number))
    assert not lane.has_room
    assert lane.idle_seconds == 0.0
    shop.gate.set()
    errand, record = done.get(timeout=5)
    assert (errand.delivery.number, record.delivery_number) == (0, 0)
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
        lane.hand_over(make_errand(number))
    assert shop.at_work.acquire(timeout=5)
    lane.dismiss()
    shop.gate.set()
    lane.join(time.monotonic() + 5)
    assert done.qsize() == 1
    assert shop.closed == 1


def test_a_slow_endpoint_gets_more_threads_within_a_limit() -> None:
    shop, done = Workshop(milliseconds=1000), queue.SimpleQueue[Any]()
    lane = Lane(shop.open, done)
    shop.gate.set()
    lane.hand_over(make_errand(0))
    done.get(timeout=5)
    shop.gate.clear()
    for number in range(1, 20):
        lane.hand_over(make_errand(number))
    for _ in range(CREW_LIMIT + 1):  # the first errand, and then one at each thread
        assert shop.at_work.acquire(timeout=5)
    assert not shop.at_work.acquire(timeout=0.05)
    shop.gate.set()
    lane.dismiss()
    lane.join(time.monotonic() + 5)
    assert shop.closed == CREW_LIMIT
