"""What a request has at hand: the services that the composition root (`desk.py`) gave the console, which are everything
it may touch outside of itself; the mail log and the index, opened where a view first asks, closed when the request
ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Engine

from cmcdesk.pipe import ProcessStates, SendPurge
from cmcdesk.processes.flags import Flags
from cmcdesk.processes.paths import mail_db, search_db
from cmcdesk.processes.placing import Placement
from cmcdesk.rules.logins import LoginTold
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.room import Room
from cmcdesk.store.search.mail_search import MailSearch, UpwardSearch
from cmcdesk.store.search.search_index import SearchIndex

READ_AT_ONCE = 12 * 1024 * 1024
"""Octets of large mails that the console reads at the same time (ours)."""


@dataclass(frozen=True)
class Services:
    """The edges that the console works through.

    `send_apply(name)` applies the draft of a composition and returns the revision's number, `send_remove(name)` takes
    one out of the list (both raise `applying.ApplyRefused`); `send_purge` is the mail server's "purge"
    and returns how many rows went; `telemetry()` is `Supervisor.telemetry()`; `subscribe(callback)` calls back, on any
    thread, whenever that changed. `token` opens the console (`?token=`) and is the bearer token of the API;
    `secret_key` signs the cookies. `hosts`: names that the console goes by beside those of this computer, each NAME or
    NAME:PORT. `note_login` takes logins at the console. `room` is for large mails while they are read.
    """

    folder: Path
    engine: Engine
    token: str
    secret_key: bytes
    send_apply: Callable[[str], int]
    send_remove: Callable[[str], None]
    send_purge: SendPurge
    telemetry: Callable[[], ProcessStates]
    subscribe: Callable[[Callable[[], None]], None]
    wake_worker: Callable[[], None]
    placements: Callable[[], list[Placement]]
    note_login: Callable[[LoginTold], None] = lambda login: None
    flags: Flags = field(default_factory=Flags)
    hosts: tuple[str, ...] = ()
    room: Room = field(default_factory=lambda: Room(READ_AT_ONCE))


def current_services() -> Services:
    """What the composition root gave to the application that serves this request."""
    services: Services = current_app.extensions["services"]
    return services


def current_mail_log() -> MailLog | None:
    """mail.db, or None as long as the mail server has not made it."""
    if "mail_log" not in g:
        try:
            g.mail_log = MailLog(mail_db(current_services().folder))
        except MailLogMissing:
            return None
    log: MailLog = g.mail_log
    return log


@contextmanager
def open_mail(mail_id: int) -> Iterator[tuple[MailRow, bytes] | None]:
    """A mail and its octets for as long as they are read and shown; None if it is not there. Large ones wait for each
    other: what is made of a mail is many times its size."""
    log = current_mail_log()
    row = log.get_mail(mail_id) if log else None
    with current_services().room.take(row.size if row else 0):
        octets = log.get_octets(mail_id) if log and row else None
        yield None if row is None or octets is None else (row, octets)


def current_mail_search() -> MailSearch | None:
    """mail.db with its index, or None as long as there is no mail.db."""
    log = current_mail_log()
    return MailSearch(log, _current_index(log)) if log else None


def current_upward_search() -> UpwardSearch | None:
    """The same, oldest first."""
    log = current_mail_log()
    return UpwardSearch(log, _current_index(log)) if log else None


def _current_index(log: MailLog) -> SearchIndex:
    if "search_index" not in g:
        g.search_index = SearchIndex(search_db(current_services().folder), log.log_id)
    index: SearchIndex = g.search_index
    return index


def install_mail_log(app: Flask) -> None:
    """Close what a request opened."""

    @app.teardown_appcontext
    def close_mail_log(_error: BaseException | None) -> None:
        for name in ("mail_log", "search_index"):
            opened: Any = g.pop(name, None)
            if opened is not None:
                opened.close()
