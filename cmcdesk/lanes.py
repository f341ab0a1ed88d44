"""Lanes: the threads that send to one place each. A slow or dead place fills its own lane and no other.

Webhooks have a lane an endpoint, mails a lane a destination. What is to be sent is a job: rows of a queue in
desk.db, which stay due there until what came of it was recorded.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

ROOM = 256  # jobs a lane holds: read ahead for two ticks at the highest rate
SLOW_MILLISECONDS = 20  # below this more threads only take the interpreter's lock from each other
LANE_LIMIT = 32  # ours: places served at the same time; the next one waits until a lane is empty
IDLE_SECONDS = 30.0
PROMPT = 4  # jobs in hand at most, while each is recorded as soon as it ends: more are recorded together


class LaneJob(Protocol):
    """numbers: of its rows, which tell it from all others; lane: who shares it shares threads; place: the queue it
    comes from; crew: threads that its lane may have."""

    @property
    def numbers(self) -> tuple[int, ...]: ...

    @property
    def lane(self) -> str: ...

    @property
    def place(self) -> Hashable: ...

    @property
    def crew(self) -> int: ...


class Timed(Protocol):
    """What came of a job, and how long it took."""

    @property
    def milliseconds(self) -> int: ...


Sent = TypeVar("Sent", bound=LaneJob)
Came = TypeVar("Came", bound=Timed)

#: Gives each thread what it works with (its own connection and view of mail.db), for as long as it lives.
OpenWork = Callable[[], AbstractContextManager[Callable[[Sent], Came]]]


class Lane(Generic[Sent, Came]):
    """Used by one owner thread; what came of the jobs is put on `done` by the lane's own threads."""

    def __init__(
        self,
        open_work: OpenWork[Sent, Came],
        done: "queue.SimpleQueue[tuple[Sent, Came]]",
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._open_work = open_work
        self._done = done
        self._idle_seconds = idle_seconds
        self._change = threading.Lock()  # over the crew
        self._jobs: queue.SimpleQueue[Sent | None] = queue.SimpleQueue()  # None ends a thread
        self._crew: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._milliseconds = 0.0  # of an attempt, a moving mean
        self._held = 0
        self._idle_since = time.monotonic()
        self._enlist(1)

    @property
    def has_room(self) -> bool:
        return self._held < ROOM

    @property
    def idle_seconds(self) -> float:
        """How long it has held nothing; 0.0 while it does."""
        return 0.0 if self._held else time.monotonic() - self._idle_since

    def hand_over(self, job: Sent) -> None:
        self._held += 1
        self._jobs.put(job)
        self._grow(job.crew)

    def settle(self) -> None:
        """The owner recorded what came of one job."""
        self._held -= 1
        self._idle_since = time.monotonic()

    def dismiss(self) -> None:
        """End the threads; what was handed over and not begun is left, and so still due."""
        self._stopping.set()
        with self._change:
            for _ in self._crew:
                self._jobs.put(None)

    def join(self, deadline: float) -> None:
        """Wait for attempts under way, until a moment on the monotonic clock."""
        for thread in list(self._crew):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _grow(self, most: int) -> None:
        """One thread more where jobs wait at a slow place."""
        if self._jobs.qsize() > 1 and self._milliseconds > SLOW_MILLISECONDS:
            self._enlist(most)

    def _enlist(self, most: int) -> None:
        with self._change:
            if len(self._crew) < most and not self._stopping.is_set():
                self._crew.append(threading.Thread(target=self._run, name="lane", daemon=True))
                self._crew[-1].start()

    def _run(self) -> None:
        with self._open_work() as work:
            while (job := self._await_job()) is not None and not self._stopping.is_set():
                came = work(job)
                self._milliseconds = 0.9 * self._milliseconds + 0.1 * came.milliseconds
                self._done.put((job, came))
                self._grow(job.crew)  # what waits came all at once, before anybody knew that the place is slow

    def _await_job(self) -> Sent | None:
        """None: this thread is to end. One without work leaves, with its connection, unless it is the last."""
        while True:
            try:
                return self._jobs.get(timeout=self._idle_seconds)
            except queue.Empty:
                with self._change:
                    if len(self._crew) > 1:
                        self._crew.remove(threading.current_thread())
                        return None


class Lanes(Generic[Sent, Came]):
    """All lanes, and what is in their hands: hands jobs to their lane and collects what came of them. Owned by the
    thread that ticks."""

    def __init__(
        self, open_work: OpenWork[Sent, Came], limit: int = LANE_LIMIT, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        """idle_seconds: after which a lane's threads and connections are let go."""
        self._open_work = open_work
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._lanes: dict[str, Lane[Sent, Came]] = {}
        self._in_hand: set[int] = set()
        self._held: Counter[Any] = Counter()  # rows by place
        self._done: queue.SimpleQueue[tuple[Sent, Came]] = queue.SimpleQueue()
        self._awaited: list[tuple[Sent, Came]] = []

    def holds(self, number: int) -> bool:
        """Whether this row was handed over and what came of it is not yet recorded."""
        return number in self._in_hand

    def count_held(self, place: Hashable) -> int:
        """How many rows of one queue are in the lanes' hands."""
        return self._held[place]

    def hand_over(self, job: Sent) -> bool:
        """False: its lane is full, or all lanes are taken; its rows stay due."""
        lane = self._lanes.get(job.lane) or self._open(job.lane)
        if lane is None or not lane.has_room:
            return False
        self._in_hand.update(job.numbers)
        self._held[job.place] += len(job.numbers)
        lane.hand_over(job)
        return True

    @property
    def is_busy(self) -> bool:
        """Whether more is in hand than is recorded one by one."""
        return len(self._in_hand) > PROMPT

    def collect(self) -> list[tuple[Sent, Came]]:
        """What came of jobs since the last call; each stays in hand until it is settled."""
        awaited, self._awaited = self._awaited, []
        return awaited + [self._done.get() for _ in range(self._done.qsize())]

    def await_one(self, seconds: float, most: int = PROMPT) -> bool:
        """Wait so long for something to collect, while at most so many are in hand; False: there is nothing."""
        if not 0 < len(self._in_hand) <= most:
            return False
        try:
            self._awaited.append(self._done.get(timeout=seconds))
        except queue.Empty:
            return False
        return True

    def settle(self, job: Sent) -> None:
        """What came of it is recorded: its rows may be handed over again when they are due."""
        self._in_hand.difference_update(job.numbers)
        self._held[job.place] -= len(job.numbers)
        if not self._held[job.place]:
            del self._held[job.place]
        if lane := self._lanes.get(job.lane):
            lane.settle()

    def dismiss_idle(self, seconds: float | None = None) -> None:
        """Let go of the lanes that have had nothing to do for so long; None: for their idle seconds."""
        seconds = self._idle_seconds if seconds is None else seconds
        for name, lane in list(self._lanes.items()):
            if lane.idle_seconds > seconds:
                lane.dismiss()
                del self._lanes[name]

    def stop(self, seconds: float) -> None:
        """End all threads; attempts under way may take so long to end, the others are not begun."""
        deadline = time.monotonic() + seconds
        for lane in self._lanes.values():
            lane.dismiss()
        for lane in self._lanes.values():
            lane.join(deadline)

    def _open(self, name: str) -> Lane[Sent, Came] | None:
        if len(self._lanes) >= self._limit:
            self.dismiss_idle(seconds=0.0)
        if len(self._lanes) >= self._limit:
            return None
        self._lanes[name] = Lane(self._open_work, self._done, self._idle_seconds)
        return self._lanes[name]
