"""waitress around one WSGI application, on 127.0.0.1 unless told otherwise, in a thread, with a clean stop, and
with bounds on what a client may leave half done, so that it holds up nobody else.

waitress reads requests in one loop and gives whole ones to its threads: a half request costs no thread, only its
connection. What it lacks is a time for the head (RFC 9110 section 15.5.9: a server may close a connection that takes
too long) and a way on when all connections are taken: it stops to accept.
"""

import errno
import socket
import threading
import time
from typing import Any
from wsgiref.types import WSGIApplication

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from cmcdesk.processes.placing import LOOPBACK, name_in_brackets
from cmcdesk.processes.port_holder import find_holder
from cmcdesk.rules.texts import TellingError, tell

HEAD_SECONDS = 10.0  # from the connection, or from a later request's first octet, to the end of the head
BODY_SECONDS = 120.0  # to the end of the body: 16 MB at 1.2 Mbit/s
CONNECTIONS = 256  # open at a time; one more, and the oldest half request goes
CHECK_SECONDS = 1

PORT_OPTION = "--port"
THREADS = 32  # an open event stream holds one; the console allows fewer than this less 8
LARGEST_BODY = 32 * 1024 * 1024  # of strangers too; the console refuses from 16 MB on, with a page that says so
MOST_WATCHED = 1000  # descriptors; waitress would stop to accept there, and the server lets half requests go before
GRACE = 3.0  # seconds for requests that are being answered when the server stops


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


class CannotBind(TellingError):
    """The console has no place; `message` says why and what mends it, in both languages."""


class PortInUse(CannotBind):
    """The port of the console is taken; the message names it, who has it if that can be known, and what to do."""

    def __init__(self, port: int, host: str = LOOPBACK, option: str = PORT_OPTION) -> None:
        holder = find_holder(host, port)
        super().__init__(
            tell(
                "port %(port)s on %(host)s is in use by another program%(holder)s; give another with %(option)s "
                "(%(option)s 0: any free one)",
                port=port,
                host=host,
                option=option,
                holder=name_in_brackets(holder),
            )
        )


class NotOurAddress(CannotBind):
    """This machine has no such address."""

    def __init__(self, host: str) -> None:
        super().__init__(
            tell("--console-bind %(host)s: this machine has no such address (0.0.0.0: all it has)", host=host)
        )


def bind_port(port: int, host: str = LOOPBACK, option: str = PORT_OPTION) -> socket.socket:
    """A listening socket; 0: any free port; option: what chooses another.

    Raises PortInUse, NotOurAddress, or OSError for what else can be wrong."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port, host, option) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise NotOurAddress(host) from None
        raise


class WebServer:
    """Answers from `start()` to `stop()`; callers that come before wait in the socket's queue."""

    def __init__(self, app: WSGIApplication, listener: socket.socket) -> None:
        """`listener` as `bind_port` gave it; it belongs to the server from now on."""
        options = Adjustments(
            sockets=[listener],
            threads=THREADS,
            ident=None,
            channel_request_lookahead=1,  # lets an event stream see at once that its page went
            connection_limit=MOST_WATCHED,
            cleanup_interval=CHECK_SECONDS,
            max_request_body_size=LARGEST_BODY,
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(options.threads)
        place = (listener.family, listener.type, listener.proto, listener.getsockname())
        self._server: Any = BoundedServer(
            app, {}, _sock=listener, dispatcher=dispatcher, adj=options, sockinfo=place, bind_socket=False
        )
        self.port = int(self._server.effective_port)
        self._open: dict[int, Any] = {}  # what waitress's loop watched when it ended
        self._thread = threading.Thread(target=self._server.run, name="web server", daemon=True)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End: the streams must have been ended before, or they hold this up for the grace."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=GRACE)
        if self._thread.is_alive():
            # close() from another thread leaves the loop blocked in select(). A trigger's thunk runs inside of the loop
            # and empties its map, so that run() returns. It closes nothing: another pull may already have woken the
            # loop, and then the one below would write to a descriptor that is closed, or is somebody else's by now.
            self._server.trigger.pull_trigger(self._let_loop_end)
            self._thread.join(GRACE)
        self._server.asyncore.close_all({**self._open, **self._server._map})

    def _let_loop_end(self) -> None:
        self._open.update(self._server._map)
        self._server._map.clear()
