"""The web server: it binds at once, answers, and stops cleanly."""

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from cmcdesk.processes.webserver import PortInUse, WebServer, bind_port


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
