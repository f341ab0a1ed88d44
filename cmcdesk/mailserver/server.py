"""The mail server: listeners reconciled with what the console applies, telemetry, purge, drain."""

import asyncio
import itertools
import logging
import math
import time
from pathlib import Path

from cmcdesk.mail.smtp.envelope import Server
from cmcdesk.mailserver.committer import Purge
from cmcdesk.mailserver.descriptors import Descriptors, raise_limit
from cmcdesk.mailserver.intake import Shared
from cmcdesk.mailserver.listener import Listener
from cmcdesk.mailserver.placed import (
    UNKNOWN_PURGE,
    Key,
    Placed,
    RefusedSet,
    choose_purge,
    keep_trying,
    read_set,
    stays,
    take_places_again,
    tell_deaf,
    tell_places,
    tell_problem,
)
from cmcdesk.mailserver.tally import RefusalBook
from cmcdesk.mailserver.tls import Tls
from cmcdesk.mailserver.writer import Writer
from cmcdesk.pipe import (
    ApplyCommand,
    ChildPipe,
    Command,
    CompositionCounts,
    MailServerTelemetry,
    Problem,
    PurgeCommand,
)

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
IDLE_TICKS = 4  # while nothing changes: once a second
DRAIN_SECONDS = 4.0
LOCK_SECONDS_AT_THE_END = 2.0  # of these, for a mail.db that another program keeps locked


class MailServer:
    """One per process. Everything here runs on the loop; what waits for the disk runs in the committer's thread."""

    def __init__(self, folder_db: Path, loop: asyncio.AbstractEventLoop, tls: Tls, has_interval: bool = True) -> None:
        self._loop = loop
        self._tls = tls
        self._has_interval = has_interval
        self._writer = Writer(folder_db, loop)
        numbers = itertools.count(self._writer.next_session)
        self._shared = Shared(self._writer.submit, self._writer.keep, RefusalBook(self._writer.record), numbers)
        self._listeners: dict[Key, Listener] = {}
        self._draining: list[Listener] = []  # closed, with sessions that still end
        self._descriptors = Descriptors(raise_limit(), self._count_sessions)
        self._purging: list[Purge] = []
        self._stopped = loop.create_future()
        self._pipe = ChildPipe(lambda command: loop.call_soon_threadsafe(self._take, command))
        self._last_told: MailServerTelemetry = {}
        self._quiet_ticks = 0
        self._applying = asyncio.Lock()

    async def run(self) -> None:
        """Until the console says stop or its pipe closes."""
        self._writer.start()
        self._pipe.say({"ready": True})
        self._pipe.start()
        beside = [self._loop.create_task(each) for each in (self._tick(), keep_trying(self._take_missing))]
        await self._stopped
        for task in beside:
            task.cancel()
        await self._drain()
        self._tell_logins(math.inf)
        self._shared.refusals.flush()
        await self._writer.stop()

    def _count_sessions(self) -> int:
        return sum(len(listener.sessions) for listener in [*self._draining, *self._listeners.values()])

    def stop_soon(self) -> None:
        """End as if the console had said so. May be called from a signal handler."""
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if not self._stopped.done():
            self._stopped.set_result(None)

    def _take(self, command: Command) -> None:
        if command["do"] == "stop":
            self._stop()
        elif command["do"] == "apply":
            self._begin_apply(command)
        elif command["do"] == "purge":
            self._purge(command)
        else:
            self._refuse(command, tell_problem("do", f"unknown: {command['do']!r}"))

    def _refuse(self, command: Command, *errors: Problem) -> None:
        self._pipe.say({"id": command.get("id", 0), "ok": False, "errors": list(errors)})

    # -- apply ---------------------------------------------------------------------------------------------------

    def _begin_apply(self, command: ApplyCommand) -> None:
        task = self._loop.create_task(self._apply(command))
        task.add_done_callback(lambda done: done.exception())

    async def _apply(self, command: ApplyCommand) -> None:
        async with self._applying:
            try:
                # In a thread: a certificate that has to be made must keep no session waiting.
                placed = await asyncio.to_thread(read_set, command, self._has_interval, self._tls.certify)
                await self._reconcile(placed)
            except RefusedSet as refused:
                self._refuse(command, *refused.errors)
                return
            except Exception as error:
                log.exception("an apply failed")
                self._refuse(command, tell_problem("", repr(error)))
                return
            self._pipe.say({"id": command.get("id", 0), "ok": True, "compositions": tell_places(self._listeners)})

    async def _reconcile(self, placed: list[Placed]) -> None:
        """Keep listeners that stay, close those that go, then open new ones: one may want the place of another that
        goes. Sessions of those that went end between two mails. Raises RefusedSet, with all as before, when one that
        receives would not do so at its new place."""
        before = self._listeners
        kept = {
            entry.key: before[entry.key] for entry in placed if stays(before.get(entry.key), entry.host, entry.port)
        }
        gone = {key: listener for key, listener in before.items() if key not in kept}
        received = {key for key, listener in gone.items() if listener.receiving}
        for listener in gone.values():
            listener.close()
        after = {entry.key: kept.get(entry.key) or await self._open(entry) for entry in placed}
        deaf = [key for key, listener in after.items() if key in received and listener.reason]
        if deaf:
            opened = [listener for key, listener in after.items() if key not in kept]
            await take_places_again(opened, [gone[key] for key in received])
            raise RefusedSet([tell_deaf(key, missing) for key in deaf if (missing := after[key].missing)])
        for listener in gone.values():
            listener.drain()
        self._draining = [listener for listener in [*self._draining, *gone.values()] if listener.sessions]
        for entry in placed:
            listener = after[entry.key]
            if listener.intake.live.revision != entry.live.revision:
                listener.take_settings(entry.live)
            await listener.place_tls(self._tls.port)
        self._listeners = after

    async def _open(self, placed: Placed) -> Listener:
        listener = Listener(self._loop, self._shared, self._descriptors, placed.host, placed.port)
        listener.take_settings(placed.live)
        await listener.open()
        return listener

    async def _take_missing(self) -> bool:
        """Listen where another program was in the way, if it is gone; tell what changed. Whether one is missing."""
        async with self._applying:
            missing = [listener for listener in self._listeners.values() if listener.reason or listener.tls_reason]
            before = tell_places(self._listeners)
            for listener in missing:
                if listener.reason:
                    await listener.open()
                await listener.place_tls(self._tls.port)
            after = tell_places(self._listeners)
        if after != before:
            self._pipe.say({"listening": after})
        return any(listener.reason or listener.tls_reason for listener in missing)

    # -- purge ---------------------------------------------------------------------------------------------------

    def _purge(self, command: PurgeCommand) -> None:
        work = choose_purge(command)
        if work is None:
            self._refuse(command, tell_problem("mails", UNKNOWN_PURGE))
            return

        def done(purged: int | None) -> None:
            self._purging.remove(purge)
            if purged is None:
                self._refuse(command, tell_problem("", "the purge failed"))
            else:
                self._pipe.say({"id": command.get("id", 0), "ok": True, "purged": purged})

        purge = Purge(work, done)
        self._purging.append(purge)
        self._writer.purge(purge)

    # -- telemetry -----------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        second = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._writer.flush()
            self._tell()  # what is flushed now is told with the next tick, when it can be read
            self._tell_logins(time.time())
            now = int(time.time())
            if now != second:
                self._begin_second()
                second = now

    def _begin_second(self) -> None:
        self._shared.refusals.flush()
        for listener in self._listeners.values():
            listener.tally.begin_second()

    def _tell_logins(self, now: float) -> None:
        if logins := self._shared.logins.take(now):
            self._pipe.say({"logins": logins})

    def _tell(self) -> None:
        of_server: dict[Server, dict[str, CompositionCounts]] = {"receiving": {}, "relay": {}}
        for (name, server), listener in self._listeners.items():
            of_server[server][name] = _telemetry_of(listener)
        in_flight = self._shared.in_flight
        told: MailServerTelemetry = {
            "compositions": of_server["receiving"],
            "relays": of_server["relay"],
            "refusal_rows": self._writer.written_refusals,
            "waiting_octets": in_flight.octets,
            "waiting_mails": in_flight.mails,
            "mail_log": {"loss": self._writer.loss, "set_aside": self._writer.set_aside},
            "purging": [purge.purged for purge in self._purging],  # rows that each purge under way has deleted
        }
        self._quiet_ticks += 1
        if told != self._last_told or self._quiet_ticks >= IDLE_TICKS:
            self._quiet_ticks = 0
            self._last_told = told
            self._pipe.say({"telemetry": {**told, "at": time.time()}})

    # -- the end -------------------------------------------------------------------------------------------------

    async def _drain(self) -> None:
        """No new session; mails under way are answered, for at most a few seconds."""
        self._writer.hurry(LOCK_SECONDS_AT_THE_END)
        listeners = [*self._draining, *self._listeners.values()]
        for listener in listeners:
            listener.drain()
        deadline = self._loop.time() + DRAIN_SECONDS
        while any(listener.sessions for listener in listeners) and self._loop.time() < deadline:
            await asyncio.sleep(0.02)
        for listener in listeners:
            for session in list(listener.sessions):
                if session.transport is not None:
                    session.transport.abort()


def _telemetry_of(listener: Listener) -> CompositionCounts:
    tally = listener.tally
    return {
        "sessions": len(listener.sessions),
        "limit": listener.intake.live.max_sessions,
        "connected": tally.connected,
        "mails": tally.mails,
        "octets": tally.octets,
        "refused": dict(tally.refused),
        "lanes": tally.take_lanes(),
        "turned_away": tally.take_turned_away(),
        "patterns_set_aside": [
            {"filter": pattern.filter, "header": pattern.header, "pattern": pattern.text}
            for pattern in listener.intake.live.filters.set_aside()
        ],
    }
