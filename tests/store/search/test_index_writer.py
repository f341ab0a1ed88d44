"""The follower that makes search.db: each mail once, whatever is interrupted, replaced or purged."""

import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all, purge_before, purge_mails
from cmcdesk.store.search import index_writer, search_index
from cmcdesk.store.search.entry import ask_for_fields
from cmcdesk.store.search.index_writer import SearchFollower, SearchWriter
from cmcdesk.store.search.search_index import SearchIndex
from tests.store.maillog.test_insertion import mail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


@pytest.fixture
def search_path(tmp_path: Path) -> Path:
    return tmp_path / "search.db"


def fill(path: Path, count: int, text: str = "mail") -> None:
    writer = MailLogWriter(path)
    writer.append([mail(f"{text} {number:06}", received_at=100.0 + number) for number in range(count)], [])
    writer.close()


def index_all(path: Path, search_path: Path) -> None:
    follower = SearchFollower(path, search_path)
    follower.tick()
    while follower._writer and follower._writer._position < follower._current.open().newest_mail():
        follower.tick()
    follower.stop(1)


def found(path: Path, search_path: Path, search: str) -> list[int]:
    with MailLog(path) as log, SearchIndex(search_path, log.log_id) as index:
        return list(index.find(ask_for_fields(search), 10**9, False))


def test_it_waits_for_mail_db_and_writes_nothing_without_mails(path: Path, search_path: Path) -> None:
    follower = SearchFollower(path, search_path)
    follower.tick()
    assert not search_path.exists()
    fill(path, 0)
    follower.tick()
    before = search_path.stat().st_mtime_ns
    for _ in range(20):
        follower.tick()
    assert search_path.stat().st_mtime_ns == before
    follower.stop(1)


def test_a_tick_is_short_and_the_batch_stays_open(
    path: Path, search_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_writer, "BATCH_SECONDS", 3600)
    fill(path, 200)
    writer = SearchWriter(search_path)
    with MailLog(path) as log:
        assert writer.advance(log, 0.0) and writer.indexed_mails == index_writer.MAILS_AT_ONCE
        assert found(path, search_path, "mail") == [], "not committed"
        writer.commit()
        assert len(found(path, search_path, "mail")) == writer.indexed_mails
    writer.close()


def test_an_interrupted_batch_is_done_again(path: Path, search_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_writer, "BATCH_SECONDS", 3600)
    fill(path, 90)
    with MailLog(path) as log:
        for seconds in (0.0, 0.0, 60):
            writer = SearchWriter(search_path)
            writer.advance(log, seconds)
            writer.close()  # as a kill does: nothing of the open transaction stays
    assert found(path, search_path, "mail") == []
    index_all(path, search_path)
    assert found(path, search_path, "mail") == list(range(90, 0, -1))


KILLED = """
import os, signal, sys
from pathlib import Path
from cmcdesk.store.search import index_writer
from cmcdesk.store.maillog.log import MailLog
index_writer.BATCH_MAILS = 40
writer = index_writer.SearchWriter(Path(sys.argv[2]))
with MailLog(Path(sys.argv[1])) as log:
    while writer.indexed_mails < int(sys.argv[3]):
        writer.advance(log, 0.0)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kills_anywhere_lose_and_double_nothing(path: Path, search_path: Path) -> None:
    fill(path, 500)
    chance = random.Random(3)
    for _ in range(4):
        command = [sys.executable, "-c", KILLED, str(path), str(search_path), str(chance.randint(30, 110))]
        assert subprocess.run(command).returncode == -9
    index_all(path, search_path)
    assert found(path, search_path, "mail") == list(range(500, 0, -1))
    with SearchIndex(search_path, MailLog(path).log_id) as index:
        assert index.indexed_up_to() == (500, 599.0)


def test_another_mail_db_begins_anew(path: Path, search_path: Path) -> None:
    fill(path, 30, "first")
    follower = SearchFollower(path, search_path)
    follower.tick()
    path.unlink()
    fill(path, 10, "second")
    while follower._writer is None or follower._writer.indexed_mails < 40:
        follower.tick()
    follower.stop(1)
    assert found(path, search_path, "first") == [] and len(found(path, search_path, "second")) == 10


@pytest.mark.parametrize(
    "deed", [Path.unlink, lambda path: path.write_bytes(b"no index" * 5000), lambda path: path.write_bytes(b"")]
)
def test_an_index_that_is_lost_while_it_is_followed_is_made_anew(
    path: Path, search_path: Path, monkeypatch: pytest.MonkeyPatch, deed: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(index_writer, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(index_writer, "PAUSE_SECONDS", 0.0)
    fill(path, 10, "before")
    follower = SearchFollower(path, search_path)
    follower.tick()
    assert len(found(path, search_path, "before")) == 10
    deed(search_path)
    fill(path, 10, "after")
    for _ in range(3):  # the fault is met, the file goes, and it is made again
        follower.tick()
    follower.stop(1)
    assert len(found(path, search_path, "before")) == len(found(path, search_path, "after")) == 10


def test_parts_of_purged_mails_are_dropped(path: Path, search_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "PART_BITS", 4)
    monkeypatch.setattr(index_writer, "BATCH_SECONDS", 0.0)
    fill(path, 100)
    index_all(path, search_path)
    writer = MailLogWriter(path)
    sum(purge_before(writer, 50))
    writer.append([mail("another")], [])
    writer.close()
    index_all(path, search_path)
    connection = sqlite3.connect(search_path)
    assert search_index.list_parts(connection) == [6, 5, 4, 3]
    connection.close()
    assert found(path, search_path, "mail") == list(range(100, 47, -1))


def test_mails_purged_before_they_were_indexed_do_no_harm(path: Path, search_path: Path) -> None:
    fill(path, 30)
    writer = MailLogWriter(path)
    sum(purge_mails(writer, range(5, 31)))
    index_all(path, search_path)
    sum(purge_all(writer))
    index_all(path, search_path)
    writer.close()
    assert found(path, search_path, "mail") == [4, 3, 2, 1]


@pytest.mark.parametrize("limit", ["RUSH", "RUSH_OCTETS"])
def test_it_waits_while_mails_or_octets_rush_in(
    path: Path, search_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(index_writer, "BATCH_SECONDS", 0)
    monkeypatch.setattr(index_writer, "RUSH", 10**9)
    fill(path, 10, "calm")
    follower = SearchFollower(path, search_path)
    follower.tick()
    monkeypatch.setattr(index_writer, limit, 0)
    fill(path, 10, "rush")
    follower.tick()
    assert len(found(path, search_path, "calm")) == 10
    assert found(path, search_path, "rush") == []
    assert follower.indexed == 10
    follower.tick()  # nothing came since
    assert follower.indexed == 20
    assert len(found(path, search_path, "rush")) == 10
    follower.stop(1)


def test_a_fault_is_told_once_and_tried_again_later(
    path: Path, search_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path, 10)
    search_path.mkdir()
    follower = SearchFollower(path, search_path)
    for _ in range(3):
        follower.tick()
    assert len(caplog.records) == 1 and "search.db is not kept up" in caplog.text
    search_path.rmdir()
    monkeypatch.setattr(follower, "_resting_until", 0.0)
    follower.tick()
    follower.stop(1)
    assert len(found(path, search_path, "mail")) == 10


def test_a_damaged_index_is_made_again(path: Path, search_path: Path) -> None:
    fill(path, 50)
    index_all(path, search_path)
    whole = search_path.read_bytes()
    search_path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    index_all(path, search_path)  # meets the damage, and removes the file
    index_all(path, search_path)
    assert len(found(path, search_path, "mail")) == 50


def test_the_worker_keeps_the_index(
    tmp_path: Path, path: Path, search_path: Path, wait_for: Callable[..., object]
) -> None:
    from cmcdesk.store.desk.database import open_desk

    open_desk(tmp_path).dispose()
    fill(path, 300)
    command = [sys.executable, "-m", "cmcdesk.worker", "--data-dir", str(tmp_path)]
    for upwards_of in (0, 299):  # killed, then ended well
        worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        wait_for(lambda least=upwards_of: search_path.exists() and len(found(path, search_path, "mail")) > least, 30)
        if not upwards_of:
            worker.kill()
        assert worker.stdin is not None
        worker.stdin.close()
        worker.wait(10)
    assert found(path, search_path, "mail") == list(range(300, 0, -1))
