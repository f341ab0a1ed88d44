"""The mail server: listeners reconciled with what the console applies, telemetry, purge, drain."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex

from cmcdesk.mail.mime.words import decode_field
from cmcdesk.mailserver.control import Command, Control
from cmcdesk.mailserver.intake import Shared
from cmcdesk.mailserver.listener import Listener
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.refusals import RefusalBook
from cmcdesk.mailserver.writer import Purge, Writer
from cmcdesk.rules.settings import SettingsError, check_composition
from cmcdesk.store.maillog_writer import MailLogWriter

TICK_SECONDS = 0.25
IDLE_TICKS = 4  # while nothing changes: once a second
DRAIN_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Placed:
    """One composition of an apply: its settings, compiled, and where it listens."""

    live: LiveSettings
    host: str
    port: int


class Refused(Exception):
    """An apply that is refused whole. errors: [{"composition", "field", "message"}]."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class MailServer:
    """One per process. Everything here runs on the loop; the writer thread does the disk."""

    def __init__(self, folder_db: Path, loop: asyncio.AbstractEventLoop, has_interval: bool = True) -> None:
        self._loop = loop
        self._has_interval = has_interval
        self._writer = Writer(folder_db, loop.call_soon_threadsafe)
        numbers = itertools.count(self._writer.next_session)
        self._shared = Shared(self._writer.submit, RefusalBook(self._writer.record), decode_field, numbers)
        self._listeners: dict[str, Listener] = {}
        self._stopped = loop.create_future()
        self._control = Control(loop, self._take)
        self._last_told: Any = None
        self._quiet_ticks = 0
        self._applying = asyncio.Lock()

    async def run(self) -> None:
        """Until the console says stop or its pipe closes."""
        self._writer.start()
        self._control.say({"ready": True})
        self._control.start()
        ticking = self._loop.create_task(self._tick())
        await self._stopped
        ticking.cancel()
        await self._drain()
        self._shared.refusals.flush()
        await self._loop.run_in_executor(None, self._writer.stop)

    def stop_soon(self) -> None:
        """End as if the console had said so. May be called from a signal handler."""
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if not self._stopped.done():
            self._stopped.set_result(None)

    def _take(self, command: Command) -> None:
        does: dict[str, Callable[[Command], None]] = {"apply": self._begin_apply, "purge": self._purge}
        do = command.get("do")
        if do == "stop":
            self._stop()
        elif do in does:
            does[do](command)
        else:
            self._answer(command, ok=False, errors=[{"composition": "", "field": "do", "message": f"unknown: {do!r}"}])

    def _answer(self, command: Command, **fields: Any) -> None:
        self._control.say({"id": command.get("id"), **fields})

    # -- apply ---------------------------------------------------------------------------------------------------

    def _begin_apply(self, command: Command) -> None:
        task = self._loop.create_task(self._apply(command))
        task.add_done_callback(lambda done: done.exception())

    async def _apply(self, command: Command) -> None:
        async with self._applying:
            try:
                placed = self._read_set(command)
                await self._reconcile(placed)
            except Refused as refused:
                self._answer(command, ok=False, errors=refused.errors)
                return
            told = [
                {"name": name, "receiving": listener.receiving, "reason": listener.reason}
                for name, listener in self._listeners.items()
            ]
            self._answer(command, ok=True, compositions=told)

    def _read_set(self, command: Command) -> list[Placed]:
        """Compile all before anything is touched: the whole new set or none of it."""
        placed: list[Placed] = []
        errors: list[dict[str, str]] = []
        for entry in command.get("compositions", []):
            name = str(entry.get("settings", {}).get("name", ""))
            try:
                composition = check_composition(entry["settings"])
                live = LiveSettings.of(composition, int(entry["revision"]), decode_field, self._has_interval)
                placed.append(Placed(live, str(entry["host"]), int(entry["port"])))
            except SettingsError as error:
                errors += [
                    {"composition": name, "field": one.field, "message": one.message["en"]} for one in error.errors
                ]
            except (KeyError, TypeError, ValueError, regex.error) as error:
                errors.append({"composition": name, "field": "", "message": repr(error)})
        if errors:
            raise Refused(errors)
        return placed

    async def _reconcile(self, placed: list[Placed]) -> None:
        """Keep listeners that stay, open new ones, close those that went; then the settings, all in one turn."""
        before = self._listeners
        after: dict[str, Listener] = {}
        for one in placed:
            kept = before.get(one.live.name)
            is_same_place = kept and kept.host == one.host and one.port in (0, kept.port) and kept.receiving
            if kept and is_same_place:
                after[one.live.name] = kept
            else:
                after[one.live.name] = await self._open(one, kept)
        for name, listener in before.items():
            if after.get(name) is not listener:
                listener.drain()
        for one in placed:
            listener = after[one.live.name]
            if not hasattr(listener, "intake") or listener.intake.live.revision != one.live.revision:
                listener.take_settings(one.live)
        self._listeners = after

    async def _open(self, one: Placed, moved: Listener | None) -> Listener:
        if moved:
            moved.close()
        listener = Listener(self._loop, self._shared, one.host, one.port)
        listener.take_settings(one.live)
        await listener.open()
        return listener

    # -- purge ---------------------------------------------------------------------------------------------------

    def _purge(self, command: Command) -> None:
        work = _purge_work(command)
        if work is None:
            problem = {"composition": "", "field": "mails", "message": "say mails, before_id or all"}
            self._answer(command, ok=False, errors=[problem])
            return

        def done(purged: int | None) -> None:
            if purged is None:
                self._answer(command, ok=False, errors=[{"composition": "", "field": "", "message": "purge failed"}])
            else:
                self._answer(command, ok=True, purged=purged)

        self._writer.purge(Purge(work, done))

    # -- telemetry -----------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        flushed = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = int(time.time())
            if now != flushed:
                self._shared.refusals.flush()
                flushed = now
            self._tell()

    def _tell(self) -> None:
        compositions = {name: _telemetry_of(listener) for name, listener in self._listeners.items()}
        in_flight = self._shared.in_flight
        told = {"compositions": compositions, "waiting_octets": in_flight.octets, "waiting_mails": in_flight.mails}
        self._quiet_ticks += 1
        if told != self._last_told or self._quiet_ticks >= IDLE_TICKS:
            self._quiet_ticks = 0
            self._last_told = told
            self._control.say({"telemetry": {"at": time.time(), **told}})

    # -- the end -------------------------------------------------------------------------------------------------

    async def _drain(self) -> None:
        """No new session; mails under way are answered, for at most a few seconds."""
        for listener in self._listeners.values():
            listener.drain()
        deadline = self._loop.time() + DRAIN_SECONDS
        while any(listener.sessions for listener in self._listeners.values()) and self._loop.time() < deadline:
            await asyncio.sleep(0.02)
        for listener in self._listeners.values():
            for session in list(listener.sessions):
                if session.transport is not None:
                    session.transport.abort()


def _telemetry_of(listener: Listener) -> dict[str, Any]:
    tally = listener.tally
    lanes = tally.take_closed_lanes() + [session.lane.take() for session in listener.sessions]
    return {
        "sessions": len(listener.sessions),
        "limit": listener.intake.live.max_sessions,
        "connected": tally.connected,
        "mails": tally.mails,
        "octets": tally.octets,
        "refused": dict(tally.refused),
        "lanes": lanes,
        "patterns_set_aside": [
            {"filter": one.filter, "header": one.header, "pattern": one.text}
            for one in listener.intake.live.filters.set_aside()
        ],
    }


def _purge_work(command: Command) -> Callable[[MailLogWriter], int] | None:
    if command.get("all") is True:
        return MailLogWriter.purge_all
    if isinstance(command.get("before_id"), int):
        mail_id: int = command["before_id"]
        return lambda log: log.purge_before(mail_id)
    if isinstance(command.get("mails"), list):
        mail_ids = [int(one) for one in command["mails"]]
        return lambda log: log.purge_mails(mail_ids)
    return None
