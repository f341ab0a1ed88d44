"""A real HTTP endpoint on a free port, whose behaviour each test says."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    header_names: list[str]
    content: bytes
    connection: tuple[str, int]


@dataclass
class Endpoint:
    """Answers 200 unless `behave` says otherwise; `received` is what came, `arrived` wakes who waits for it."""

    behave: Callable[[BaseHTTPRequestHandler, int], None] | None = None
    received: list[Received] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def await_posts(self, count: int, seconds: float = 20) -> list[Received]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, seconds), (
                f"{len(self.received)} of {count} posts came"
            )
            return list(self.received)

    def delivery_ids(self) -> list[str]:
        return [one.headers["X-CMCDesk-Delivery"] for one in self.received]


def answer(handler: BaseHTTPRequestHandler, status: int, content: bytes = b"ok", **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def make_handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            with endpoint.arrived:
                names = list(self.headers.keys())
                seen = Received(self.path, dict(self.headers.items()), names, content, self.client_address)
                endpoint.received.append(seen)
                number = len(endpoint.received)
                endpoint.arrived.notify_all()
            if endpoint.behave is None:
                answer(self, 200)
            else:
                endpoint.behave(self, number)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # tests hang up on purpose


@pytest.fixture
def make_endpoint() -> Iterator[Callable[..., Endpoint]]:
    servers: list[ThreadingHTTPServer] = []

    def make(behave: Callable[[BaseHTTPRequestHandler, int], None] | None = None) -> Endpoint:
        endpoint = Endpoint(behave)
        server = QuietServer(("127.0.0.1", 0), make_handler(endpoint))
        endpoint.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return endpoint

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def say() -> Callable[..., None]:
    """Write one whole answer: say(handler, status, content, **headers)."""
    return answer
