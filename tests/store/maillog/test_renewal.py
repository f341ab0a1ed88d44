"""Another file takes mail.db's place. On a whole mail server: tests/mailserver/test_lost_file.py."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.renewal import list_aside, move_aside, name_aside, renew, rescue
from cmcdesk.store.maillog.watch import CurrentMailLog, Loss
from tests.store.maillog.test_insertion import mail, refusal


@pytest.fixture
def writer(tmp_path: Path) -> MailLogWriter:
    made = MailLogWriter(tmp_path / "folder" / "mail.db") if (tmp_path / "folder").mkdir() is None else None
    assert made
    made.append([mail("one"), mail("two")], [refusal("size")])
    return made


def subjects(path: Path) -> list[str]:
    with MailLog(path) as log:
        return [row.subject for row in log.list_mails()]


def test_a_damaged_file_is_renamed_with_its_wal_and_the_count_goes_on(writer: MailLogWriter) -> None:
    log_id = writer.log_id
    aside = writer.path.with_name(renew(writer, Loss("damaged")))
    assert writer.append([mail("three")], []) == 3 and writer.next_id("refusal") == 2
    writer.close()
    assert subjects(writer.path) == ["three"] and len(subjects(aside)) == 2
    again = MailLogWriter(writer.path)
    assert again.append([mail("four")], []) == 4 and again.log_id == log_id
    again.close()


def test_a_file_that_lost_its_name_is_written_beside(writer: MailLogWriter, wait_for: Callable[..., object]) -> None:
    writer.path.unlink()
    aside = writer.path.with_name(renew(writer, Loss("gone")))
    assert writer.append([mail("three")], []) == 3
    wait_for(aside.exists)
    assert len(subjects(aside)) == 2 and subjects(writer.path) == ["three"]
    writer.close()


def test_of_an_empty_one_nothing_is_kept(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.path.unlink()
    assert renew(writer, Loss("gone")) == "" and writer.append([mail("one")], []) == 1
    writer.close()
    assert subjects(writer.path) == ["one"] and list_aside(writer.path) == []


def test_without_its_wal_all_is_in_another_file_that_readers_notice(writer: MailLogWriter) -> None:
    reader = CurrentMailLog(writer.path)
    assert len(reader.open().list_mails()) == 2
    writer.path.with_name("mail.db-wal").unlink()
    assert renew(writer, Loss("log")) == ""
    writer.append([mail("three")], [])
    assert len(reader.open().list_mails()) == 3 and len(subjects(writer.path)) == 3
    assert [each.name for each in writer.path.parent.iterdir() if not each.name.startswith("mail.db")] == []
    reader.close()
    writer.close()


def test_without_its_wal_and_without_room_for_a_copy_it_is_set_aside_whole(writer: MailLogWriter) -> None:
    writer.path.with_name("mail.db-wal").unlink()
    writer.path.with_suffix(".part").symlink_to(writer.path.parent / "no folder" / "file")  # cannot be opened
    aside = writer.path.with_name(renew(writer, Loss("log")))
    assert writer.append([mail("three")], []) == 3
    assert subjects(writer.path) == ["three"] and len(subjects(aside)) == 2
    writer.close()


def test_where_no_file_can_be_made_the_damaged_one_keeps_its_name(
    writer: MailLogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.store.maillog.schema.PAGE_SIZE", "no size, and no SQL")
    with pytest.raises(sqlite3.Error):
        renew(writer, Loss("damaged"))
    assert len(subjects(writer.path)) == 2 and list_aside(writer.path) == []
    writer.close()


def test_names_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    path.write_bytes(b"x")
    first = name_aside(path, 0.0)
    move_aside(path, first)
    second = name_aside(path, 0.0)
    assert first.name.startswith("mail-set-aside-19") and second.name == first.name.replace(".db", "-2.db")
    assert list_aside(path) == [first] and not path.exists()


def test_a_rescue_without_room_leaves_nothing_half_done(writer: MailLogWriter, tmp_path: Path) -> None:
    rescue(sqlite3.connect(writer.path), tmp_path / "no folder" / "x.db")
    with closing(sqlite3.connect(":memory:")) as empty:
        assert empty.execute("SELECT 1").fetchone()
    assert list(tmp_path.glob("*.part")) == []
    writer.close()
