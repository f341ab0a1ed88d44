"""The set of an apply as the mail server uses it: settings compiled, certificates made, before anything is touched.

Where listeners are and where they ought to be: kept, taken back after a move that failed, tried again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import regex

from cmcdesk.mail.mime.words import decode_field
from cmcdesk.mailserver.control import Command
from cmcdesk.mailserver.listener import Listener, Missing
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.rules.settings import Composition, SettingsError, check_composition

Certify = Callable[[Composition, str], SSLContext | None]  # the composition, the host it listens on


@dataclass(frozen=True, slots=True)
class Placed:
    """One composition of an apply: its settings, compiled, and where it listens."""

    live: LiveSettings
    host: str
    port: int


class RefusedSet(Exception):
    """An apply that is refused whole. errors: [{"composition", "field", "message"}]."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def read_set(command: Command, has_interval: bool, certify: Certify) -> list[Placed]:
    """The whole new set. Raises Refused with the errors of all; takes its time where a certificate is made."""
    placed: list[Placed] = []
    errors: list[dict[str, Any]] = []
    for entry in command.get("compositions") or []:
        name = ""
        try:
            name = str(entry["settings"]["name"])
            placed.append(_read_entry(entry, has_interval, certify))
        except SettingsError as error:
            errors += [{"composition": name, "field": one.field, "message": one.message["en"]} for one in error.errors]
        except (AttributeError, KeyError, TypeError, ValueError, OSError, regex.error) as error:
            errors.append({"composition": name, "field": "", "message": repr(error)})
    if errors:
        raise RefusedSet(errors)
    return placed


def _read_entry(entry: dict[str, Any], has_interval: bool, certify: Certify) -> Placed:
    composition, host = check_composition(entry["settings"]), str(entry["host"])
    context = certify(composition, host)
    live = LiveSettings.of(composition, int(entry["revision"]), decode_field, has_interval, context)
    return Placed(live, host, int(entry["port"]))


def tell_problem(field: str, message: str) -> dict[str, str]:
    """An error of no composition."""
    return {"composition": "", "field": field, "message": message}


log = logging.getLogger(__name__)

FIRST_WAIT = 0.5  # seconds until a place that could not be taken is tried again; doubled each time it fails
LONGEST_WAIT = 5.0


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


def tell_places(listeners: Mapping[str, Listener]) -> list[dict[str, Any]]:
    """For the console: {"name", "receiving", the fields of Missing, "receiving_tls", "tls_missing"} of each;
    tls_missing has those fields for implicit TLS. What does not apply is None."""
    nothing = dict.fromkeys(Missing._fields)
    return [
        {
            "name": name,
            "receiving": listener.receiving,
            **(listener.missing._asdict() if listener.missing else nothing),
            "receiving_tls": listener.receiving_tls,
            "tls_missing": listener.tls_missing._asdict() if listener.tls_missing else None,
        }
        for name, listener in listeners.items()
    ]


async def keep_trying(take_missing: Callable[[], Awaitable[bool]]) -> None:
    """For ever: `take_missing` tries the places that are not ours and says whether one is still missing."""
    wait = FIRST_WAIT
    while True:
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT) if await take_missing() else FIRST_WAIT
