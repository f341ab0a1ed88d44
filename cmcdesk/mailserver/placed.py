"""What the console's commands ask for, as the mail server uses it: the set of an apply, its settings compiled and its
certificates made before anything is touched; a purge as work for the writer.

Listeners are brought to where they ought to be: kept, taken back after a move that failed, tried again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

import regex

from cmcdesk.mail.smtp.envelope import Server
from cmcdesk.mailserver.listener import Listener
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.protection import FindContext, Protection, needs_tls
from cmcdesk.pipe import ApplyCommand, Listening, Missing, Problem, PurgeChoice, SetEntry
from cmcdesk.rules.settings import Composition, SettingsError, check_composition
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.purge import purge_all, purge_before, purge_mails, purge_refusals

Certify = Callable[[Composition, str], FindContext]  # the composition, the host it listens on
Key = tuple[str, Server]  # a composition's name, which of its servers

log = logging.getLogger(__name__)

FIRST_WAIT = 0.5  # seconds until a place that could not be taken is tried again; doubled each time it fails
LONGEST_WAIT = 5.0
UNKNOWN_PURGE = "say mails or before_id, as numbers of mails, refusals_before_id, or all"


@dataclass(frozen=True, slots=True)
class Placed:
    """One server of an apply: its settings, compiled, and where it listens."""

    live: LiveSettings
    host: str
    port: int

    @property
    def key(self) -> Key:
        """Tells it from the others of the set."""
        return self.live.name, self.live.server


class RefusedSet(Exception):
    """An apply that is refused whole."""

    def __init__(self, errors: list[Problem]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def read_set(command: ApplyCommand, has_interval: bool, certify: Certify) -> list[Placed]:
    """The whole new set. Raises RefusedSet with the errors of all; takes its time where a certificate is made."""
    placed: list[Placed] = []
    errors: list[Problem] = []
    for entry in command.get("compositions") or []:
        name = ""
        try:
            name = str(entry["settings"]["name"])
            placed += _read_entry(entry, has_interval, certify)
        except SettingsError as error:
            errors += [Problem(composition=name, field=one.field, message=one.message["en"]) for one in error.errors]
        except (AttributeError, KeyError, TypeError, ValueError, OSError, regex.error) as error:
            errors.append(Problem(composition=name, field="", message=repr(error)))
    if errors:
        raise RefusedSet(errors)
    return placed


def _read_entry(entry: SetEntry, has_interval: bool, certify: Certify) -> list[Placed]:
    composition, host, revision = check_composition(entry["settings"]), str(entry["host"]), int(entry["revision"])
    find_context = certify(composition, host)
    if needs_tls(composition.security):
        find_context()  # what is wrong with it is told now
    receiving = LiveSettings.of(composition, revision, has_interval, find_context)
    protection = Protection.of_relay(entry["smtp_users"], find_context)
    relay = LiveSettings.of_relay(composition, revision, has_interval, protection)
    return [Placed(receiving, host, int(entry["port"])), Placed(relay, host, int(entry["relay_port"]))]


def tell_problem(field: str, message: str) -> Problem:
    """An error of no composition."""
    return {"composition": "", "field": field, "message": message}


def choose_purge(command: PurgeChoice) -> Callable[[MailLogWriter], Iterator[int]] | None:
    """The slices that do it; None for a command that names nothing, or what is no number of a row (UNKNOWN_PURGE)."""
    if command.get("all") is True:
        return purge_all
    before, mails, refusals = (command.get(name) for name in ("before_id", "mails", "refusals_before_id"))
    if _is_id(before):
        return lambda log: purge_before(log, before)
    if _is_id(refusals):
        return lambda log: purge_refusals(log, refusals)
    if isinstance(mails, list) and all(_is_id(mail) for mail in mails):
        return lambda log: purge_mails(log, mails)
    return None


def _is_id(value: object) -> TypeGuard[int]:
    """Whether SQLite can take it as a row's number."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def stays(listener: Listener | None, host: str, port: int) -> bool:
    """Whether a composition that is to listen at host:port (0: any) goes on listening where it does."""
    return bool(listener and listener.receiving and listener.host == host and port in (0, listener.port))


async def take_places_again(opened: Iterable[Listener], closed: Iterable[Listener]) -> None:
    """Undo a move: what was opened for it goes, what was closed for it listens where it did."""
    for listener in opened:
        listener.drain()
    for listener in closed:
        await listener.open()
        if listener.reason:
            log.error("the old place could not be taken again: %s", listener.reason)


def tell_places(listeners: Mapping[Key, Listener]) -> list[Listening]:
    """For the console."""
    return [
        {
            "name": name,
            "receiving": listener.receiving,
            "missing": listener.missing,
            "receiving_tls": listener.receiving_tls,
            "tls_missing": listener.tls_missing,
            "relay": listeners[name, "relay"].receiving,
            "relay_missing": listeners[name, "relay"].missing,
        }
        for (name, server), listener in listeners.items()
        if server == "receiving"
    ]


def tell_deaf(key: Key, missing: Missing) -> Problem:
    """The error of a server that would not receive at its new place."""
    name, server = key
    return Problem(composition=name, field="", message=missing["reason"], missing=missing, server=server)


async def keep_trying(take_missing: Callable[[], Awaitable[bool]]) -> None:
    """For ever: `take_missing` tries the places that are not ours and says whether one is still missing."""
    wait = FIRST_WAIT
    while True:
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT) if await take_missing() else FIRST_WAIT
