"""What arrived at the world's mail servers, and what became of the bounces they returned: the newest of each."""

import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

MOST_KEPT = 20_000
MOST_OCTETS_KEPT = 256 * 1024 * 1024


@dataclass(frozen=True)
class Arrived:
    """One mail that a host took, or one command that it refused. at: unix seconds; octets: empty of a refusal."""

    id: int
    at: float
    host: str
    sender: str
    recipients: tuple[str, ...]
    reply: str
    octets: bytes = b""

    def describe(self) -> dict[str, Any]:
        """As JSON: the octets by their number."""
        return asdict(self) | {"octets": len(self.octets)}


@dataclass(frozen=True)
class Returned:
    """One try to bring a bounce home. to: the envelope sender of the mail that failed; ended: no further try;
    said: the reply, or why there was none ("no MX or address for …")."""

    id: int
    at: float
    host: str
    to: str
    failed: tuple[str, ...]
    code: int
    said: str
    ended: bool

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Postbox:
    """Keeps both. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived: deque[Arrived] = deque()
        self._returned: deque[Returned] = deque(maxlen=MOST_KEPT)
        self._octets = 0
        self._newest = 0
        self._taken: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def next_id(self) -> int:
        """A new number; they rise."""
        with self._lock:
            self._newest += 1
            return self._newest

    def put(self, arrived: Arrived) -> None:
        """Keep what arrived, and let the oldest go where it gets too much."""
        with self._lock:
            self._arrived.append(arrived)
            (self._taken if arrived.octets else self._refused)[arrived.host] += 1
            self._octets += len(arrived.octets)
            while len(self._arrived) > MOST_KEPT or self._octets > MOST_OCTETS_KEPT:
                self._octets -= len(self._arrived.popleft().octets)

    def put_returned(self, returned: Returned) -> None:
        """Keep one try to return a bounce."""
        with self._lock:
            self._returned.append(returned)

    def arrived(self, host: str = "", after: int = 0, limit: int = 1000) -> list[Arrived]:
        """What arrived after that id, oldest first; of one host, or of all."""
        with self._lock:
            return [one for one in self._arrived if one.id > after and host in ("", one.host)][:limit]

    def newest(self, host: str = "", limit: int = 50) -> list[Arrived]:
        """What arrived last, newest first."""
        with self._lock:
            return list(islice((one for one in reversed(self._arrived) if host in ("", one.host)), limit))

    def count(self, host: str) -> tuple[int, int]:
        """(mails taken, commands refused) by one host since the world began."""
        with self._lock:
            return self._taken[host], self._refused[host]

    def find(self, number: int) -> Arrived | None:
        """One that arrived, by its id; None where it is not kept (any more)."""
        with self._lock:
            return next((one for one in self._arrived if one.id == number), None)

    def returned(self, after: int = 0, limit: int = 1000) -> list[Returned]:
        """The tries to return bounces after that id, oldest first."""
        with self._lock:
            return [one for one in self._returned if one.id > after][:limit]

    def newest_returned(self, limit: int = 50) -> list[Returned]:
        """The last of those tries, newest first."""
        with self._lock:
            return list(islice(reversed(self._returned), limit))
