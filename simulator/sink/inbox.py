"""What the webhook sink got: every post as it came, shown as JSON when somebody asks."""

import hashlib
import io
import json
import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

MOST_KEPT = 200_000
MOST_OCTETS_KEPT = 512 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One request: ``at`` in unix seconds; ``answered`` is the status sent, 0 for a hang-up."""

    id: int
    at: float
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    answered: int

    def header(self, name: str) -> str:
        """The first header of that name (any case), or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Inbox:
    """Keeps the newest requests (MOST_KEPT, MOST_OCTETS_KEPT) and counts all. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Received] = deque()
        self._octets = 0
        self._newest = 0
        self._counts: Counter[tuple[str, int]] = Counter()

    def put(self, received: Received) -> None:
        """Keep one request; its id is given by ``next_id``."""
        with self._lock:
            self._kept.append(received)
            self._octets += len(received.body)
            self._counts[received.path, received.answered] += 1
            while len(self._kept) > MOST_KEPT or self._octets > MOST_OCTETS_KEPT:
                self._octets -= len(self._kept.popleft().body)

    def next_id(self) -> int:
        """A new id, greater than all before."""
        with self._lock:
            self._newest += 1
            return self._newest

    def newest(self) -> int:
        """The last id that was given, 0 if none."""
        with self._lock:
            return self._newest

    def list(self, path: str = "", after: int = 0, limit: int = 1000) -> list[Received]:
        """Requests with ids above ``after``, oldest first, of that path ("" for all)."""
        with self._lock:
            kept = list(self._kept)
        return [one for one in kept if one.id > after and (not path or one.path == path)][:limit]

    def counts(self) -> dict[str, dict[str, int]]:
        """Path → status sent → number of requests, since the start or the last ``clear``."""
        with self._lock:
            counted = dict(self._counts)
        table: dict[str, dict[str, int]] = {}
        for (path, status), number in counted.items():
            table.setdefault(path, {})[str(status)] = number
        return table

    def clear(self) -> None:
        """Forget the requests and the counts; ids go on."""
        with self._lock:
            self._kept.clear()
            self._counts.clear()
            self._octets = 0


def describe(received: Received) -> dict[str, Any]:
    """One request as JSON-able data: headers in order, form fields, files with sha256, parsed JSON (or null)."""
    fields, files = read_form(received)
    return {
        "id": received.id,
        "at": received.at,
        "method": received.method,
        "path": received.path,
        "query": received.query,
        "headers": [list(pair) for pair in received.headers],
        "answered": received.answered,
        "size": len(received.body),
        "form": fields,
        "files": files,
        "json": read_json(received),
    }


def read_form(received: Received) -> tuple[dict[str, str | list[str]], list[dict[str, Any]]]:
    """Fields (a list where a name comes again) and files of a form post; werkzeug reads it, so that a slip shows."""
    from werkzeug.formparser import FormDataParser
    from werkzeug.http import parse_options_header

    kind, options = parse_options_header(received.header("content-type"))
    stream = io.BytesIO(received.body)
    parser = FormDataParser(stream_factory=lambda *_, **__: io.BytesIO(), silent=True)  # the body is in memory already
    _, form, files = parser.parse(stream, kind, len(received.body), options)
    fields: dict[str, str | list[str]] = {
        name: values[0] if len(values) == 1 else values for name, values in form.lists()
    }
    return fields, [_describe_file(name, file) for name, file in files.items(multi=True)]


def _describe_file(name: str, file: Any) -> dict[str, Any]:
    octets = file.stream.read()
    return {
        "field": name,
        "filename": file.filename,
        "content_type": file.content_type,
        "size": len(octets),
        "sha256": hashlib.sha256(octets).hexdigest(),
    }


def read_json(received: Received) -> Any:
    """The body as JSON if it says that it is JSON and is, else None."""
    if "json" not in received.header("content-type"):
        return None
    try:
        return json.loads(received.body)
    except ValueError:
        return None
