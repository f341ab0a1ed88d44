import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cmcdesk.store.desk.delivery_queue import AttemptRecord, DueDelivery
from cmcdesk.webhook.courier import Attempted
from cmcdesk.webhook.errand import Chances, Errand, record_attempt
from cmcdesk.webhook.lane import ROOM, Work
from cmcdesk.webhook.lanes import PROMPT, Lanes
from cmcdesk.webhook.target import Target


def make_errand(number: int, endpoint: str, filter_name: str = "f") -> Errand:
    delivery = DueDelivery(number, f"x-{number}", 1, "pro", 1, filter_name, "b@c.example", 0)
    return Errand(delivery, Target(endpoint, "json"))


class Gate:
    """Lets errands pass when it is open."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    @contextmanager
    def open_work(self) -> Iterator[Work]:
        yield self.work

    def work(self, errand: Errand) -> AttemptRecord:
        self.opened.wait(20)
        attempted = Attempted("delivered", 200, None, 1, "", "")
        return record_attempt(errand.delivery, attempted, 0.0, Chances(lambda: 0.0, lambda: 0.0))


def test_what_was_handed_over_is_in_hand_until_it_is_settled(wait_for) -> None:  # type: ignore[no-untyped-def]
    gate = Gate()
    lanes = Lanes(gate.open_work)
    assert lanes.hand_over(make_errand(1, "http://a/"))
    assert lanes.hand_over(make_errand(2, "http://b/", "g"))
    assert lanes.collect() == []
    gate.opened.set()
    ended = wait_for(lambda: lanes.collect())
    while len(ended) < 2:
        ended += lanes.collect()
    assert lanes.holds(1) and lanes.holds(2)
    assert (lanes.count_held(("pro", "f")), lanes.count_held(("pro", "g"))) == (1, 1)
    for errand, _ in ended:
        lanes.settle(errand)
    assert not lanes.holds(1)
    assert lanes.count_held(("pro", "f")) == 0
    lanes.stop(5)


def test_a_full_lane_takes_no_more_and_leaves_the_others_alone() -> None:
    gate = Gate()
    lanes = Lanes(gate.open_work)
    for number in range(ROOM):
        assert lanes.hand_over(make_errand(number, "http://a/"))
    assert not lanes.hand_over(make_errand(ROOM, "http://a/"))
    assert not lanes.holds(ROOM)
    assert lanes.hand_over(make_errand(ROOM + 1, "http://b/"))
    gate.opened.set()
    lanes.stop(5)


def test_with_all_lanes_taken_the_next_endpoint_waits_for_an_empty_one(wait_for) -> None:  # type: ignore[no-untyped-def]
    gate = Gate()
    lanes = Lanes(gate.open_work, limit=1)
    assert lanes.hand_over(make_errand(1, "http://a/"))
    assert not lanes.hand_over(make_errand(2, "http://b/"))
    gate.opened.set()
    for errand, _ in wait_for(lambda: lanes.collect()):
        lanes.settle(errand)
    assert wait_for(lambda: lanes.hand_over(make_errand(2, "http://b/")))
    lanes.stop(5)


def test_what_ends_while_little_is_in_hand_is_there_at_once_and_a_wait_for_more_is_not_begun() -> None:
    gate = Gate()
    lanes = Lanes(gate.open_work)
    assert not lanes.await_one(20)  # nothing in hand: nothing to wait for
    lanes.hand_over(make_errand(1, "http://a/"))
    assert not lanes.await_one(0.01)
    threading.Timer(0.05, gate.opened.set).start()
    assert lanes.await_one(20)
    assert [errand.delivery.number for errand, _ in lanes.collect()] == [1]
    for number in range(2, PROMPT + 2):
        lanes.hand_over(make_errand(number, "http://a/"))
    assert not lanes.await_one(20)  # many are recorded together
    lanes.stop(5)
