"""The data folder itself. From the outside: tests/commands/test_doctor.py."""

import shutil
from pathlib import Path

import pytest

from cmcdesk.doctor.folder import check_folder, check_lock, check_mails, check_room
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.set_aside import STRIKES, add_strike
from cmcdesk.store.maillog.insertion import MailLogWriter
from tests.store.maillog.test_insertion import mail


def test_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(check_room(tmp_path / "none")) == []
    usage = shutil.disk_usage(tmp_path)._replace(free=3 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    (finding,) = check_room(tmp_path)
    assert finding.state == "full" and "3 MB" in finding.what["en"] and finding.repair is None


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (finding,) = check_folder(tmp_path / "file")
    assert finding.state == "missing" and list(check_folder(tmp_path)) == []


def test_a_note_without_a_holder_is_stale(tmp_path: Path) -> None:
    assert list(check_lock(tmp_path)) == []
    (tmp_path / "instance.json").write_text('{"pid": 12}')
    (finding,) = check_lock(tmp_path)
    assert "12" in finding.what["ja"] and finding.repair
    finding.repair()
    assert list(check_lock(tmp_path)) == []


def test_a_mail_that_ended_its_reader_twice_is_named(tmp_path: Path) -> None:
    assert list(check_mails(tmp_path)) == []
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail("one")], [])
    writer.close()
    engine = open_desk(tmp_path)
    assert list(check_mails(tmp_path)) == []
    with transaction(engine) as session:
        for _ in range(STRIKES):
            add_strike(session, writer.log_id, 1, "bounces", 1.0)
    engine.dispose()
    (finding,) = check_mails(tmp_path)
    assert (finding.check, finding.state) == ("mails", "set_aside")
    assert finding.what["en"].endswith(": 1") and finding.repair is None
