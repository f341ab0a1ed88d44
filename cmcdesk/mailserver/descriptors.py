"""File descriptors: as many as the system allows, shared out so that no flood of connections takes the last one.

mail.db, its WAL and the pipes need some too; and a loop that cannot accept for want of one logs each try and pauses
(asyncio), or closes the connection without a word (libuv).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST = 65_536  # more than all sessions and refused connections will ever use
OFTEN_THE_MOST = 10_240  # macOS: what it takes where it says that there is no limit (OPEN_MAX)
KEPT_FREE = 32  # for everything that is no connection
WAITING_SHARE = 4  # one part in so many for connections that wait to be accepted
LINGERING_SHARE = 8  # and for refused ones that wait for their client's close
LATE_SHARE = 32  # and for those of which a turn of the loop will tell whether they have a place
MOST_A_SHARE = 1024


def raise_limit() -> int:
    """Raise the soft limit on open descriptors to the hard one, up to MOST → how many may be open."""
    try:
        import resource
    except ImportError:  # Windows: sockets are no file descriptors there, and their number is not limited
        return MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (MOST if hard == resource.RLIM_INFINITY else min(hard, MOST), OFTEN_THE_MOST):
        if soft != resource.RLIM_INFINITY and soft < wanted:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                return wanted
            except (OSError, ValueError):
                continue
    return MOST if soft == resource.RLIM_INFINITY else min(soft, MOST)


@dataclass(slots=True)
class Descriptors:
    """`limit`: how many may be open; `count_sessions`: over all compositions."""

    limit: int
    count_sessions: Callable[[], int]
    late: int = 0  # connections of which the next turn will tell whether they have a place
    _lingering: dict[Any, None] = field(default_factory=dict)  # in the order of their refusal

    @property
    def backlog(self) -> int:
        """Connections that wait to be accepted: a turn of the loop may take all of them."""
        return min(MOST_A_SHARE, self.limit // WAITING_SHARE)

    @property
    def most_lingering(self) -> int:
        """Refused connections that wait for their client's close."""
        return min(MOST_A_SHARE, self.limit // LINGERING_SHARE)

    @property
    def most_late(self) -> int:
        """Connections that found no place and are looked at again."""
        return min(MOST_A_SHARE, self.limit // LATE_SHARE)

    def has_room(self) -> bool:
        """Whether one more session leaves enough for what waits, for those that linger and for those being cut."""
        kept = KEPT_FREE + self.backlog + self.most_late + 2 * self.most_lingering
        return self.count_sessions() < self.limit - kept

    def linger(self, transport: Any) -> None:
        """A refused connection waits for its client's close; when there are too many, the oldest is cut."""
        if len(self._lingering) >= self.most_lingering:
            oldest = next(iter(self._lingering))
            self.leave(oldest)
            oldest.abort()
        self._lingering[transport] = None

    def leave(self, transport: Any) -> None:
        """It is closed."""
        self._lingering.pop(transport, None)
