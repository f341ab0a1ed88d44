"""Where listeners are and where they ought to be: kept, taken back after a move that failed, tried again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from cmcdesk.mailserver.listener import Listener, Missing

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
