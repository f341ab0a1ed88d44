"""HTTP connections that hold one deadline over the whole exchange.

A time-out of requests and urllib3 starts anew with every octet that comes in, so an endpoint that drips its answer
would hold a lane for hours. Here sending and receiving share what is left of one span.
"""

import http.client
import io
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from cmcdesk.rules.reach import Reach

# Ours: from the first octet sent to the last octet of the answer; connecting comes before and has its own span.
EXCHANGE_SECONDS = 30.0
CONNECT_SECONDS = 10.0
MAX_INTERIM = 100  # ours: answers 1xx before the final one; http.client's own limit of header lines is the same
SWITCHING_PROTOCOLS = 101
EVERYWHERE_PUBLIC = Reach()


class DeadlineReader(io.RawIOBase):
    """Reads a socket until a moment on the monotonic clock; TimeoutError after it."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._raw = connected.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        set_time_left(self._socket, self._deadline)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedResponse(http.client.HTTPResponse):
    """An answer whose status line, headers and content must all be there by the deadline."""

    def __init__(self, sock: socket.socket, *, deadline: float, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        self.fp.close()  # the standard library's reader, which knows no deadline
        self.fp = io.BufferedReader(DeadlineReader(sock, deadline))

    def begin(self) -> None:
        """RFC 9110 §15.2: any number of answers 1xx may come before the final one. http.client passes over 100 alone,
        and would take 103 Early Hints for the answer."""
        super().begin()
        for _ in range(MAX_INTERIM):
            if not 100 <= self.status < 200 or self.status == SWITCHING_PROTOCOLS:
                return
            self.headers = None  # type: ignore[assignment]  # else `begin` takes it for done
            super().begin()


class NotReachable(OSError):
    """The address that a host's name led to is none that webhooks may go to."""


class TimedExchange(HTTPConnection):
    """What both kinds of connection do alike; the span starts with each request. reach: where they may go."""

    reach = Reach()

    deadline = 0.0
    seconds = EXCHANGE_SECONDS

    def _new_conn(self) -> socket.socket:
        """Nothing is sent before the address that really was connected to has been looked at (DNS rebinding)."""
        with suppress(socket.gaierror):  # which connecting tells better
            for found in socket.getaddrinfo(self.host.strip("[]"), self.port, type=socket.SOCK_STREAM):
                self._check(str(found[4][0]))
        connected = super()._new_conn()
        try:
            self._check(connected.getpeername()[0])
        except NotReachable:
            connected.close()
            raise
        return connected

    def _check(self, address: str) -> None:
        refusal = self.reach.refuse_address(self.host, address)
        if refusal:
            raise NotReachable(refusal)

    def request(self, *arguments: Any, **named: Any) -> None:
        self.deadline = time.monotonic() + self.seconds
        super().request(*arguments, **named)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        set_time_left(self.sock, self.deadline)
        super().send(data)

    def getresponse(self) -> Any:
        # http.client only ever calls it, and typeshed wants a class
        self.response_class = partial(TimedResponse, deadline=self.deadline)  # type: ignore[assignment]
        return super().getresponse()


class TimedHttp(TimedExchange):
    """http://"""


class TimedHttps(TimedExchange, HTTPSConnection):
    """https://"""


class TimedAdapter(HTTPAdapter):
    """requests' own adapter, its connections replaced by timed ones, one kept alive per endpoint.

    seconds: the span of one exchange; reach: where it may go.
    """

    def __init__(self, seconds: float = EXCHANGE_SECONDS, reach: Reach = EVERYWHERE_PUBLIC) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        http_class = type("TimedHttp", (TimedHttp,), {"seconds": seconds, "reach": reach})
        https_class = type("TimedHttps", (TimedHttps,), {"seconds": seconds, "reach": reach})
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("HttpPool", (HTTPConnectionPool,), {"ConnectionCls": http_class}),
            "https": type("HttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": https_class}),
        }


def set_time_left(connected: socket.socket, deadline: float) -> None:
    """Let the socket wait until the deadline at most; TimeoutError if that has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    connected.settimeout(left)
