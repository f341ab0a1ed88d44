"""The version of a desk.db, and files that are none: they are left as they are."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.desk.version import OURS, DatabaseUnusable, NewerDatabase, read_version


def run_sql(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


def test_where_there_is_nothing_yet_there_is_no_version(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    assert read_version(path) is None and not path.exists()
    path.touch()
    assert read_version(path) is None


def test_a_version_that_is_not_known_is_a_newer_one(tmp_path: Path) -> None:
    open_desk(tmp_path).dispose()
    path = tmp_path / "desk.db"
    assert read_version(path) == OURS.newest
    run_sql(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase, match="9999"):
        read_version(path)


@pytest.mark.parametrize("octets", [b"not a database at all, only text " * 100, b"SQLite format 3\0" + b"\xff" * 500])
def test_a_file_of_another_kind_is_refused_untouched(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(octets)
    with pytest.raises(DatabaseUnusable, match="left untouched"):
        open_desk(tmp_path)
    assert path.read_bytes() == octets


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    run_sql(path, "CREATE TABLE songs (title TEXT)")
    with pytest.raises(DatabaseUnusable, match="alembic_version"):
        open_desk(tmp_path)
