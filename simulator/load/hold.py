"""Sessions that are opened and kept: what a session cap is tested with."""

import asyncio
import time
from collections.abc import Callable

from simulator.load.client import Outcome, Session, SessionOwner
from simulator.load.tally import Tally


class Hold:
    """Opens sessions, keeps those that are greeted with 220, lets go of them when told."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self.tally = Tally()
        self.make_session: Callable[[SessionOwner], Session] = Session
        self._kept: list[Session] = []
        self._open: set[Session] = set()
        self._changed = asyncio.Event()

    async def open(self, sessions: int) -> None:
        """Open that many more, one after the other, and wait until each is ready or turned away."""
        for _ in range(sessions):
            await self._open_one()

    async def _open_one(self) -> None:
        session = self.make_session(self)
        self._open.add(session)
        await asyncio.get_running_loop().create_connection(lambda: session, *self._target)
        await self._wait(lambda: session in self._kept or session not in self._open)

    async def release(self, sessions: int | None = None) -> None:
        """QUIT that many of them (None: all) and wait until they are closed."""
        leaving, self._kept = self._kept[:sessions], self._kept[len(self._kept[:sessions]) :]
        for session in leaving:
            session.quit()
        await self._wait(lambda: not self._open.intersection(leaving))

    async def _wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not is_so():
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), deadline - time.monotonic())

    def session_greeted(self, session: Session, code: int, text: str, seconds: float) -> None:
        del session
        self.tally.note_greeting(code, text, seconds)

    def session_ready(self, session: Session) -> None:
        self._kept.append(session)
        self._changed.set()

    def mail_done(self, session: Session, outcome: Outcome) -> None:
        del session, outcome  # none is sent

    def session_closed(self, session: Session) -> None:
        self._open.discard(session)
        if session in self._kept:
            self._kept.remove(session)
        self._changed.set()
