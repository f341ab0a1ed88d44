"""What the console is given by the composition root (`desk.py`): everything it may touch outside of itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from cmcdesk.processes.placing import Placement
from cmcdesk.store.room import Room

READ_AT_ONCE = 12 * 1024 * 1024
"""Octets of large mails that the console reads at the same time (ours)."""


@dataclass(frozen=True)
class Flags:
    """Switches of benches; the page shows each that is on in red."""

    without_interval: bool = False
    without_dispatch: bool = False


@dataclass(frozen=True)
class Services:
    """The edges that the console works through.

    `send_apply(name)` applies the draft of a composition and returns the revision's number, `send_remove(name)` takes
    one out of the list (both raise `applying.ApplyRefused`); `send_purge(**fields)` is the mail server's "purge"
    and returns how many rows went; `telemetry()` is `Supervisor.telemetry()`; `subscribe(callback)` calls back, on any
    thread, whenever that changed. `token` opens the console (`?token=`) and is the bearer token of the API;
    `secret_key` signs the cookies. `hosts`: names that the console goes by beside those of this computer, each NAME or
    NAME:PORT. `room` is for large mails while they are read.
    """

    folder: Path
    engine: Engine
    token: str
    secret_key: bytes
    send_apply: Callable[[str], int]
    send_remove: Callable[[str], None]
    send_purge: Callable[..., int]
    telemetry: Callable[[], dict[str, Any]]
    subscribe: Callable[[Callable[[], None]], None]
    wake_worker: Callable[[], None]
    placements: Callable[[], list[Placement]]
    flags: Flags = Flags()
    hosts: tuple[str, ...] = ()
    room: Room = field(default_factory=lambda: Room(READ_AT_ONCE))
