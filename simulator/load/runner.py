"""Runs a load: keeps the sessions open, starts each mail when it is due, counts what comes back, stops by itself."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.load.client import NO_REPLY, Outcome, Session, SessionOwner
from simulator.load.prepared import Prepared
from simulator.load.shape import Shape, time_of
from simulator.load.tally import Tally

NEVER_CONNECTED = 3.0  # seconds until a target that nothing listens on is given up
LATENESS = 0.5  # seconds after its end in which a load at a rate may still start what was due before
LONGEST_SLEEP = 1.0  # seconds; a shape may be at rest for longer, the watch over the run may not


class LoadFailed(Exception):
    """The receiver did not answer for longer than the plan's patience, or was never there."""


class Source(Protocol):
    """Where the mails come from."""

    def take(self, number: int) -> tuple[Prepared, bytes]:
        """Mail ``number`` (from 0) and the header lines to stamp before its octets."""


@dataclass(frozen=True)
class Plan:
    """What to send where. Ends after ``count`` mails or ``seconds``, whichever is first; one of them is needed.

    ``shape`` None: as fast as the receiver takes them. ``mails_per_session`` 0: one connection for all.
    ``patience``: seconds without any reply after which the run is given up.
    """

    host: str
    port: int
    sessions: int = 1
    count: int | None = None
    seconds: float | None = None
    shape: Shape | None = None
    mails_per_session: int = 0
    reconnect_after: float = 0.2
    patience: float = 30.0


class Load:
    """One run of a plan. The tally may be read at any time, from any thread."""

    def __init__(self, plan: Plan, source: Source) -> None:
        if plan.count is None and plan.seconds is None:
            raise ValueError("a load needs a count or a duration")
        self.plan = plan
        self.tally = Tally()
        self.make_session: Callable[[SessionOwner], Session] = Session
        self.started = 0
        self._source = source
        self._idle: deque[Session] = deque()
        self._open: set[Session] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = False
        self._paused_at: float | None = None
        self._most = math.inf if plan.count is None else plan.count
        self._end_after = math.inf if plan.seconds is None else plan.seconds
        if plan.shape is not None and plan.seconds is not None:
            self._most = min(self._most, math.ceil(plan.shape.mails_by(plan.seconds)))
            self._end_after += LATENESS

    async def run(self) -> Tally:
        """Play the plan to its end; raises LoadFailed if the receiver is not there or falls silent."""
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self.tally.started_at = self._heard_at = time.monotonic()
        for _ in range(self.plan.sessions):
            self._open_session()
        watch = self._loop.create_task(self._watch())
        try:
            await self._over
        finally:
            watch.cancel()
            await self._close_all()
        return self.tally

    def stop(self) -> None:
        """Begin no further mail; the run ends when those in flight are answered. From any thread."""
        self._loop.call_soon_threadsafe(self._stop)

    def pause(self) -> None:
        """Begin no further mail until ``resume``; the plan's time stands still. From any thread."""
        self._loop.call_soon_threadsafe(self._pause)

    def resume(self) -> None:
        """Go on after a pause, where the plan stood. From any thread."""
        self._loop.call_soon_threadsafe(self._resume)

    @property
    def is_paused(self) -> bool:
        """Whether it is between ``pause`` and ``resume``."""
        return self._paused_at is not None

    def elapsed(self) -> float:
        """Seconds of the plan that have passed, pauses left out."""
        now = time.monotonic() if self._paused_at is None else self._paused_at
        return now - self.tally.started_at - self.tally.paused_seconds

    # -- told by the sessions

    def session_greeted(self, session: Session, code: int, text: str, seconds: float) -> None:
        del session
        self._heard_at = time.monotonic()
        self.tally.note_greeting(code, text, seconds)

    def session_ready(self, session: Session) -> None:
        if session.mails and session.mails == self.plan.mails_per_session:
            session.quit()
        else:
            self._idle.append(session)
            self._start_due()

    def mail_done(self, session: Session, outcome: Outcome) -> None:
        now = self._heard_at = self.tally.last_reply_at = time.monotonic()
        if outcome.stage == "dot" and outcome.code == 250:
            first = not session.accepted_at
            self.tally.note_accepted(outcome, now - (session.opened_at if first else session.accepted_at), first)
            session.accepted_at = now
        else:
            self.tally.note_refused(outcome)
        if self.tally.finished >= self._most or self._stopping:
            self._end_if_done()

    def session_closed(self, session: Session) -> None:
        self._open.discard(session)
        if session in self._idle:
            self._idle.remove(session)
        if self._over.done():
            return
        if session.mails:
            self._open_session()
        else:  # turned away at the door: come again, but do not hammer it
            self._loop.call_later(self.plan.reconnect_after, self._open_session)

    # -- starting

    def _start_due(self) -> None:
        """Start what is due by now on the idle sessions, and come back when the next is."""
        plan = self.plan
        elapsed = self.elapsed()
        if self.is_paused:
            return
        if elapsed >= self._end_after:
            self._stop()
        due = math.inf if plan.shape is None else math.floor(plan.shape.mails_by(elapsed)) + 1
        due = min(due, self._most)
        while self._idle and self.started < due and not self._stopping:
            session = self._idle.popleft()
            mail, stamp = self._source.take(self.started)
            self.started += 1
            session.send(mail, self.started - 1, stamp)
        if self._idle and self.started < self._most and not self._stopping and plan.shape and not self._timer:
            wait = time_of(plan.shape, self.started) - elapsed
            self._timer = self._loop.call_later(min(max(wait, 0.0005), LONGEST_SLEEP), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._start_due()

    def _pause(self) -> None:
        if self._paused_at is None and not self._stopping:
            self._paused_at = time.monotonic()

    def _resume(self) -> None:
        if self._paused_at is not None:
            self._heard_at = time.monotonic()
            self.tally.paused_seconds += self._heard_at - self._paused_at
            self._paused_at = None
            self._start_due()

    def _open_session(self) -> None:
        if self.is_paused:
            self._loop.call_later(self.plan.reconnect_after, self._open_session)
        elif not self._over.done() and not self._stopping and self.started < self._most:
            task = self._loop.create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        session = self.make_session(self)
        self._open.add(session)
        try:
            await self._loop.create_connection(lambda: session, self.plan.host, self.plan.port)
        except OSError:
            self._open.discard(session)
            self._loop.call_later(self.plan.reconnect_after, self._open_session)
        except asyncio.CancelledError:
            self._open.discard(session)
            raise

    # -- ending

    def _stop(self) -> None:
        self._stopping = True
        self._resume()
        self._end_if_done()

    def _end_if_done(self) -> None:
        nothing_left = self._stopping or self.started >= self._most
        if nothing_left and self.tally.finished >= self.started and not self._over.done():
            if self.plan.shape is not None:
                self.tally.scheduled_seconds = time_of(self.plan.shape, self.started)
            self._over.set_result(None)

    async def _watch(self) -> None:
        """End a run whose time is over or whose receiver is silent."""
        plan, begun = self.plan, self.tally.started_at
        while not self._over.done():
            now = time.monotonic()
            left = math.inf if self._stopping or self.is_paused else self._end_after - self.elapsed()
            if left <= 0:
                self._stop()
            elif not self.tally.greetings and now - begun > NEVER_CONNECTED:
                self._give_up(f"nobody answers at {plan.host}:{plan.port}")
            elif now - self._heard_at > plan.patience and not self._is_resting():
                self._give_up(f"no reply from {plan.host}:{plan.port} for {plan.patience:g} s")
            await asyncio.sleep(max(min(left, 0.25), 0.001))

    def _is_resting(self) -> bool:
        """Whether it is the plan that makes the silence: nothing in flight, sessions waiting for a due mail."""
        return (self.is_paused or bool(self._idle)) and self.tally.finished >= self.started

    def _give_up(self, reason: str) -> None:
        if not self._over.done():
            self._over.set_exception(LoadFailed(reason))

    async def _close_all(self) -> None:
        """QUIT where a session is idle, drop the others, and wait until the sockets are gone."""
        if self._timer:
            self._timer.cancel()
        for task in list(self._opening):
            task.cancel()
        for session in list(self._open):
            session.quit()
        deadline = time.monotonic() + 1.0
        while self._open and time.monotonic() < deadline:
            await asyncio.sleep(0.002)
        for session in list(self._open):
            session.abort()
        await asyncio.sleep(0)


__all__ = ["NO_REPLY", "Load", "LoadFailed", "Plan", "Source"]
