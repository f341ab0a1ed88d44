"""What can be read of a damaged mail.db comes back, under its ids where they are free."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.store.maillog.insertion import Accepted, MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.renewal import move_aside
from cmcdesk.store.maillog.salvage import Salvaged, Trail, salvage
from tests.store.maillog.test_insertion import mail, refusal
from tests.store.test_earlier_versions import EARLIER

PAGE = 16384


def make(path: Path, count: int, text: str = "mail") -> str:
    writer = MailLogWriter(path)
    mails = [mail(f"{text} {number}", octets=b"x" * 20_000 + f"{text} {number}".encode()) for number in range(count)]
    writer.append([*mails[:-1], mail(f"{text} last", matches=[("f", "a@x")])], [refusal("size")])
    writer.close()
    return writer.log_id


def put_back(aside: Path, path: Path) -> Salvaged:
    writer = MailLogWriter(path)
    done = salvage(aside, writer)
    writer.close()
    return done


def subjects(path: Path) -> dict[int, str]:
    with MailLog(path) as log:
        return {row.id: row.subject for row in log.list_mails(limit=1000)}


def test_a_whole_file_comes_back_whole_with_its_log(tmp_path: Path) -> None:
    path, aside = tmp_path / "mail.db", tmp_path / "aside.db"
    log_id = make(path, 120)
    move_aside(path, aside)
    before = aside.read_bytes()
    assert put_back(aside, path) == Salvaged(kept=120)
    assert put_back(aside, path) == Salvaged(there=120), "a second time changes nothing"
    with MailLog(path) as log:
        assert log.log_id == log_id and log.count_mails() == 120
        assert [match.mail_id for match in log.matches_after(0, 10)] == [120] and len(log.list_refusals()) == 1
    writer = MailLogWriter(path)
    assert writer.append([mail("next")], []) == 121 and writer.next_id("match") == 2
    writer.close()
    assert aside.read_bytes() == before and sorted(each.name for each in tmp_path.glob("salvage*")) == []


def test_dialogues_come_back_with_their_mails_only(tmp_path: Path) -> None:
    for name, sessions in (("old.db", (1, 2, 3)), ("mail.db", (1, 9))):
        writer = MailLogWriter(tmp_path / name)
        mails = [
            mail("one", session=each, octets=f"{name} {each}".encode(), user=f"{name[0]}", hello="h")
            for each in sessions
        ]
        writer.append(mails, [])
        writer.close()
    writer = MailLogWriter(tmp_path / "old.db")
    writer.append([], [], [Accepted(each, each, DialoguePart(1.5, 1, False, "[]")) for each in (2, 3)])
    writer.close()
    assert put_back(tmp_path / "old.db", tmp_path / "mail.db") == Salvaged(kept=1, moved=2)
    with closing(sqlite3.connect(tmp_path / "mail.db")) as connection:
        assert connection.execute("SELECT mail_id FROM accepted").fetchall() == [(3,)], "2 is another mail's id"
        assert connection.execute("SELECT * FROM submitted").fetchall() == [
            (1, 1, "m", "h"),
            (2, 9, "m", "h"),
            (3, 3, "o", "h"),
        ]


@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_file_of_an_earlier_version_comes_back(tmp_path: Path, is_damaged: bool) -> None:
    aside = tmp_path / "aside.db"
    with closing(sqlite3.connect(aside)) as connection:
        connection.execute(f"PRAGMA page_size={PAGE}")
        connection.executescript((EARLIER / "mail-2.sql").read_text("utf-8"))
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mail'").fetchone()[0]
    if is_damaged:  # the first page: what is left are leaves
        with aside.open("r+b") as file:
            file.write(os.urandom(PAGE))
            assert root > 1
    assert put_back(aside, tmp_path / "mail.db").kept == 1
    with MailLog(tmp_path / "mail.db") as log:
        assert [(row.id, row.gate, row.server) for row in log.list_refusals()] == [(9, "size", "receiving")]


def test_ids_that_are_taken_are_given_anew(tmp_path: Path) -> None:
    make(tmp_path / "old.db", 3, "old")
    make(tmp_path / "mail.db", 2, "new")
    assert put_back(tmp_path / "old.db", tmp_path / "mail.db") == Salvaged(kept=1, moved=2)
    assert set(subjects(tmp_path / "mail.db").values()) == {"old 0", "old 1", "old last", "new 0", "new last"}


@pytest.mark.parametrize("begin", [0, 40 * PAGE])
def test_past_damaged_pages_the_rest_is_read(tmp_path: Path, begin: int) -> None:
    make(tmp_path / "aside.db", 200)
    with (tmp_path / "aside.db").open("r+b") as file:
        file.seek(begin)
        file.write(os.urandom(3 * PAGE if begin else PAGE))
    done = put_back(tmp_path / "aside.db", tmp_path / "mail.db")
    assert done.kept >= 190 and done.kept + done.unreadable == 200
    assert len(subjects(tmp_path / "mail.db")) == done.kept


def test_what_is_no_mail_log_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "aside.db").write_bytes(os.urandom(10 * PAGE))
    assert put_back(tmp_path / "aside.db", tmp_path / "mail.db").kept == 0


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))


@pytest.mark.parametrize("is_closed", [True, False])
def test_what_was_stored_after_the_file_was_overwritten_comes_back(tmp_path: Path, is_closed: bool) -> None:
    path = tmp_path / "mail.db"
    writer = MailLogWriter(path)
    writer.append([mail(str(number), octets=b"x" * 20_000) for number in range(100)], [])
    writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(path)
    for number in range(30):
        writer.append([mail(f"after {number}", octets=b"y" * 60_000, matches=[("f", "a@x")])], [])
    if is_closed:  # SQLite moves the WAL into the file
        writer.close()
    move_aside(path, tmp_path / "aside.db")
    assert put_back(tmp_path / "aside.db", path).kept >= 30
    found = subjects(path)
    assert {number + 101: f"after {number}" for number in range(30)}.items() <= found.items()
    with MailLog(path) as log:
        assert all(log.get_octets(number + 101) == b"y" * 60_000 for number in range(30))
        assert [match.mail_id for match in log.matches_after(0, 100)] == list(range(101, 131))
    if not is_closed:
        writer.close()


def test_where_the_file_does_not_tell_its_log_the_followers_do(tmp_path: Path) -> None:
    make(tmp_path / "aside.db", 10)
    overwrite(tmp_path / "aside.db")
    writer = MailLogWriter(tmp_path / "mail.db")
    salvage(tmp_path / "aside.db", writer, Trail("0123456789abcdef", mails=10, matches=7))
    assert writer.append([mail("next")], []) == 11 and writer.next_id("match") == 8
    writer.close()
    with MailLog(tmp_path / "mail.db") as log:
        assert log.log_id == "0123456789abcdef"
