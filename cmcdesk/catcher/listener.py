"""The catcher's HTTP server: on loopback alone, apart from the console and its guard, addresses nobody can guess.

A server of its own, since an endpoint that is slow or hangs up would hold the console's threads, and so that nothing of
the console answers without its cookie. An address is `http://127.0.0.1:PORT/TOKEN`, and whatever is put behind it.

What came is written into desk.db: all that waits in one transaction, a flood costs few commits.
"""

import logging
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cmcdesk.catcher.answer import Answer, read_answer
from cmcdesk.store.desk.catcher import Caught, find_endpoint, keep_caught
from cmcdesk.store.desk.database import reading, transaction

log = logging.getLogger(__name__)

ROOM = 64  # requests that may wait; the next one waits with its answer
STOP_SECONDS = 3.0

HOST = "127.0.0.1"
LARGEST_BODY = 32 * 1024 * 1024  # octets of one request
MOST_AT_ONCE = 64  # connections; the next ones wait in the socket's queue
IDLE_SECONDS = 30.0
CONTENT = b"caught\n"


class Keeper:
    """One thread; `told()` is called after each commit."""

    def __init__(self, engine: Engine, told: Callable[[], None]) -> None:
        self._engine = engine
        self._told = told
        self._waiting: queue.Queue[Caught | None] = queue.Queue(ROOM)  # None ends it
        self._thread = threading.Thread(target=self._run, name="catcher's keeper", daemon=True)

    def start(self) -> None:
        """Write from now on."""
        self._thread.start()

    def put(self, caught: Caught) -> None:
        """Hand over one request."""
        self._waiting.put(caught)

    def stop(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            while not self._waiting.empty() and not is_last:
                following = self._waiting.get()
                is_last = following is None
                batch += [following] if following else []
            self._keep(batch)
            if is_last:
                return

    def _keep(self, batch: list[Caught]) -> None:
        try:
            with transaction(self._engine) as session:
                keep_caught(session, batch, time.time())
        except SQLAlchemyError:
            log.exception("the catcher could not keep %d requests", len(batch))
        self._told()


class Catcher:
    """Takes requests from `start()` to `stop()`. `told()` is called whenever something was kept."""

    def __init__(self, engine: Engine, port: int, told: Callable[[], None]) -> None:
        """Bind 127.0.0.1:port, or any free port where that is taken."""
        self._keeper = Keeper(engine, told)
        try:
            self._server = _Server((HOST, port), engine, self._keeper.put)
        except OSError:
            self._server = _Server((HOST, 0), engine, self._keeper.put)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="catcher", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Answer from now on; callers that came before wait in the socket's queue."""
        self._keeper.start()
        self._thread.start()

    def stop(self) -> None:
        """End; what waits to be kept is kept. A catcher that never started only lets its port go."""
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._keeper.stop()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a slow answer must not hold the end up
    allow_reuse_address = sys.platform != "win32"  # there it would take a port that is in use
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], engine: Engine, put: Callable[[Caught], None]) -> None:
        self.engine = engine
        self.put = put
        self.stopping = threading.Event()
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        while not self._places.acquire(timeout=0.1):
            if self.stopping.is_set():
                self.shutdown_request(request)
                return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True  # headers and content leave in two writes
    server: _Server

    def version_string(self) -> str:
        return "cmcdesk-catcher"

    def log_message(self, *_arguments: Any) -> None:
        """What came is on the page."""

    def take(self) -> None:
        """One request: keep it and answer as its endpoint is told; 404 for an address that is none."""
        if self.headers.get("Host", "").partition(":")[0] not in ("127.0.0.1", "localhost"):
            self._refuse(421)  # a web page whose name was made to lead here (DNS rebinding)
            return
        token, following, rest = self.path.lstrip("/").partition("/")
        token, mark, query = token.partition("?")
        with reading(self.server.engine) as session:
            endpoint = find_endpoint(session, token)
        if endpoint is None:
            self._refuse(404)
            return
        body = self._read_body()
        if body is None:
            return
        answer = read_answer(endpoint.answer)
        headers = tuple((name, value) for name, value in self.headers.items())
        path = f"{following}{rest}{mark}{query}"
        self.server.put(Caught(endpoint.id, time.time(), self.command, path, headers, body, answer.status))
        self._answer(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = take

    def _read_body(self) -> bytes | None:
        """None: refused, or the client went before all had come."""
        length = self.headers.get("Content-Length", "0")
        is_number = length.isascii() and length.isdigit()
        if "Transfer-Encoding" in self.headers:
            self._refuse(411)
        elif not is_number or int(length) > LARGEST_BODY:
            self._refuse(413 if is_number else 400)
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                return body
            self.close_connection = True
        return None

    def _answer(self, answer: Answer) -> None:
        if answer.seconds and self.server.stopping.wait(answer.seconds):
            self.close_connection = True
            return
        if not answer.status:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = b"" if answer.status in (204, 304) else CONTENT
        self.send_response(answer.status)
        if content:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
        if answer.status != 204:  # RFC 9110 §8.6
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int) -> None:
        """Without reading what else came on the connection."""
        self.close_connection = True
        self.send_error(status)
