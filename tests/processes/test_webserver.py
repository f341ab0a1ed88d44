"""The web server: it binds at once, answers, and stops cleanly."""

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cmcdesk.processes import webserver
from cmcdesk.processes.webserver import PortInUse, WebServer, bind_port

from ..conftest import WaitFor


def say_hello(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["SERVER_PORT"].encode()]


def fetch(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        content: bytes = answer.read()
        return content


def test_it_answers_on_a_free_port_and_knows_it() -> None:
    server = WebServer(say_hello, bind_port(0))
    server.start()
    assert fetch(server.port) == str(server.port).encode()
    server.stop()
    with pytest.raises(urllib.error.URLError):
        fetch(server.port)


def test_it_stops_within_the_blink_of_an_eye_and_the_port_is_free_again() -> None:
    for _ in range(5):
        server = WebServer(say_hello, bind_port(0))
        server.start()
        fetch(server.port)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 1
        again = WebServer(say_hello, bind_port(server.port))
        again.stop()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} on 127.0.0.1 .* --port"):
            bind_port(port)


def test_stop_waits_for_streams_that_end() -> None:
    ended = threading.Event()

    def stream(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        yield b"data: 1\n\n"
        ended.wait(10)
        yield b"data: 2\n\n"

    server = WebServer(stream, bind_port(0))
    server.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=5) as answer:
        assert answer.readline() == b"data: 1\n"
        ended.set()
        server.stop()


def test_stop_may_be_overtaken_by_another_pull_of_its_trigger() -> None:
    """An answer that ends pulls it too: the loop may have ended before the stop's own pull writes its octet."""
    server = WebServer(say_hello, bind_port(0))
    server.start()
    trigger = server._server.trigger
    pull = trigger._physical_pull

    def pull_late() -> None:
        pull()
        server._thread.join(5)
        pull()

    trigger._physical_pull = pull_late
    server.stop()
    assert not server._thread.is_alive()
    with pytest.raises(urllib.error.URLError):
        fetch(server.port)


HALF_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_BODY = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf"
WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def say_hello_httpserver(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def server() -> Iterator[WebServer]:
    server = WebServer(say_hello_httpserver, bind_port(0))
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
    monkeypatch.setattr(webserver, "HEAD_SECONDS", 1.5)
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
    monkeypatch.setattr(webserver, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(webserver, "BODY_SECONDS", 2.5)
    with connect(server, HALF_BODY) as body, connect(server, HALF_HEAD) as head:
        wait_for(lambda: is_closed(head), 5)
        assert not is_closed(body)
        wait_for(lambda: is_closed(body), 5)


def test_a_connection_between_two_requests_may_rest(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(webserver, "HEAD_SECONDS", 0.5)
    with connect(server, WHOLE) as resting, connect(server, HALF_HEAD) as half:
        assert read_answer(resting)
        wait_for(lambda: is_closed(half), 5)
        resting.settimeout(5)
        resting.sendall(WHOLE)
        assert read_answer(resting)


def test_over_the_limit_the_oldest_half_request_goes_and_whole_ones_stay(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(webserver, "CONNECTIONS", 3)
    with ExitStack() as open_ones:
        resting = open_ones.enter_context(connect(server, WHOLE))
        assert read_answer(resting)
        first, second, third = (open_ones.enter_context(connect(server, HALF_HEAD)) for _ in range(3))
        wait_for(lambda: is_closed(first))
        assert not is_closed(second) and not is_closed(third)
        resting.settimeout(5)
        resting.sendall(WHOLE)
        assert read_answer(resting)
