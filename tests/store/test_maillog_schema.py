import sqlite3
from pathlib import Path

import pytest

from cmcdesk.store import maillog_schema
from cmcdesk.store.maillog_schema import MailLogMissing, check_version, open_for_writing


def test_the_writer_is_durable_and_leaves_checkpoints_to_another(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path / "mail.db")
    wanted = {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0, "page_size": maillog_schema.PAGE_SIZE}
    assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted
    assert check_version(connection, tmp_path) == maillog_schema.VERSION
    connection.close()


def test_a_file_without_tables_is_no_log(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "empty.db")
    with pytest.raises(MailLogMissing):
        check_version(connection, tmp_path / "empty.db")
    connection.close()


def test_a_file_that_another_program_left_empty_is_filled(tmp_path: Path) -> None:
    (tmp_path / "mail.db").touch()
    open_for_writing(tmp_path / "mail.db").close()
