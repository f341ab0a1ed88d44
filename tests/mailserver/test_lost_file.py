"""mail.db removed, replaced, cut or overwritten while mails come in: no 250 for a mail that is nowhere, and mails are
received again within a second, into a file that holds them."""

import os
import shutil
import smtplib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.watch import CurrentMailLog

from .conftest import MailServerProcess, StartMailServer, pro_settings

BIG = b"x" * 60_000


def fill_first_part(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(size))


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def remove_all(path: Path) -> None:
    for each in path.parent.glob("mail.db*"):
        each.unlink()


def put_garbage_in_its_place(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(os.urandom(100_000))
    other.replace(path)


DEEDS: dict[str, Callable[[Path], None]] = {
    "folder removed": lambda path: shutil.rmtree(path.parent),
    "folder moved": lambda path: path.parent.rename(path.parent.with_name("elsewhere")) and None,
    "mail.db removed": Path.unlink,
    "all files removed": remove_all,
    "replaced by garbage": put_garbage_in_its_place,
    "cut in half": cut_in_half,
    "cut to nothing": lambda path: os.truncate(path, 0),
    "head overwritten": lambda path: fill_first_part(path, 4096),
    "overwritten": lambda path: fill_first_part(path, path.stat().st_size),
    "WAL removed": lambda path: path.with_name("mail.db-wal").unlink(),
    "index of the WAL removed": lambda path: path.with_name("mail.db-shm").unlink(),
    "WAL cut": lambda path: os.truncate(path.with_name("mail.db-wal"), 0),
}
#: What of the mails before must still be readable, by deed; after the others it is lost with the file.
ALL_KEPT = {"mail.db removed", "all files removed", "folder removed", "replaced by garbage", "WAL removed",
            "index of the WAL removed"}  # fmt: skip
#: What is mended without another file, and by what that is seen; after all others the lost file is set aside.
MENDED: dict[str, Callable[[Path], bool]] = {
    "head overwritten": lambda path: path.read_bytes()[:6] == b"SQLite",  # the next checkpoint writes it anew
    "WAL removed": lambda path: path.with_name("mail.db-wal").exists(),
    "index of the WAL removed": lambda path: path.with_name("mail.db-shm").exists(),
}


def is_noticed(server: MailServerProcess, deed: str) -> bool:
    """Whether the mail server has done something about it: within a second, or later where the machine is busy."""
    is_mended = MENDED.get(deed)
    return is_mended(server.mail_db) if is_mended else bool(server.telemetry["mail_log"]["set_aside"])


class Sender:
    """Sends numbered mails, and remembers which got their 250."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.number = 0
        self.stored: list[bytes] = []

    def send(self) -> int:
        """One mail in a session of its own; the reply's code."""
        self.number += 1
        mark = f"mail-{self.number}-".encode()
        with smtplib.SMTP(*self.address, timeout=10) as smtp:
            smtp.ehlo()
            smtp.mail("a@sender.example")
            smtp.rcpt("info@mailform.example.com")
            code = smtp.data(b"Subject: x\r\n\r\n" + mark + BIG + b"\r\n")[0]
        if code == 250:
            self.stored.append(mark)
        return code


@pytest.fixture
def server(start_mail_server: StartMailServer) -> MailServerProcess:
    return start_mail_server()


def find_marks(path: Path) -> set[bytes]:
    with MailLog(path) as log:
        return {octets.partition(b"\r\n\r\n")[2][: -len(BIG) - 2] for octets in log.each_octets()}


def find_newest(path: Path) -> int:
    with MailLog(path) as log:
        return log.list_mails(limit=1)[0].id


@pytest.mark.parametrize("deed", DEEDS)
def test_no_mail_is_answered_250_that_is_nowhere(
    server: MailServerProcess, deed: str, wait_for: Callable[..., object]
) -> None:
    sender = Sender(server.apply(pro_settings()))
    for _ in range(80):  # more than a checkpoint's worth, so that the file itself holds some
        assert sender.send() == 250
    wait_for(lambda: server.mail_db.stat().st_size > 3_000_000)
    before = list(sender.stored)
    sender.stored.clear()
    reader = CurrentMailLog(server.mail_db)  # as the worker has one, open all the time
    reader.open().list_mails()
    DEEDS[deed](server.mail_db)
    done = time.monotonic()
    codes = [sender.send()]
    while not is_noticed(server, deed) or codes[-1] != 250:
        codes.append(sender.send())
        assert time.monotonic() < done + 20, codes
    assert set(codes) <= {250, 451}
    again = len(sender.stored)
    for _ in range(3):
        assert sender.send() == 250
    server.wait_for_telemetry(lambda told: told["mail_log"]["loss"] == "")
    aside = server.telemetry["mail_log"]["set_aside"]
    if aside:
        wait_for(lambda: (server.folder / aside).exists())
    newest = find_newest(server.mail_db)
    assert reader.open().list_mails(limit=1)[0].id == newest
    reader.close()
    kept = find_marks(server.mail_db)
    assert set(sender.stored[again:]) <= kept
    if deed in ALL_KEPT:
        kept |= find_marks(server.folder / aside) if aside else set()
        assert set(before) <= kept and set(sender.stored) <= kept
    assert server.process.poll() is None


def test_ids_and_the_log_go_on_in_the_new_file(server: MailServerProcess) -> None:
    sender = Sender(server.apply(pro_settings()))
    for _ in range(3):
        sender.send()
    with MailLog(server.mail_db) as log:
        log_id = log.log_id
    remove_all(server.mail_db)
    server.wait_for_telemetry(lambda told: told["mail_log"]["set_aside"])
    assert sender.send() == 250
    with MailLog(server.mail_db) as log:
        assert (log.log_id, [row.id for row in log.list_mails()]) == (log_id, [4])


def test_a_log_that_is_put_in_its_place_is_taken_up(
    server: MailServerProcess, tmp_path: Path, wait_for: Callable[..., object]
) -> None:
    sender = Sender(server.apply(pro_settings()))
    sender.send()
    with closing(sqlite3.connect(server.mail_db)) as source, closing(sqlite3.connect(tmp_path / "backup")) as copy:
        source.backup(copy)
    sender.send()
    (tmp_path / "backup").replace(server.mail_db)
    server.wait_for_telemetry(lambda told: told["mail_log"]["set_aside"])
    assert sender.send() == 250
    assert find_marks(server.mail_db) == {b"mail-1-", b"mail-3-"}
    aside = server.folder / server.telemetry["mail_log"]["set_aside"]
    wait_for(aside.exists)
    assert find_marks(aside) == {b"mail-1-", b"mail-2-"}
    with MailLog(server.mail_db) as log:
        assert [row.id for row in log.list_mails()] == [3, 1], "no id names two mails"


def test_a_file_that_is_only_touched_stays(server: MailServerProcess) -> None:
    sender = Sender(server.apply(pro_settings()))
    sender.send()
    os.utime(server.mail_db)
    before = server.mail_db.stat().st_ino
    deadline = time.monotonic() + 1.0  # in which a loss would be noticed
    assert sender.send() == 250, "it waited until the file had been looked into"
    while time.monotonic() < deadline:
        assert sender.send() == 250
    assert server.telemetry["mail_log"] == {"loss": "", "set_aside": ""}
    assert server.mail_db.stat().st_ino == before and set(sender.stored) <= find_marks(server.mail_db)


def test_where_no_other_file_can_be_made_mails_wait_with_their_senders(
    server: MailServerProcess, wait_for: Callable[..., object]
) -> None:
    sender = Sender(server.apply(pro_settings()))
    sender.send()
    folder = server.mail_db.parent
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("a file where the folder was")
    for _ in range(5):
        assert sender.send() == 451
    link = folder.with_name("link")
    link.symlink_to(away)
    link.replace(folder)  # in one step: between two, a new folder would be made
    wait_for(lambda: sender.send() == 250)
    assert set(sender.stored) <= find_marks(server.mail_db)
    assert list(folder.glob("*set-aside*")) == [], "it was only away"


def test_a_file_that_is_damaged_inside_is_found_soon_after_the_start(start_mail_server: StartMailServer) -> None:
    first = start_mail_server()
    sender = Sender(first.apply(pro_settings()))
    for _ in range(20):
        sender.send()
    assert first.stop() == 0
    with first.mail_db.open("r+b") as file:
        file.seek(10 * 16384)
        file.write(os.urandom(20 * 16384))
    second = start_mail_server()
    told = second.wait_for_telemetry(lambda told: told["mail_log"]["set_aside"])
    assert (second.folder / told["mail_log"]["set_aside"]).exists()
    assert Sender(second.apply(pro_settings())).send() == 250
