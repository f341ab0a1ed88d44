"""A request that the catcher kept, taken apart: fields, files, JSON, text. Total: whatever came, it is shown."""

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from cmcdesk.store.desk.models import CaughtRow
from cmcdesk.webhook.courier import DELIVERY_HEADER

SHOWN = 65536  # characters of one value, and of the whole


@dataclass(frozen=True)
class File:
    """One file of a form. size: octets."""

    field: str
    filename: str
    content_type: str
    octets: bytes

    @property
    def size(self) -> int:
        """Octets."""
        return len(self.octets)

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return hashlib.sha256(self.octets).hexdigest()


@dataclass(frozen=True)
class Shown:
    """fields: (name, value) in order, JSON values laid out; text: the request as it came, cut at SHOWN characters;
    delivery: the id that our own worker gave it, "" of others."""

    fields: tuple[tuple[str, str], ...]
    files: tuple[File, ...]
    json: str
    text: str
    is_cut: bool
    delivery: str


def read_caught(row: CaughtRow) -> Shown:
    """Everything that the page shows of one request."""
    fields, files = _read_form(row)
    text = write_head(row) + row.body[: SHOWN * 4].decode("utf-8", "replace")
    is_json = "json" in find_header(row, "Content-Type").lower()
    return Shown(
        fields=tuple((name, lay_out(value)[:SHOWN]) for name, value in fields),
        files=files,
        json=lay_out(row.body.decode("utf-8", "replace"))[:SHOWN] if is_json else "",
        text=text[:SHOWN],
        is_cut=len(text) > SHOWN or row.size > SHOWN * 4,
        delivery=find_header(row, DELIVERY_HEADER),
    )


def find_header(row: CaughtRow, name: str) -> str:
    """The first of that name, any case; "" for none."""
    return next((value for key, value in row.headers if key.lower() == name.lower()), "")


def write_head(row: CaughtRow) -> str:
    """Request line and header lines, as they came (the token left out), with the empty line."""
    lines = [f"{row.method} {row.path or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in row.headers)]
    return "\r\n".join(lines) + "\r\n\r\n"


def lay_out(value: str) -> str:
    """A JSON object or list with line breaks; any other text as it is."""
    if value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.dumps(json.loads(value), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return value


def _read_form(row: CaughtRow) -> tuple[list[tuple[str, str]], tuple[File, ...]]:
    kind, options = parse_options_header(find_header(row, "Content-Type"))
    parser = FormDataParser(stream_factory=lambda *_, **__: io.BytesIO(), silent=True)
    try:
        _, form, files = parser.parse(io.BytesIO(row.body), kind, row.size, options)
    except (ValueError, LookupError):  # a charset or boundary that cannot be
        return [], ()
    read = [_read_file(name, file) for name, file in files.items(multi=True)]
    return list(form.items(multi=True)), tuple(read)


def _read_file(name: str, file: Any) -> File:
    return File(name, file.filename or "", file.content_type or "", file.stream.read())
