"""waitress's server and channel with bounds on what a client may leave half done, so that it holds up nobody else.

waitress reads requests in one loop and gives whole ones to its threads: a half request costs no thread, only its
connection. What it lacks is a time for the head (RFC 9110 section 15.5.9: a server may close a connection that takes
too long) and a way on when all connections are taken: it stops to accept.
"""

import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

HEAD_SECONDS = 10.0  # from the connection, or from a later request's first octet, to the end of the head
BODY_SECONDS = 120.0  # to the end of the body: 16 MB at 1.2 Mbit/s
CONNECTIONS = 256  # open at a time; one more, and the oldest half request goes
CHECK_SECONDS = 1


class BoundedChannel(HTTPChannel):  # type: ignore[misc]
    """One connection. `since`: when the request that comes in began (time.time()), None between requests."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.since: float | None = time.time()
        super().__init__(*given, **named)

    def received(self, data: bytes) -> bool:
        """Take what came in; a request that it began is timed from now."""
        before = self.request
        taken: bool = super().received(data)
        if self.request is None:
            self.since = None
        elif self.request is not before and (before or self.since is None):  # the first is timed from the connection
            self.since = time.time()
        return taken

    def is_overdue(self, now: float) -> bool:
        """Whether the request that comes in takes too long."""
        has_head = self.request is not None and self.request.headers_finished
        return self.since is not None and now - self.since > (BODY_SECONDS if has_head else HEAD_SECONDS)


class BoundedServer(TcpWSGIServer):  # type: ignore[misc]
    """Closes what is overdue; over the limit, the half request that began first, then the longest idle connection."""

    channel_class = BoundedChannel

    def maintenance(self, now: float) -> None:
        """Called by the loop every `cleanup_interval` seconds."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            channel.will_close = channel.will_close or channel.is_overdue(now)

    def handle_accept(self) -> None:
        """Take one more connection, and let one go where they are too many."""
        super().handle_accept()
        if len(self.active_channels) > CONNECTIONS:
            waiting = [channel for channel in self.active_channels.values() if not channel.requests]
            if waiting:
                min(waiting, key=_rank).handle_close()


def _rank(channel: BoundedChannel) -> tuple[bool, float]:
    return channel.since is None, channel.since or channel.last_activity
