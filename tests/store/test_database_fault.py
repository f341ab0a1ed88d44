"""Which errors are faults of a database or a disk, and what is said of them."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cmcdesk.rules.texts import translate
from cmcdesk.store.database_fault import FAULTS, find_fault_of
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.schema import NewerMailLog


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, "full"), (errno.EROFS, "read_only"), (errno.ENAMETOOLONG, "path"), (errno.ENOTDIR, "path")],
)
def test_errors_of_the_system(number: int, kind: str) -> None:
    found = find_fault_of(OSError(number, "x"))
    assert found and found.kind == kind


def test_errors_of_sqlite(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error) as gone:
        sqlite3.connect(f"{(tmp_path / 'none').as_uri()}?mode=rw", uri=True)
    with closing(sqlite3.connect(tmp_path / "a")) as made:
        made.execute("CREATE TABLE a(x)")
        with (
            closing(sqlite3.connect(f"{(tmp_path / 'a').as_uri()}?mode=ro", uri=True)) as reader,
            pytest.raises(sqlite3.Error) as read_only,
        ):
            reader.execute("INSERT INTO a VALUES(1)")
    kinds = [found and found.kind for found in map(find_fault_of, (gone.value, read_only.value, sqlite3.Error("x")))]
    assert kinds == ["gone", "read_only", "other"]


def test_those_of_sqlalchemy_are_looked_into(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    (tmp_path / "desk.db").unlink()
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    found = find_fault_of(raised.value)
    assert found and found.kind == "gone" and not (tmp_path / "desk.db").exists(), "no empty one is made by looking"


def test_newer_files_and_what_is_none() -> None:
    newer = find_fault_of(NewerMailLog(Path("mail.db"), 99))
    assert newer and newer.kind == "newer" and find_fault_of(KeyError("x")) is None


def test_each_says_what_and_what_to_do_in_both_languages() -> None:
    for kind, texts in FAULTS.items():
        assert all(translate("ja", text) not in ("", text) for text in texts), kind
