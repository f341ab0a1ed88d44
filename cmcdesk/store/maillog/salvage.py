"""Reads what can be read out of a mail.db that was set aside, and puts it into the one that is used now, under the ids
that it had; a mail whose id another mail has got meanwhile is added with a new one.

No webhook is called for what is put back: what had been called keeps its log, which finds its mail again.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.schema import PAGE_SIZE

CHUNK_ROWS = 100
HEADER_PAGES = slice(28, 32)  # sqlite.org/fileformat, 1.3: the size of the file in pages
FREE_PAGES = slice(32, 40)

Row = tuple[Any, ...]


@dataclass
class Salvaged:
    """kept: mails put back under their ids; moved: under new ones; there: they were there already; unreadable: mails of
    which the row or the octets cannot be read (counted up to the highest id that is known)."""

    kept: int = 0
    moved: int = 0
    there: int = 0
    unreadable: int = 0


def salvage(source: Path, writer: MailLogWriter) -> Salvaged:
    """Put what `source` holds into the writer's mail.db. The source is read from a copy and stays as it is.

    Raises sqlite3.Error or OSError where the copy or the target cannot be written."""
    done = Salvaged()
    with tempfile.TemporaryDirectory(prefix="salvage-", dir=writer.path.parent) as folder:
        copy = Path(folder) / source.name
        _copy_whole(source, copy)
        connection = _open_somehow(copy)
        if connection is None:
            return done
        with closing(connection):
            _take_log_id(connection, writer)
            _put_mails(connection, writer, done)
            for table, key in (("match", "id"), ("refusal", "id"), ("dialogue", "refusal_id")):
                _put_rows(connection, writer, table, key)
        writer.transact(writer.keep_next_ids)
    return done


def _take_log_id(connection: sqlite3.Connection, writer: MailLogWriter) -> None:
    """A new mail.db goes on with the log that it takes the place of: cursors and links mean what they meant."""
    if writer.next_id("mail") == writer.next_id("refusal") == 1:
        try:
            row = connection.execute("SELECT value FROM log WHERE key = 'log_id'").fetchone()
        except sqlite3.DatabaseError:
            return
        if row:
            writer.connection.execute("UPDATE log SET value = ? WHERE key = 'log_id'", row)


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


def _put_mails(connection: sqlite3.Connection, writer: MailLogWriter, done: Salvaged) -> None:
    highest = 0
    writer.count_past("mail", _find_id(connection, "max"))  # a new id must not be one that is to come back
    for chunk in _chunks(_read_rows(connection, "mail", "id", writer.next_id("mail"))):
        whole = [(mail, octets) for mail in chunk if (octets := _read_octets(connection, mail[0])) is not None]
        writer.transact(partial(_put_chunk, writer, whole, done))
        highest = chunk[-1][0]
    put = done.kept + done.moved + done.there
    done.unreadable = max(0, highest - _find_id(connection, "min") + 1 - put) if highest else 0


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


def _put_rows(connection: sqlite3.Connection, writer: MailLogWriter, table: str, key: str) -> None:
    counted = "refusal" if table == "dialogue" else table
    for chunk in _chunks(_read_rows(connection, table, key, writer.next_id(counted))):
        insert = f"INSERT OR IGNORE INTO {table} VALUES({','.join('?' * len(chunk[0]))})"
        writer.transact(partial(writer.connection.executemany, insert, chunk))
        writer.count_past(counted, chunk[-1][0])


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
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
