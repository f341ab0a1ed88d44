"""Causes of SQLite's errors, each made by SQLite itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.store.sqlite_faults import is_damage, is_disk_full, is_locked, is_of_one_row, name_of


def fail(path: Path, *statements: str) -> sqlite3.Error:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    with closing(connection), pytest.raises(sqlite3.Error) as raised:
        for statement in statements:
            connection.execute(statement)
    return raised.value


def judge(error: Exception) -> tuple[bool, bool, bool, bool]:
    return is_locked(error), is_disk_full(error), is_damage(error), is_of_one_row(error)


def test_a_lock(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        error = fail(tmp_path / "a.db", "BEGIN IMMEDIATE")
    assert judge(error) == (True, False, False, False)


def test_a_full_disk(tmp_path: Path) -> None:
    fill = "INSERT INTO a VALUES(zeroblob(1000000))"
    error = fail(tmp_path / "a.db", "CREATE TABLE a(x)", "PRAGMA max_page_count=3", fill)
    assert judge(error) == (False, True, False, False)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database at all" * 1000)
    assert judge(fail(tmp_path / "a.db", "SELECT * FROM sqlite_master")) == (False, False, True, False)


def test_a_row(tmp_path: Path) -> None:
    error = fail(tmp_path / "a.db", "CREATE TABLE a(x UNIQUE)", "INSERT INTO a VALUES(1), (1)")
    assert judge(error) == (False, False, False, True)
    assert judge(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x")) == (False, False, False, True)


def test_errors_without_a_code_have_no_name() -> None:
    assert name_of(ValueError()) == "" and judge(sqlite3.OperationalError("other")) == (False, False, False, False)
