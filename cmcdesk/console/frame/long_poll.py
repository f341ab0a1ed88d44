"""Lists that may be waited for: `wait` seconds, `count` rows."""

import time
from collections.abc import Callable, Sized
from typing import Protocol, TypeVar

from cmcdesk.console.frame.api_errors import refuse
from cmcdesk.console.frame.stream import current_hub

WAIT_STEP_SECONDS = 0.05  # between two looks, each of which is a seek or two

Page = TypeVar("Page")


class Wait(Protocol):
    """wait: seconds; count: rows."""

    wait: float
    count: int


def wait_until_enough(query: Wait, find: Callable[[], Page], rows_of: Callable[[Page], Sized]) -> Page:
    """What `find` gives as soon as it has `count` rows, or when the time is over, or when the program stops; at once
    where nobody waits. Answers 503 where too many wait."""
    page = find()
    if query.wait <= 0 or len(rows_of(page)) >= query.count:
        return page
    with current_hub().take_seat() as free:
        if not free:
            refuse(503, "", "", "too many waiting requests and streams")
        ends, stopping = time.monotonic() + query.wait, current_hub().stopping
        while len(rows_of(page)) < query.count:
            left = ends - time.monotonic()
            if left <= 0 or stopping.wait(min(WAIT_STEP_SECONDS, left)):
                break
            page = find()
    return page
