"""A clock that can run fast, so that hours of resends take seconds."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since it was made, `speed` times as fast as the machine's."""

    def __init__(self, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.speed = speed
        self._monotonic = monotonic
        self._began = monotonic()

    def now(self) -> float:
        """Seconds of this clock."""
        return (self._monotonic() - self._began) * self.speed

    def real(self, seconds: float) -> float:
        """How many seconds of the machine's clock so many of this one are."""
        return seconds / self.speed
