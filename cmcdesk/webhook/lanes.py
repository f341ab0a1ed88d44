"""All lanes, one per endpoint, and what is in their hands. Owned by the thread that ticks."""

import queue
import time
from collections import Counter

from cmcdesk.store.desk.delivery_queue import AttemptRecord
from cmcdesk.webhook.errand import Errand
from cmcdesk.webhook.lane import Done, Lane, OpenWork

LANE_LIMIT = 32  # ours: endpoints served at the same time; the next one waits until a lane is empty
IDLE_SECONDS = 30.0  # after which a lane's threads and connections are let go

PROMPT = 4  # errands in hand at most, while each is recorded as soon as it ends: more are recorded together

Place = tuple[str, str]  # composition, filter


class Lanes:
    """Hands errands to the lane of their endpoint and collects what came of them."""

    def __init__(self, open_work: OpenWork, limit: int = LANE_LIMIT) -> None:
        self._open_work = open_work
        self._limit = limit
        self._lanes: dict[str, Lane] = {}
        self._in_hand: set[int] = set()
        self._held: Counter[Place] = Counter()
        self._done: Done = queue.SimpleQueue()
        self._awaited: list[tuple[Errand, AttemptRecord]] = []

    def holds(self, delivery_number: int) -> bool:
        """Whether this delivery was handed over and what came of it is not yet recorded."""
        return delivery_number in self._in_hand

    def count_held(self, place: Place) -> int:
        """How many deliveries of one filter are in the lanes' hands."""
        return self._held[place]

    def hand_over(self, errand: Errand) -> bool:
        """False: the lane of its endpoint is full, or all lanes are taken; the delivery stays due."""
        lane = self._lanes.get(errand.target.endpoint) or self._open(errand.target.endpoint)
        if lane is None or not lane.has_room:
            return False
        self._in_hand.add(errand.delivery.number)
        self._held[errand.place] += 1
        lane.hand_over(errand)
        return True

    def collect(self) -> list[tuple[Errand, AttemptRecord]]:
        """What came of errands since the last call; each stays in hand until it is settled."""
        awaited, self._awaited = self._awaited, []
        return awaited + [self._done.get() for _ in range(self._done.qsize())]

    def await_one(self, seconds: float) -> bool:
        """Wait so long for something to collect, while little is in hand; False: there is nothing."""
        if not 0 < len(self._in_hand) <= PROMPT:
            return False
        try:
            self._awaited.append(self._done.get(timeout=seconds))
        except queue.Empty:
            return False
        return True

    def settle(self, errand: Errand) -> None:
        """The errand's attempt is recorded: its delivery may be handed over again when it is due."""
        self._in_hand.discard(errand.delivery.number)
        self._held[errand.place] -= 1
        if lane := self._lanes.get(errand.target.endpoint):
            lane.settle()

    def dismiss_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Let go of the lanes that have had nothing to do for so long."""
        for endpoint, lane in list(self._lanes.items()):
            if lane.idle_seconds > seconds:
                lane.dismiss()
                del self._lanes[endpoint]

    def stop(self, seconds: float) -> None:
        """End all threads; attempts under way may take so long to end, the others are not begun."""
        deadline = time.monotonic() + seconds
        for lane in self._lanes.values():
            lane.dismiss()
        for lane in self._lanes.values():
            lane.join(deadline)

    def _open(self, endpoint: str) -> Lane | None:
        if len(self._lanes) >= self._limit:
            self.dismiss_idle(seconds=0.0)
        if len(self._lanes) >= self._limit:
            return None
        self._lanes[endpoint] = Lane(self._open_work, self._done)
        return self._lanes[endpoint]
