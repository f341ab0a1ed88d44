"""Server-sent events: "something changed" to every open page, and the telemetry to the live monitor.

A page holds one EventSource; htmx then fetches the fragments that changed. A stream holds one thread of the web server,
so their number is capped: the server needs STREAM_LIMIT + 8 threads or more, and must call `Hub.stop` before it ends.
"""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request

STREAM_LIMIT = 16
KEEP_ALIVE_SECONDS = 10.0
LOOK_SECONDS = 0.25  # how often a stream looks whether its page is still there
QUEUE_LENGTH = 64


class Hub:
    """Fans out to the open streams; drops what a stream too slow for it cannot take."""

    def __init__(self, limit: int = STREAM_LIMIT) -> None:
        self.stopping = threading.Event()
        self._limit = limit
        self._lock = threading.Lock()
        self._seats = 0
        self._listeners: set[Listener] = set()
        self._counts: dict[str, Any] = {}

    def publish(self, *topics: str) -> None:
        """Tell all pages that `topics` ("mails", "refusals", "bounces", "deliveries", "state", "settings") changed."""
        if topics:
            self._send(f"event: changed\ndata: {' '.join(topics)}\n\n", telemetry=False)

    def publish_telemetry(self, telemetry: dict[str, Any]) -> None:
        """Send one tick to the monitors, and to all pages the names of what changed since the tick before."""
        counts = count_topics(telemetry)
        with self._lock:
            before, self._counts = self._counts, counts
        self.publish(*(topic for topic in counts if before.get(topic) != counts[topic]))
        self._send(f"event: telemetry\ndata: {json.dumps(telemetry)}\n\n", telemetry=True)

    def stop(self) -> None:
        """End every stream and long poll."""
        self.stopping.set()
        self._send("", telemetry=False)

    @contextmanager
    def take_seat(self) -> Iterator[bool]:
        """Hold one of the few places of long requests; False when all are taken."""
        with self._lock:
            free = self._seats < self._limit
            self._seats += free
        try:
            yield free
        finally:
            with self._lock:
                self._seats -= free

    def listen(self, telemetry: bool, is_gone: Callable[[], bool] = lambda: False) -> Iterator[str]:
        """The text of one stream, until `stop` or until its page goes (`is_gone`, or a write that fails)."""
        listener = Listener(telemetry)
        with self.take_seat() as free:
            if not free:
                return
            with self._lock:
                self._listeners.add(listener)
            try:
                yield "retry: 2000\nevent: hello\ndata: 1\n\n"
                while not (self.stopping.is_set() or is_gone()):
                    text = listener.next_text()
                    if text:
                        yield text
            finally:
                with self._lock:
                    self._listeners.discard(listener)

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return self._seats >= self._limit

    def _send(self, text: str, telemetry: bool) -> None:
        with self._lock:
            for listener in self._listeners:
                if listener.telemetry or not telemetry:
                    listener.put(text)


class Listener:
    """One open stream and what waits for it."""

    def __init__(self, telemetry: bool) -> None:
        self.telemetry = telemetry
        self._waiting: queue.Queue[str] = queue.Queue(maxsize=QUEUE_LENGTH)
        self._said_at = time.monotonic()

    def put(self, text: str) -> None:
        """Hand over `text`, or drop it if the stream is behind."""
        try:
            self._waiting.put_nowait(text)
        except queue.Full:
            pass

    def next_text(self) -> str:
        """What comes next; "" when nothing came, and now and then a comment line instead."""
        try:
            text = self._waiting.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            text = ": keep-alive\n\n" if time.monotonic() - self._said_at > KEEP_ALIVE_SECONDS else ""
        if text:
            self._said_at = time.monotonic()
        return text


def count_topics(telemetry: dict[str, Any]) -> dict[str, Any]:
    """Topic → a value that differs when the pages on that topic have something new to show."""
    server, worker = telemetry.get("mail_server", {}), telemetry.get("worker", {})
    compositions = server.get("compositions", {})
    return {
        "mails": {name: each.get("mails") for name, each in compositions.items()},
        "refusals": [server.get("refusal_rows"), {name: each.get("refused") for name, each in compositions.items()}],
        "bounces": [worker.get(key) for key in ("bounces", "bounces_waiting")],
        "deliveries": [worker.get(key) for key in ("waiting", "delivered", "attempts", "failing")],
        "state": [
            server.get("state"),
            worker.get("state"),
            {name: (each.get("sessions"), each.get("limit")) for name, each in compositions.items()},
        ],
    }


def install_stream(app: Flask) -> Hub:
    """Add `/stream` (`?telemetry=1` for the monitor) to `app` and return its hub."""
    hub = app.extensions["hub"] = Hub()
    pages = Blueprint("stream", __name__)

    @pages.get("/stream")
    def open_stream() -> Response:
        if hub.is_full:
            abort(503)
        is_gone = request.environ.get("waitress.client_disconnected", lambda: False)
        return Response(hub.listen(bool(request.args.get("telemetry")), is_gone), mimetype="text/event-stream")

    app.register_blueprint(pages)
    return hub


def current_hub() -> Hub:
    """The hub of the application that serves this request."""
    hub: Hub = current_app.extensions["hub"]
    return hub
