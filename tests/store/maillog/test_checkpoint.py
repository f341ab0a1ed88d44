import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.store.maillog import checkpoint as maillog_checkpoint
from cmcdesk.store.maillog.checkpoint import WORTH_IT_OCTETS, Checkpointer, QuietTime, checkpoint
from cmcdesk.store.maillog.insertion import MailLogWriter
from tests.store.maillog.test_insertion import mail


def test_the_wal_is_moved_into_the_file_beside_the_writer(tmp_path: Path, wait_for: Any) -> None:
    path = tmp_path / "mail.db"
    writer = MailLogWriter(path)
    small = path.stat().st_size
    writer.append([mail("big", octets=b"x" * (WORTH_IT_OCTETS + 1))], [])
    assert path.stat().st_size == small  # all in the WAL
    checkpointer = Checkpointer(writer.watch, lambda: None)
    checkpointer.start()
    wait_for(lambda: path.stat().st_size > WORTH_IT_OCTETS)
    writer.append([mail("next")], [])
    checkpointer.stop()
    assert not checkpointer.is_alive()
    writer.close()


def test_only_what_is_in_use_of_the_wal_makes_the_writer_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maillog_checkpoint, "WAL_CAP_OCTETS", 1 << 20)
    path = tmp_path / "mail.db"
    wal = tmp_path / "mail.db-wal"
    writer = MailLogWriter(path)
    writer.append([mail("small")], [])
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        assert not checkpoint(connection)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM mail").fetchone()  # its snapshot keeps the WAL from beginning anew
            writer.append([mail("big", octets=b"x" * (2 << 20))], [])
            assert checkpoint(connection)
        assert checkpoint(connection)
        size = wal.stat().st_size
        assert size > 2 << 20
        writer.append([mail("from the beginning")], [])
        assert not checkpoint(connection)
        assert wal.stat().st_size == size
    writer.close()


def test_the_file_is_looked_into_at_the_start_and_in_quiet_times() -> None:
    quiet = QuietTime()
    assert quiet.is_worth_a_check(1, 100.0), "at the start"
    assert not quiet.is_worth_a_check(1, 9e9), "nothing was written since"
    assert not quiet.is_worth_a_check(2, 800.0) and not quiet.is_worth_a_check(2, 805.0)
    assert not quiet.is_worth_a_check(3, 809.0) and not quiet.is_worth_a_check(3, 818.0), "written again meanwhile"
    assert quiet.is_worth_a_check(3, 819.5) and not quiet.is_worth_a_check(4, 820.0)
    assert not quiet.is_worth_a_check(4, 1400.0) and quiet.is_worth_a_check(4, 1420.0), "not too often"


def test_a_lost_file_ends_it_and_is_told_once(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    told: list[str] = []
    checkpointer = Checkpointer(writer.watch, lambda: told.append("lost"))
    checkpointer.start()
    writer.path.unlink()
    checkpointer.join(10)
    assert told == ["lost"] and not checkpointer.is_alive()
    checkpointer.stop()
    writer.close()
