"""One-time codes that open the console: what may be seen in a process list or a history is good once, for a minute."""

import secrets
import threading
import time

LIFETIME = 60.0  # seconds
MOST = 100  # waiting at a time; the oldest goes


class OneTimeCodes:
    """Codes that were given out and not yet exchanged."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        """A new code."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._until[code] = time.monotonic() + LIFETIME
            while len(self._until) > MOST:
                del self._until[next(iter(self._until))]
        return code

    def redeem(self, code: str) -> bool:
        """Whether it is good; it never is again."""
        with self._lock:
            until = self._until.pop(code, 0.0)
        return time.monotonic() < until
