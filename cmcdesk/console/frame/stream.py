"""Server-sent events: "something changed" to every open page, and the telemetry to the live monitor.

A page holds one EventSource; htmx then fetches the fragments that changed. Every change has a number, and a page tells
which it knows (`?since=`, later the Last-Event-ID of its browser): what changed between the making of a page and the
opening of its stream, or while a stream was lost, is told first. A stream holds one thread of the web server, so their
number is capped: the server needs STREAM_LIMIT + 8 threads or more, and must call `Hub.stop` before it ends.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from cmcdesk.pipe import ProcessStates

STREAM_LIMIT = 16
KEEP_ALIVE_SECONDS = 10.0
LOOK_SECONDS = 0.25  # how often a stream looks whether its page is still there
QUEUE_LENGTH = 64  # ticks of telemetry
TOPICS = (
    "mails",
    "refusals",
    "bounces",
    "deliveries",
    "outbound",
    "blocks",
    "state",
    "settings",
    "simulator",
    "caught",
    "disk",
    "world",
    "acceptance",
    "lessons",
    "demo",
    "notices",
)


class Hub:
    """Fans out to the open streams: changes are merged for one that is slow, old telemetry is dropped."""

    def __init__(self, limit: int = STREAM_LIMIT) -> None:
        self.stopping = threading.Event()
        self._limit = limit
        self._lock = threading.Lock()
        self._seats = 0
        self._listeners: set[Subscriber] = set()
        self._counts: dict[str, object] = {}
        self._first = self._version = time.time_ns() // 1000  # past all numbers of an earlier run
        self._changed: dict[str, int] = {}  # topic → the number of its last change

    @property
    def version(self) -> int:
        """The number of the last change."""
        return self._version

    def publish(self, *topics: str) -> None:
        """Tell all pages that `topics` (of TOPICS) changed."""
        if not topics:
            return
        with self._lock:
            self._version += 1
            self._changed |= dict.fromkeys(topics, self._version)
            for listener in self._listeners:
                listener.wake()

    def publish_telemetry(self, telemetry: ProcessStates) -> None:
        """Send one tick to the monitors, and to all pages the names of what changed since the tick before."""
        counts = count_topics(telemetry)
        with self._lock:
            before, self._counts = self._counts, counts
        self.publish(*(topic for topic in counts if before.get(topic) != counts[topic]))
        with self._lock:
            monitors = [listener for listener in self._listeners if listener.telemetry]
        text = f"event: telemetry\ndata: {json.dumps(telemetry)}\n\n" if monitors else ""
        for monitor in monitors:
            monitor.put(text)

    def tell_changes(self, since: int) -> tuple[str, int]:
        """The event that names what changed after `since` ("" for nothing) and the number to go on from.

        A number that this run never gave tells nothing about what its page knows: everything counts as changed.
        """
        with self._lock:
            version, changed = self._version, dict(self._changed)
        if not self._first <= since <= version:
            changed = dict.fromkeys(TOPICS, version)
            since = version - 1
        topics = [topic for topic, number in changed.items() if number > since]
        return f"id: {version}\nevent: changed\ndata: {' '.join(topics)}\n\n" if topics else "", version

    def stop(self) -> None:
        """End every stream and long poll."""
        self.stopping.set()
        with self._lock:
            for listener in self._listeners:
                listener.wake()

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

    def listen(
        self, telemetry: bool, since: int | None = None, is_gone: Callable[[], bool] = lambda: False
    ) -> Iterator[str]:
        """The text of one stream, until `stop` or until its page goes (`is_gone`, or a write that fails).

        It begins with what changed after the number `since`; None: with what changes from now on.
        """
        listener = Subscriber(self, telemetry)
        with self.take_seat() as free:
            if not free:
                return
            with self._lock:
                listener.since = self._version if since is None else since
                self._listeners.add(listener)
            try:
                yield f"retry: 2000\nid: {listener.since}\nevent: hello\ndata: 1\n\n"
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


class Subscriber:
    """One open stream and what waits for it."""

    def __init__(self, hub: Hub, telemetry: bool) -> None:
        self.telemetry = telemetry
        self.since = 0  # the number of the last change that was told
        self._hub = hub
        self._ticks: deque[str] = deque(maxlen=QUEUE_LENGTH)
        self._woken = threading.Event()
        self._woken.set()  # what changed before it came is told at once
        self._said_at = time.monotonic()

    def wake(self) -> None:
        """Something changed."""
        self._woken.set()

    def put(self, tick: str) -> None:
        """Hand over an event with telemetry; the oldest is dropped if the stream is behind."""
        self._ticks.append(tick)
        self._woken.set()

    def next_text(self) -> str:
        """What comes next, in one piece; "" when nothing came, and now and then a comment line instead."""
        text = ""
        if self._woken.wait(LOOK_SECONDS):
            self._woken.clear()
            text, self.since = self._hub.tell_changes(self.since)
            while self._ticks:
                text += self._ticks.popleft()
        elif time.monotonic() - self._said_at > KEEP_ALIVE_SECONDS:
            text = ": keep-alive\n\n"
        if text:
            self._said_at = time.monotonic()
        return text


def count_topics(telemetry: ProcessStates) -> dict[str, object]:
    """Topic → a value that differs when the pages on that topic have something new to show."""
    server, worker = telemetry["mail_server"], telemetry["worker"]
    compositions = server.get("compositions", {})
    return {
        "mails": {name: each["mails"] for name, each in compositions.items()},
        "refusals": [server.get("refusal_rows"), {name: each["refused"] for name, each in compositions.items()}],
        "bounces": [worker.get("bounces"), worker.get("bounces_waiting")],
        "deliveries": [
            worker.get("waiting"),
            worker.get("delivered"),
            worker.get("attempts"),
            worker.get("failing"),
        ],
        "outbound": [worker.get("outbound"), worker.get("outbound_attempts"), worker.get("has_resolver")],
        "blocks": worker.get("suppression_runs"),
        "disk": server.get("mail_log"),
        "state": [
            server["state"],
            worker["state"],
            server["receiving"],
            {name: (each["sessions"], each["limit"]) for name, each in compositions.items()},
        ],
    }


def install_stream(app: Flask) -> Hub:
    """Add `/stream` (`?telemetry=1` for the monitor, `?since=` a number) to `app` and return its hub.

    Templates get `stream_since`: the number that held before the page looked at anything.
    """
    hub = app.extensions["hub"] = Hub()
    pages = Blueprint("stream", __name__)

    @app.before_request
    def note_version() -> None:
        g.stream_since = hub.version

    @app.context_processor
    def tell_version() -> dict[str, int]:
        return {"stream_since": g.get("stream_since", 0)}

    @pages.get("/stream")
    def open_stream() -> Response:
        if hub.is_full:
            abort(503)
        is_gone = request.environ.get("waitress.client_disconnected", lambda: False)
        known = request.headers.get("Last-Event-ID", type=int) or request.args.get("since", type=int)
        return Response(hub.listen(bool(request.args.get("telemetry")), known, is_gone), mimetype="text/event-stream")

    app.register_blueprint(pages)
    return hub


def current_hub() -> Hub:
    """The hub of the application that serves this request."""
    hub: Hub = current_app.extensions["hub"]
    return hub
