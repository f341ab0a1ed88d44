"""Room in memory for large mails: so many octets of them at once, whoever reads them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

SMALL_OCTETS = 1024 * 1024
"""What is smaller needs no room: the number of threads bounds it."""


class Room:
    """Octets that may be taken at the same time. One that is larger than all of it gets in when nobody else is."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._change = threading.Condition()

    @contextmanager
    def take(self, octets: int) -> Iterator[None]:
        """Wait until there is room for so many octets, and hold it."""
        if octets < SMALL_OCTETS:
            yield
            return
        share = min(octets, self._limit)
        with self._change:
            self._change.wait_for(lambda: self._taken + share <= self._limit)
            self._taken += share
        try:
            yield
        finally:
            with self._change:
                self._taken -= share
                self._change.notify_all()
