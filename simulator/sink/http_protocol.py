"""HTTP/1.1 as far as a webhook sink needs it, on one asyncio protocol: thousands of posts a second on one core.

Keep-alive, Content-Length and chunked bodies (RFC 9112 §6), Expect: 100-continue. What it cannot read is answered 400.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

REASONS = {int(status): status.phrase for status in HTTPStatus}
LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 256 * 1024 * 1024


class BadRequest(Exception):
    """The octets are no request that this sink reads."""


@dataclass(frozen=True)
class Request:
    """One request; ``headers`` in the order sent, ``path`` without the query."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to send back, ``delay`` seconds later; status 0 hangs up."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    location: str = ""
    delay: float = 0.0


def answer_json(data: Any, status: int = 200) -> Answer:
    """An answer that carries ``data``."""
    return Answer(status, json.dumps(data, ensure_ascii=False).encode() + b"\n", "application/json")


@dataclass(frozen=True)
class _Head:
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    length: int  # of the body; -1 for chunked
    close: bool
    expects: bool


class HttpProtocol(asyncio.Protocol):
    """One connection: requests in, one after the other, each given to ``answer``."""

    def __init__(self, answer: Callable[[Request], Answer], connections: "set[HttpProtocol]") -> None:
        self._answer = answer
        self._connections = connections  # those that are open, for whoever has to close them
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._connections.discard(self)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._busy:
            self._read()

    def _read(self) -> None:
        try:
            while not self._busy and (request := self._next_request()) is not None:
                self._send(self._answer(request))
        except BadRequest as fault:
            self._write(Answer(400, f"{fault}\n".encode()), close=True)

    def _next_request(self) -> Request | None:
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > LONGEST_HEAD:
                    raise BadRequest("the header is too long")
                return None
            self._head = read_head(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            if self._head.expects:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._take_body(self._head.length)
        if body is None:
            return None
        head = self._head
        return Request(head.method, head.path, head.query, head.headers, body)

    def _take_body(self, length: int) -> bytes | None:
        if length < 0:
            found = read_chunks(self._buffer)
            if found is None:
                return None
            body, used = found
        elif len(self._buffer) < length:
            return None
        else:
            body, used = bytes(self._buffer[:length]), length
        del self._buffer[:used]
        return body

    def _send(self, answer: Answer) -> None:
        head, self._head = self._head, None
        close = head is None or head.close
        if answer.delay <= 0:
            self._write(answer, close)
            return
        self._busy = True
        asyncio.get_running_loop().call_later(answer.delay, self._send_late, answer, close)

    def _send_late(self, answer: Answer, close: bool) -> None:
        self._busy = False
        if not self._transport.is_closing():
            self._write(answer, close)
            self._read()

    def _write(self, answer: Answer, close: bool) -> None:
        if answer.status == 0:
            self._transport.abort()
            return
        reason = REASONS.get(answer.status, "-")
        lines = [f"HTTP/1.1 {answer.status} {reason}", f"Content-Length: {len(answer.body)}"]
        lines += [f"Content-Type: {answer.content_type}"] if answer.body else []
        lines += [f"Location: {answer.location}"] if answer.location else []
        lines += ["Connection: close" if close else "Connection: keep-alive", "", ""]
        self._transport.write("\r\n".join(lines).encode("latin-1", "replace") + answer.body)
        if close:
            self._transport.close()


def read_head(octets: bytes) -> _Head:
    """Read request line and headers. Raises BadRequest."""
    first, *rest = octets.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(f"no HTTP/1 request: {first[:80]!r}")
    headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in rest))
    known = {name.lower(): value.lower() for name, value in headers}
    path, _, query = parts[1].partition("?")
    close = known.get("connection") == "close" or (parts[2] == "HTTP/1.0" and known.get("connection") != "keep-alive")
    return _Head(parts[0], path, query, headers, _body_length(known), close, known.get("expect") == "100-continue")


def _body_length(known: dict[str, str]) -> int:
    if known.get("transfer-encoding") == "chunked":
        return -1
    length = known.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and int(length) <= LONGEST_BODY):
        raise BadRequest(f"Content-Length: {length[:20]!r}")
    return int(length)


def read_chunks(buffer: bytearray) -> tuple[bytes, int] | None:
    """A chunked body and the octets it took; None if it is not whole yet. Raises BadRequest."""
    body, at = bytearray(), 0
    while True:
        end = buffer.find(b"\r\n", at)
        if end < 0:
            return None
        try:
            size = int(bytes(buffer[at:end]).split(b";")[0], 16)
        except ValueError:
            raise BadRequest("a chunk without its size") from None
        if size < 0 or len(body) + size > LONGEST_BODY:
            raise BadRequest("a chunk is too long")
        if size == 0:
            trailer = buffer.find(b"\r\n\r\n", end)
            return None if trailer < 0 else (bytes(body), trailer + 4)
        if len(buffer) < end + 2 + size + 2:
            return None
        if buffer[end + 2 + size : end + 4 + size] != b"\r\n":
            raise BadRequest("a chunk is not as long as it says")
        body += buffer[end + 2 : end + 2 + size]
        at = end + 2 + size + 2
