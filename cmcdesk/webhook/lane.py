"""A lane: the threads that send to one endpoint. A slow or dead endpoint fills its own lane and no other."""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from cmcdesk.store.desk.delivery_queue import AttemptRecord
from cmcdesk.webhook.errand import Errand

Work = Callable[[Errand], AttemptRecord]
OpenWork = Callable[[], AbstractContextManager[Work]]
Done = queue.SimpleQueue[tuple[Errand, AttemptRecord]]

ROOM = 256  # errands a lane holds: read ahead for two ticks at the highest rate
CREW_LIMIT = 4  # ours: threads of one lane
SLOW_MILLISECONDS = 20  # below this more threads only take the interpreter's lock from each other


class Lane:
    """Used by one owner thread; what came of the errands is put on `done` by the lane's own threads.

    open_work: gives each thread what it works with (its own connection and view of mail.db), for as long as it lives.
    """

    def __init__(self, open_work: OpenWork, done: Done) -> None:
        self._open_work = open_work
        self._done = done
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()  # None ends a thread
        self._crew: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._milliseconds = 0.0  # of an attempt, a moving mean
        self._held = 0
        self._idle_since = time.monotonic()
        self._enlist()

    @property
    def has_room(self) -> bool:
        return self._held < ROOM

    @property
    def idle_seconds(self) -> float:
        """How long it has held nothing; 0.0 while it does."""
        return 0.0 if self._held else time.monotonic() - self._idle_since

    def hand_over(self, errand: Errand) -> None:
        self._held += 1
        self._errands.put(errand)
        if self._errands.qsize() > 1 and self._milliseconds > SLOW_MILLISECONDS and len(self._crew) < CREW_LIMIT:
            self._enlist()

    def settle(self) -> None:
        """The owner recorded what came of one errand."""
        self._held -= 1
        self._idle_since = time.monotonic()

    def dismiss(self) -> None:
        """End the threads; what was handed over and not begun is left, and so still due."""
        self._stopping.set()
        for _ in self._crew:
            self._errands.put(None)

    def join(self, deadline: float) -> None:
        """Wait for attempts under way, until a moment on the monotonic clock."""
        for thread in self._crew:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _enlist(self) -> None:
        thread = threading.Thread(target=self._run, name="webhook lane", daemon=True)
        self._crew.append(thread)
        thread.start()

    def _run(self) -> None:
        with self._open_work() as work:
            while (errand := self._errands.get()) is not None and not self._stopping.is_set():
                record = work(errand)
                self._milliseconds = 0.9 * self._milliseconds + 0.1 * record.milliseconds
                self._done.put((errand, record))
