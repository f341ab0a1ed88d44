"""HTTP connections that hold one deadline over the whole exchange.

A time-out of requests and urllib3 starts anew with every octet that comes in, so an endpoint that drips its answer
would hold a lane for hours. Here sending and receiving share what is left of one span.
"""

import http.client
import io
import socket
import time
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# Ours: from the first octet sent to the last octet of the answer; connecting comes before and has its own span.
EXCHANGE_SECONDS = 30.0
CONNECT_SECONDS = 10.0


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


class TimedExchange(HTTPConnection):
    """What both kinds of connection do alike; the span starts with each request."""

    deadline = 0.0
    seconds = EXCHANGE_SECONDS

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

    seconds: the span of one exchange.
    """

    def __init__(self, seconds: float = EXCHANGE_SECONDS) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        http_class = type("TimedHttp", (TimedHttp,), {"seconds": seconds})
        https_class = type("TimedHttps", (TimedHttps,), {"seconds": seconds})
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
