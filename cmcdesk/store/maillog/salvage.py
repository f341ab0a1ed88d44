"""Reads what can be read out of a mail.db that was set aside, and puts it into the one that is used now, under the ids
that it had; a mail whose id another mail has got meanwhile is added with a new one. What the tables of a damaged file
do not lead to is read out of its single pages.

No webhook is called for what is put back: what had been called keeps its log, which finds its mail again.
"""

import io
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from cmcdesk.store.maillog.carving import COLUMNS, Carved, carve
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.schema import PAGE_SIZE
from cmcdesk.store.maillog.watch import find_damage

CHUNK_ROWS = 100
CHECK_SECONDS = 600.0  # whether the tables tell all; ten gigabytes take about a minute
HEADER_PAGES = slice(28, 32)  # sqlite.org/fileformat, 1.3: the size of the file in pages
FREE_PAGES = slice(32, 40)

OF_MAILS = ("accepted", "submitted")  # by the id of a mail
OTHERS = {"match": "id", "refusal": "id", "dialogue": "refusal_id"} | dict.fromkeys(OF_MAILS, "mail_id")  # its key
COUNTED = {"dialogue": "refusal"} | dict.fromkeys(OF_MAILS, "mail")  # whose key is a row's of another

Row = tuple[Any, ...]
Item = TypeVar("Item")


@dataclass
class Salvaged:
    """kept: mails put back under their ids; moved: under new ones; there: they were there already; unreadable: mails of
    which the row or the octets cannot be read (counted up to the highest id that is known)."""

    kept: int = 0
    moved: int = 0
    there: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Trail:
    """How far the followers of a log came: up to which mail and which match. It names the log where its file cannot."""

    log_id: str = ""
    mails: int = 0
    matches: int = 0


@dataclass
class _Work:
    """What is under way. read: the mails of the source that were whole."""

    writer: MailLogWriter
    done: Salvaged = field(default_factory=Salvaged)
    read: set[int] = field(default_factory=set)
    lowest: int = 1
    highest: int = 0


def salvage(source: Path, writer: MailLogWriter, trail: Trail = Trail()) -> Salvaged:
    """Put what `source` holds into the writer's mail.db. The source is read from a copy and stays as it is.

    Raises sqlite3.Error or OSError where the copy or the target cannot be written."""
    work = _Work(writer)
    with tempfile.TemporaryDirectory(prefix="salvage-", dir=writer.path.parent) as folder:
        copy = Path(folder) / source.name
        _copy_whole(source, copy)
        connection = _open_somehow(copy)
        _take_over(_read_log_id(connection) or trail.log_id, trail, writer)
        if connection is not None:
            with closing(connection):
                _put_tables(connection, work)
        if connection is None or find_damage(copy, CHECK_SECONDS):
            _put_carved(source, work)
        writer.transact(partial(_end, writer))
    work.done.unreadable = work.highest - work.lowest + 1 - len(work.read) if work.highest else 0
    return work.done


def _end(writer: MailLogWriter) -> None:
    """What belongs to a mail that has moved is not that of the mail which has its id."""
    for table in OF_MAILS:
        same = f"SELECT 1 FROM mail WHERE mail.id = {table}.mail_id AND mail.session = {table}.session"
        writer.connection.execute(f"DELETE FROM {table} WHERE NOT EXISTS ({same})")
    writer.keep_next_ids()


def _read_log_id(connection: sqlite3.Connection | None) -> str:
    try:
        row = connection and connection.execute("SELECT value FROM log WHERE key = 'log_id'").fetchone()
    except sqlite3.DatabaseError:
        return ""
    return str(row[0]) if row else ""


def _take_over(log_id: str, trail: Trail, writer: MailLogWriter) -> None:
    """A new mail.db goes on with the log that it takes the place of: cursors and links mean what they meant, and no new
    row gets an id that a follower has passed."""
    if not log_id or not writer.next_id("mail") == writer.next_id("refusal") == 1:
        return
    writer.connection.execute("UPDATE log SET value = ? WHERE key = 'log_id'", (log_id,))
    if trail.log_id == log_id:
        writer.count_past("mail", trail.mails)
        writer.count_past("match", trail.matches)


def _copy_whole(source: Path, copy: Path) -> None:
    for suffix in ("", "-wal"):
        beside = source.with_name(source.name + suffix)
        if beside.exists():
            shutil.copyfile(beside, copy.with_name(copy.name + suffix))


def _open_somehow(copy: Path) -> sqlite3.Connection | None:
    """As it is; else with the first page of a new mail.db, whose tables begin at the same pages; else nothing."""
    for prepare in (lambda _path: None, _put_first_page, _put_first_page_alone):
        try:
            prepare(copy)
            connection = sqlite3.connect(copy, isolation_level=None)
            connection.execute("SELECT id FROM mail ORDER BY id LIMIT 1").fetchone()
        except (sqlite3.Error, OSError):
            continue
        return connection
    return None


def _put_first_page(copy: Path) -> None:
    """The page names the tables and where each begins; it is the same in every mail.db of this version."""
    with tempfile.TemporaryDirectory(dir=copy.parent) as folder:
        MailLogWriter(Path(folder) / "mail.db").close()
        page = bytearray((Path(folder) / "mail.db").read_bytes()[:PAGE_SIZE])
    page[HEADER_PAGES] = (copy.stat().st_size // PAGE_SIZE).to_bytes(4, "big")
    page[FREE_PAGES] = bytes(8)
    with copy.open("r+b") as file:
        file.write(page)


def _put_first_page_alone(copy: Path) -> None:
    """Without the WAL, which may hold a broken first page."""
    copy.with_name(f"{copy.name}-wal").unlink(missing_ok=True)
    _put_first_page(copy)


def _put_tables(connection: sqlite3.Connection, work: _Work) -> None:
    writer = work.writer
    writer.count_past("mail", _find_id(connection, "max"))  # a new id must not be one that is to come back
    mails = _read_rows(connection, "mail", "id", writer.next_id("mail"))
    work.lowest = _find_id(connection, "min")
    _put_mails(((mail, _read_octets(connection, mail[0])) for mail in mails), work)
    for table, key in OTHERS.items():
        if not _has(connection, table):
            continue
        _put_rows(_read_rows(connection, table, key, writer.next_id(COUNTED.get(table, table))), table, writer)


def _has(connection: sqlite3.Connection, table: str) -> bool:
    """Whether the version that made the file knew the table; damage is no answer."""
    try:
        connection.execute(f"SELECT 1 FROM {table} LIMIT 0")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode != sqlite3.SQLITE_ERROR
    return True


def _put_carved(source: Path, work: _Work) -> None:
    """What is left in single pages. A page that was free may hold a mail that had been deleted."""
    with ExitStack() as opened:
        file = opened.enter_context(source.open("rb"))
        wal = source.with_name(f"{source.name}-wal")
        carved = carve(file, opened.enter_context(wal.open("rb")) if wal.exists() else io.BytesIO())
        keys = sorted(carved.rows["mail"].keys() - work.read)
        if keys:
            work.lowest = min(work.lowest, keys[0]) if work.highest else keys[0]
            work.writer.count_past("mail", keys[-1])
        _put_mails(_read_carved(carved, keys), work)
        for table in OTHERS:
            _put_rows(carved.each(table), table, work.writer)


def _read_carved(carved: Carved, keys: list[int]) -> Iterator[tuple[Row, bytes | None]]:
    for key in keys:
        mail, octets = carved.read("mail", key), carved.read("octets", key)
        if mail:
            yield mail, octets[1] if octets else None


def _put_mails(mails: Iterator[tuple[Row, bytes | None]], work: _Work) -> None:
    """None: the octets cannot be read."""
    for chunk in _chunks(mails):
        whole = [(mail, octets) for mail, octets in chunk if octets is not None]
        work.writer.transact(partial(_put_chunk, work.writer, whole, work.done))
        work.read.update(mail[0] for mail, _octets in whole)
        work.highest = max(work.highest, chunk[-1][0][0])


def _put_chunk(writer: MailLogWriter, mails: list[tuple[Row, bytes]], done: Salvaged) -> None:
    execute = writer.connection.execute
    for mail, octets in mails:
        held = execute("SELECT octets FROM octets WHERE mail_id = ?", (mail[0],)).fetchone()
        if held is not None and held[0] == octets:
            done.there += 1
            continue
        mail_id = mail[0] if held is None else writer.next_id("mail")
        writer.count_past("mail", mail_id)
        execute(f"INSERT INTO mail VALUES({','.join('?' * len(mail))})", (mail_id, *mail[1:]))
        execute("INSERT INTO octets VALUES(?, ?)", (mail_id, octets))
        if held is None:
            done.kept += 1
        else:
            done.moved += 1


def _read_octets(connection: sqlite3.Connection, mail_id: int) -> bytes | None:
    try:
        row = connection.execute("SELECT octets FROM octets WHERE mail_id = ?", (mail_id,)).fetchone()
    except sqlite3.DatabaseError:
        return None
    return row[0] if row else None


def _put_rows(rows: Iterator[Row], table: str, writer: MailLogWriter) -> None:
    width = len(COLUMNS[table])
    insert = f"INSERT OR IGNORE INTO {table} VALUES({','.join('?' * width)})"
    for chunk in _chunks(rows):
        whole = [row + (0,) * (width - len(row)) for row in chunk]  # of an earlier version: ADDED
        writer.transact(partial(writer.connection.executemany, insert, whole))
        writer.count_past(COUNTED.get(table, table), chunk[-1][0])


def _chunks(rows: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


def _read_rows(connection: sqlite3.Connection, table: str, key: str, beyond: int) -> Iterator[Row]:
    """All rows that can be read, by their key; past a damaged page it goes on row by row up to `beyond`."""
    last, whole = 0, f"SELECT * FROM {table} WHERE {key} > ? AND {key} <= ? ORDER BY {key} LIMIT {CHUNK_ROWS}"
    while True:
        try:
            rows = connection.execute(whole, (last, 1 << 62)).fetchall()
        except sqlite3.DatabaseError:
            if last >= beyond:
                return
            for number in range(last + 1, last + CHUNK_ROWS + 1):
                yield from _read_row(connection, table, key, number)
            last += CHUNK_ROWS
            continue
        yield from rows
        if len(rows) < CHUNK_ROWS:
            return
        last = rows[-1][0]


def _read_row(connection: sqlite3.Connection, table: str, key: str, number: int) -> list[Row]:
    try:
        return connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (number,)).fetchall()
    except sqlite3.DatabaseError:
        return []


def _find_id(connection: sqlite3.Connection, which: str) -> int:
    """which: "min" or "max"; 1 where that cannot be read, or there is none."""
    try:
        return int(connection.execute(f"SELECT {which}(id) FROM mail").fetchone()[0] or 1)
    except sqlite3.DatabaseError:
        return 1
