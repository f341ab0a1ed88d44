"""Reads the rows of a mail.db whose trees are broken: out of its leaf pages, one by one, wherever they lie.

When a file is overwritten, SQLite goes on to write whole pages into the WAL, and a checkpoint into the file; what leads
to them is not written anew, so that SQLite itself finds none of them. Each leaf page tells the rows that it holds
(sqlite.org/fileformat2, 1.6 and 2.1), and by its columns to which table a row belongs.
"""

import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from typing import Any, BinaryIO

from cmcdesk.store.maillog.schema import PAGE_SIZE, TABLES
from cmcdesk.store.maillog.watch import FRAME_HEAD, WAL_HEAD

TABLE_LEAF = 0x0D
LEAF_HEAD, FILE_HEAD = 8, 100  # octets; the second stands before the first page's own
LARGEST_LOCAL = PAGE_SIZE - 35  # octets of a row that stand in the leaf itself; of a longer one:
LEAST_LOCAL = (PAGE_SIZE - 12) * 32 // 255 - 23
LARGEST_ROW = 1 << 30
KEYED = (
    "mail",
    "octets",
    "match",
    "refusal",
    "dialogue",
    "accepted",
    "submitted",
)  # their key is the number of the row
ADDED = {"refusal": 1}  # columns that an earlier version did not have; they stand last, and 0 is their default


def _tell_columns() -> dict[str, str]:
    """Each table's columns, one letter each: n null (the key stands beside the row), i integer, f real (a whole one is
    kept as an integer), t text, b blob."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        told = {table: connection.execute(f"PRAGMA table_info({table})").fetchall() for table in KEYED}
    letters = {"INTEGER": "i", "REAL": "f", "TEXT": "t", "BLOB": "b"}
    return {table: "".join("n" if row[5] else letters[row[2]] for row in rows) for table, rows in told.items()}


COLUMNS = _tell_columns()


@dataclass(frozen=True)
class Pages:
    """The content of each page: in a frame of the WAL (page → octet where it begins), else in the file."""

    file: BinaryIO
    wal: BinaryIO
    frames: dict[int, int]

    def read(self, number: int) -> bytes:
        """Shorter than a page past the end. number: from 1."""
        at = self.frames.get(number)
        source = self.file if at is None else self.wal
        source.seek((number - 1) * PAGE_SIZE if at is None else at)
        return source.read(PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class Place:
    """A row: the number of its leaf, and the octet in that where it begins."""

    pages: Pages
    leaf: int
    at: int


@dataclass
class Carved:
    """Where the rows are: table → key → place. Rows are read one by one, for the octets may be gigabytes."""

    rows: dict[str, dict[int, Place]] = field(default_factory=lambda: {table: {} for table in COLUMNS})

    def read(self, table: str, key: int) -> tuple[Any, ...] | None:
        """As `SELECT *` gives it; None: it is not there, or not whole."""
        place = self.rows[table].get(key)
        row = place and _read_row(place.pages, place.pages.read(place.leaf), place.at)
        return (key, *row[1:]) if row else None

    def each(self, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows that are whole, by key."""
        return filter(None, (self.read(table, key) for key in sorted(self.rows[table])))


def carve(file: BinaryIO, wal: BinaryIO) -> Carved:
    """Look through all pages, oldest first; both open for reading, an empty WAL where there is none. Raises OSError."""
    carved = Carved()
    before, current = _find_frames(wal)
    _carve_pages(Pages(file, wal, before), sorted(before), carved)
    last = max(_size(file) // PAGE_SIZE, *current, 0)
    _carve_pages(Pages(file, wal, current), range(1, last + 1), carved)
    return carved


def _carve_pages(pages: Pages, numbers: Iterable[int], carved: Carved) -> None:
    for number in numbers:
        page = pages.read(number)
        for at in _find_rows(page, FILE_HEAD if number == 1 else 0):
            found = _recognize(page, at)
            if found:
                carved.rows[found[0]][found[1]] = Place(pages, number, at)


def _find_frames(wal: BinaryIO) -> tuple[dict[int, int], dict[int, int]]:
    """Page → where its newest content begins: of the frames that are left from before the WAL was begun anew, and of
    those that bear the salts of its head. The first salt counts how often it was (4.1)."""
    frames = sorted(_each_frame(wal))
    wal.seek(0)
    salts = wal.read(WAL_HEAD)[16:24]
    before = {page: at for found, at, page in frames if found != salts}
    return before, {page: at for found, at, page in frames if found == salts}


def _each_frame(wal: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Salts, octet where the page's content begins, number of the page."""
    for at in range(WAL_HEAD, _size(wal) - FRAME_HEAD - PAGE_SIZE + 1, FRAME_HEAD + PAGE_SIZE):
        wal.seek(at)
        head = wal.read(FRAME_HEAD)
        yield head[8:16], at + FRAME_HEAD, int.from_bytes(head[:4], "big")


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _find_rows(page: bytes, head: int) -> list[int]:
    """Where the rows of a table's leaf begin; [] for any other page, e.g. one of garbage."""
    if len(page) < PAGE_SIZE or page[head] != TABLE_LEAF:
        return []
    rows, first = _number(page, head + 3, 2), head + LEAF_HEAD
    places = [_number(page, first + 2 * row, 2) for row in range(min(rows, PAGE_SIZE // 2 - first))]
    return places if all(first + 2 * rows <= at < PAGE_SIZE - 4 for at in places) else []


def _recognize(page: bytes, at: int) -> tuple[str, int] | None:
    """The table and the key of a row."""
    try:
        length, at = _varint(page, at)
        key, at = _varint(page, at)
        types = _read_types(page, at)[0]
    except IndexError:
        return None
    letters = "".join(map(_letter, types))
    fitting = (table for table, columns in COLUMNS.items() if _fits(letters, columns, ADDED.get(table, 0)))
    return next(((table, key) for table in fitting if 0 < length <= LARGEST_ROW and key > 0), None)


def _fits(letters: str, columns: str, added: int) -> bool:
    return len(columns) - added <= len(letters) <= len(columns) and all(
        found == wanted or (found, wanted) == ("i", "f") for found, wanted in zip(letters, columns, strict=False)
    )


def _read_row(pages: Pages, page: bytes, at: int) -> tuple[Any, ...] | None:
    """A row that was recognized; None where a page that it goes on in is not there."""
    length, at = _varint(page, at)
    _key, at = _varint(page, at)
    content = _read_content(pages, page, at, length)
    if content is None:
        return None
    types, at = _read_types(content, 0)
    values = []
    for kind in types:
        size = _content_size(kind)
        values.append(_value(kind, content[at : at + size]))
        at += size
    return tuple(values) if at == length else None


def _read_content(pages: Pages, page: bytes, at: int, length: int) -> bytes | None:
    """With what stands in the chain of pages behind the leaf (1.6); the last of them names no other."""
    if length <= LARGEST_LOCAL:
        return page[at : at + length] if at + length <= PAGE_SIZE else None
    local = LEAST_LOCAL + (length - LEAST_LOCAL) % (PAGE_SIZE - 4)
    local = local if local <= LARGEST_LOCAL else LEAST_LOCAL
    content, following = bytearray(page[at : at + local]), _number(page, at + local, 4)
    while len(content) < length:
        page = pages.read(following) if following else b""
        if len(page) < PAGE_SIZE:
            return None
        following = _number(page, 0, 4)
        content += page[4 : 4 + length - len(content)]
    return bytes(content) if following == 0 else None


def _read_types(record: bytes, at: int) -> tuple[list[int], int]:
    """The serial types of a record's columns (2.1), and where their content begins. Raises IndexError for what is
    none."""
    begin = at
    size, at = _varint(record, at)
    types = []
    while at < begin + size:
        kind, at = _varint(record, at)
        types.append(kind)
        if len(types) > max(map(len, COLUMNS.values())):
            raise IndexError("no table has so many columns")
    return types, begin + size


def _letter(kind: int) -> str:
    if kind >= 12:
        return "bt"[kind % 2]
    return "niiiiiifii--"[kind]


def _content_size(kind: int) -> int:
    return (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _value(kind: int, content: bytes) -> Any:
    if kind >= 12:
        return content.decode("utf-8", "replace") if kind % 2 else content
    if kind == 7:
        return struct.unpack(">d", content)[0]
    return None if kind == 0 else kind - 8 if kind >= 8 else int.from_bytes(content, "big", signed=True)


def _number(page: bytes, at: int, size: int) -> int:
    return int.from_bytes(page[at : at + size], "big")


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine octets, seven bits each and the last one whole; and where the next begins."""
    value = 0
    for index in count(at):
        octet = page[index]
        if index == at + 8:
            return value << 8 | octet, index + 1
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, index + 1
    raise IndexError
