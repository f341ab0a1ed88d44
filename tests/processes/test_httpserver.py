"""Half requests: they hold up nobody, and they end."""

import socket
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cmcdesk.processes import httpserver
from cmcdesk.processes.webserver import WebServer, bind_port

from ..conftest import WaitFor

HALF_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_BODY = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf"
WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def say_hello(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def server() -> Iterator[WebServer]:
    server = WebServer(say_hello, bind_port(0))
    server.start()
    yield server
    server.stop()


def ask(server: WebServer) -> float:
    """The seconds that a page takes."""
    began = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=20) as answer:
        assert answer.read() == b"hello"
    return time.monotonic() - began


def connect(server: WebServer, octets: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    client.sendall(octets)
    return client


def is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("octets", [b"", HALF_HEAD, HALF_BODY], ids=["nothing", "half a head", "half a body"])
@pytest.mark.parametrize("count", [200, 400])
def test_a_page_answers_beside_many_half_requests(server: WebServer, octets: bytes, count: int) -> None:
    with ExitStack() as open_ones:
        for _ in range(count):
            open_ones.enter_context(connect(server, octets))
        assert [seconds for seconds in (ask(server) for _ in range(5)) if seconds > 1] == []


def test_a_head_that_never_ends_is_cut_however_it_trickles(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(httpserver, "HEAD_SECONDS", 1.5)
    with connect(server, HALF_HEAD) as client:

        def trickle() -> bool:
            try:
                client.sendall(b"x")
            except OSError:
                return True
            return is_closed(client)

        wait_for(trickle, 5)


def read_answer(connection: socket.socket) -> bool:
    """Whether the whole answer came: head and body may come in two pieces."""
    octets = b""
    while piece := connection.recv(4096):
        octets += piece
        if octets.endswith(b"hello"):
            return True
    return False


def test_a_body_has_its_own_longer_time(server: WebServer, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor) -> None:
    monkeypatch.setattr(httpserver, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(httpserver, "BODY_SECONDS", 2.5)
    with connect(server, HALF_BODY) as body, connect(server, HALF_HEAD) as head:
        wait_for(lambda: is_closed(head), 5)
        assert not is_closed(body)
        wait_for(lambda: is_closed(body), 5)


def test_a_connection_between_two_requests_may_rest(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(httpserver, "HEAD_SECONDS", 0.5)
    with connect(server, WHOLE) as resting, connect(server, HALF_HEAD) as half:
        assert read_answer(resting)
        wait_for(lambda: is_closed(half), 5)
        resting.settimeout(5)
        resting.sendall(WHOLE)
        assert read_answer(resting)


def test_over_the_limit_the_oldest_half_request_goes_and_whole_ones_stay(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(httpserver, "CONNECTIONS", 3)
    with ExitStack() as open_ones:
        resting = open_ones.enter_context(connect(server, WHOLE))
        assert read_answer(resting)
        first, second, third = (open_ones.enter_context(connect(server, HALF_HEAD)) for _ in range(3))
        wait_for(lambda: is_closed(first))
        assert not is_closed(second) and not is_closed(third)
        resting.settimeout(5)
        resting.sendall(WHOLE)
        assert read_answer(resting)
