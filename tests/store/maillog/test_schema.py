import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.store.maillog import schema as maillog_schema
from cmcdesk.store.maillog.counts import Received, count_received
from cmcdesk.store.maillog.dialogues import read_dialogue
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing, check_version, find_fault, open_for_writing
from tests.store.maillog.test_insertion import mail, refusal


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


def test_a_file_that_was_begun_and_not_finished_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    with closing(sqlite3.connect(path)) as killed:
        killed.execute("PRAGMA journal_mode=WAL")
    assert path.stat().st_size > 0 and find_fault(path) is None
    open_for_writing(path).close()
    with MailLog(path) as log:
        assert log.count_mails() == 0


def test_a_file_that_cannot_be_used_is_told_with_what_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    assert find_fault(path) is None
    open_for_writing(path).close()
    assert find_fault(path) is None
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version=99")
    assert "version 99" in (find_fault(path) or {})["en"]
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE something(else_)")
    assert "it is no mail log. Run cmcdesk doctor --repair" in (find_fault(tmp_path / "other.db") or {})["en"]
    path.write_bytes(b"no database at all, but some text of a fair length" * 100)
    assert "file is not a database. Run cmcdesk doctor --repair" in (find_fault(path) or {})["en"]


def make_version_1(path: Path, now: float) -> None:
    """A mail.db as version 1 made it, with mails and refusals of two days, an hour apart."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size={maillog_schema.PAGE_SIZE}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(maillog_schema.SCHEMA + "INSERT INTO log VALUES('log_id', 'one'); PRAGMA user_version=1;")
    for number in range(1, 49):
        at = now - (49 - number) * 3600
        head = (2 * number, at, "pro", 1, 1, "127.0.0.1", "", "[]", 1, f"mail {number}", "", "", 1)
        connection.execute("INSERT INTO mail VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)", head)
        connection.execute("INSERT INTO octets VALUES(?, ?)", (2 * number, b"x"))
        refused = (number, at, "pro", "domain", 550, "5.7.1", "no", "127.0.0.1", 3, "", "", 10)
        connection.execute("INSERT INTO refusal VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", refused)
    connection.close()


def test_a_log_of_version_1_is_upgraded_by_the_writer_and_loses_nothing(tmp_path: Path) -> None:
    path, now = tmp_path / "mail.db", time.time()
    make_version_1(path, now)
    writer = MailLogWriter(path)
    assert writer.append([mail("new", received_at=now)], [refusal("size")]) == 97
    writer.close()
    with MailLog(path) as log:
        assert (log.version, log.log_id) == (maillog_schema.VERSION, "one")
        assert log.count_mails() == 49
        assert log.get_octets(96) == b"x"
        assert [row.gate for row in log.list_refusals(limit=2)] == ["size", "domain"]
        row = log.get_refusal(48)
        assert row and read_dialogue(log, row) is None
        start = now // 900 * 900 - 20 * 3600
        assert count_received(log, start, now + 900) == {"pro": Received(21, 200)}


def test_a_log_of_version_1_is_read_before_it_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    make_version_1(path, time.time())
    before = path.read_bytes()
    with MailLog(path) as log:
        assert log.count_mails() == 48
        row = log.get_refusal(1)
        assert row and read_dialogue(log, row) is None
        assert count_received(log, 0, 1e12) == {}
    assert path.read_bytes() == before


def test_an_upgrade_that_fails_leaves_version_1(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    make_version_1(path, time.time())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE received(x)")
    with pytest.raises(sqlite3.OperationalError, match="received"):
        open_for_writing(path)
    with MailLog(path) as log:
        assert log.version == 1
        assert log.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'dialogue'").fetchone() is None


def test_an_upgrade_that_sqlite_has_rolled_back_already_says_what_went_wrong(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    make_version_1(path, time.time())
    said: list[str] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_trace_callback(said.append)
        # An INSERT that is interrupted takes its whole transaction with it, as it may be on a full disk.
        connection.set_progress_handler(lambda: said[-1].startswith("INSERT INTO received"), 1)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            maillog_schema.upgrade(connection)
        connection.set_progress_handler(None, 1)
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
