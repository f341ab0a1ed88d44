"""A webhook endpoint that behaves as it is told and shows what it got.

POST /any/path              kept, and answered as the path's script (see behaviour.py) or ``?sink=SCRIPT`` says
GET  /_sink/received        what came: ?path= &after=ID &limit=
GET  /_sink/received/ID     one request's body, as it came
DELETE /_sink/received      forget it
GET  /_sink/counts          path → status → number
GET, PUT, DELETE /_sink/behaviour      {"/path": "500x3,200"}
"""

import asyncio
import json
import threading
import time
from concurrent.futures import Future
from urllib.parse import parse_qs, unquote

from simulator.load.client import fastest_loop
from simulator.sink.behaviour import BadScript, Behaviours
from simulator.sink.http_protocol import Answer, HttpProtocol, Request, answer_json
from simulator.sink.inbox import Inbox, Received, describe

CONTROL = "/_sink/"


class Sink:
    """The endpoint. ``start`` binds and serves in a thread of its own; use as a context manager."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host, self.port = host, port
        self.inbox = Inbox()
        self.behaviours = Behaviours()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """http://HOST:PORT, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> "Sink":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> "Sink":
        """Bind (raises OSError) and serve."""
        bound: Future[int] = Future()
        self._thread = threading.Thread(target=self._serve, args=(bound,), name="sink", daemon=True)
        self._thread.start()
        self.port = bound.result()
        return self

    def stop(self) -> None:
        """Close everything; what was received stays readable."""
        if self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set_result, None)
            self._thread.join()

    def _serve(self, bound: "Future[int]") -> None:
        with asyncio.Runner(loop_factory=fastest_loop()) as runner:
            runner.run(self._listen(bound))

    async def _listen(self, bound: "Future[int]") -> None:
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        connections: set[HttpProtocol] = set()
        try:
            server = await self._loop.create_server(
                lambda: HttpProtocol(self.answer, connections), self.host, self.port
            )
        except OSError as fault:
            bound.set_exception(fault)
            return
        bound.set_result(server.sockets[0].getsockname()[1])
        await self._over
        server.close()
        while connections:
            for connection in list(connections):
                connection.abort()
            await asyncio.sleep(0)

    def answer(self, request: Request) -> Answer:
        """Take one request and say how to answer it."""
        try:
            if request.path.startswith(CONTROL):
                return self._answer_control(request)
            return self._answer_post(request)
        except BadScript as fault:
            return answer_json({"error": str(fault)}, 400)

    def _answer_post(self, request: Request) -> Answer:
        script = parse_qs(request.query).get("sink", [""])[0] if "sink=" in request.query else ""
        act = self.behaviours.choose(request.path, script, time.monotonic())
        self.inbox.put(
            Received(
                self.inbox.next_id(),
                time.time(),
                request.method,
                request.path,
                request.query,
                request.headers,
                request.body,
                act.status,
            )
        )
        return Answer(act.status, b"ok\n" if act.status == 200 else b"", location=act.location, delay=act.delay)

    def _answer_control(self, request: Request) -> Answer:
        asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
        match request.method, request.path.removeprefix(CONTROL).split("/"):
            case "GET", ["received"]:
                limit, after = int_of(asked.get("limit"), 1000), int_of(asked.get("after"), 0)
                found = self.inbox.list(unquote(asked.get("path", "")), after, limit)
                return answer_json({"received": [describe(one) for one in found], "newest": self.inbox.newest()})
            case "GET", ["received", number]:
                kept = [one for one in self.inbox.list(after=int_of(number, 0) - 1, limit=1) if str(one.id) == number]
                return Answer(200, kept[0].body, kept[0].header("content-type")) if kept else Answer(404)
            case "DELETE", ["received"]:
                self.inbox.clear()
                return Answer(204)
            case "GET", ["counts"]:
                return answer_json(self.inbox.counts())
            case "GET", ["behaviour"]:
                return answer_json(self.behaviours.as_data())
            case "PUT", ["behaviour"]:
                return self._put_behaviour(request.body)
            case "DELETE", ["behaviour"]:
                self.behaviours.clear()
                return Answer(204)
        return answer_json({"error": f"no {request.method} {request.path} here"}, 404)

    def _put_behaviour(self, body: bytes) -> Answer:
        try:
            scripts = json.loads(body)
            pairs = [(str(path), str(script)) for path, script in scripts.items()]
        except (ValueError, AttributeError):
            return answer_json({"error": 'give {"/path": "SCRIPT", …}'}, 400)
        checked = Behaviours()
        for path, script in pairs:
            checked.put(path, script)  # all or nothing
        for path, script in pairs:
            self.behaviours.put(path, script)
        return answer_json(self.behaviours.as_data())


def int_of(text: str | None, default: int) -> int:
    """The number written there, or the default."""
    return int(text) if text and text.isascii() and text.isdigit() else default
