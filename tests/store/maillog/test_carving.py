"""Rows are read out of single leaf pages as SQLite itself reads them out of the tables."""

import io
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.store.maillog.carving import COLUMNS, Carved, carve
from cmcdesk.store.maillog.insertion import Accepted, MailLogWriter
from tests.store.maillog.test_insertion import mail, refusal

PAGE = 16384
# About the limits of what stands in the leaf itself, of one page behind it, of many; and none at all.
SIZES = [0, 1, 100, 16_330, 16_340, 16_345, 16_350, 16_400, 18_000, 32_700, 32_760, 40_000, 1_000_000]


def read(path: Path) -> Carved:
    wal = path.with_name(f"{path.name}-wal")
    return carve(io.BytesIO(path.read_bytes()), io.BytesIO(wal.read_bytes() if wal.exists() else b""))


def select(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def write(path: Path) -> MailLogWriter:
    writer = MailLogWriter(path)
    for at, size in enumerate(SIZES):
        more = {"matches": [("f", "あ@x")], "user": "app@example.com" if at % 2 else ""}
        one = mail(f"件名 {size}", octets=os.urandom(size), received_at=1e9 + at / 2, **more)
        writer.append([one], [refusal("size")])
    told = refusal("domain")
    told.dialogue = DialoguePart(1.25, 0, False, "S: 220\nC: é")
    said = [Accepted(number, 7, DialoguePart(2.5, number, False, "S: 250")) for number in (3, 4)]
    writer.append([mail(str(number)) for number in range(400)], [told], said)
    return writer


@pytest.mark.parametrize("is_closed", [True, False])
def test_all_rows_are_found_in_the_file_and_in_its_wal(tmp_path: Path, is_closed: bool) -> None:
    writer = write(tmp_path / "mail.db")
    if is_closed:
        writer.close()
    carved = read(tmp_path / "mail.db")
    for table in COLUMNS:
        rows = list(carved.each(table))
        assert rows == select(tmp_path / "mail.db", table) and rows, table
    writer.close()


def test_garbage_holds_nothing() -> None:
    for garbage in (b"", b"\x0d" * 5000, os.urandom(20 * PAGE), bytes([13]) + os.urandom(3 * PAGE - 1)):
        carved = carve(io.BytesIO(garbage), io.BytesIO(garbage))
        assert [key for table in COLUMNS for key in carved.rows[table]] == []


def test_a_row_that_goes_on_in_a_page_that_is_gone_is_none(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail("long", octets=b"x" * 100_000)], [])
    writer.close()
    content = (tmp_path / "mail.db").read_bytes()
    for lost in (content[:-PAGE], content[:-PAGE] + os.urandom(PAGE)):
        carved = carve(io.BytesIO(lost), io.BytesIO())
        assert carved.read("octets", 1) is None and carved.read("mail", 1) and carved.read("mail", 2) is None
        assert list(carved.each("octets")) == []


def test_what_is_left_of_a_wal_that_was_begun_anew_is_read_too(tmp_path: Path) -> None:
    writer = write(tmp_path / "mail.db")
    writer.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    writer.append([mail("newest")], [])  # from the WAL's beginning again
    whole = {table: select(tmp_path / "mail.db", table) for table in COLUMNS}
    path = tmp_path / "mail.db"
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
    carved = read(path)
    assert len(carved.rows["mail"]) == len(whole["mail"])
    found = [row for row in whole["octets"] if carved.read("octets", int(str(row[0]))) == row]
    assert len(found) >= len(whole["octets"]) - 3 and carved.read("mail", len(whole["mail"])) == whole["mail"][-1]
    writer.close()
