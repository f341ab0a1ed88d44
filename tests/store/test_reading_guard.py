"""What is being read stands in a file that a death leaves behind."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.set_aside import find_set_aside, read_strikes
from cmcdesk.store.reading_guard import MailSetAside, NoGuard, ReadingGuard

DIE = """
import os, signal, sys
from pathlib import Path
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.reading_guard import ReadingGuard
folder = Path(sys.argv[1])
guard = ReadingGuard(folder / "reading.note", open_desk(folder))
guard.read("bounces", "log", 6, lambda: None)
guard.read(sys.argv[2], "log", 7, lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_desk(tmp_path)


def start(engine: Engine, folder: Path) -> ReadingGuard:
    return ReadingGuard(folder / "reading.note", engine)


def die(folder: Path, reader: str = "bounces") -> None:
    """A process of its own that is killed while it reads mail 7."""
    assert subprocess.run([sys.executable, "-c", DIE, str(folder), reader]).returncode == -9


def test_a_mail_is_set_aside_after_the_second_death_and_no_other(engine: Engine, tmp_path: Path) -> None:
    die(tmp_path)
    guard = start(engine, tmp_path)
    assert guard.list_set_aside("log") == []
    with reading(engine) as session:
        assert read_strikes(session) == {("log", 7): {"bounces": 1}}
    die(tmp_path)
    guard = start(engine, tmp_path)
    assert guard.list_set_aside("log") == [7] and guard.list_set_aside("other") == []
    for reader in ("bounces", "webhooks", "search"):
        with pytest.raises(MailSetAside, match="mail 7"):
            guard.read(reader, "log", 7, lambda: pytest.fail("it was read"))
    assert (
        guard.read("bounces", "log", 6, lambda: "read") == guard.read("bounces", "other", 7, lambda: "read") == "read"
    )


def test_a_death_that_only_happened_to_come_then_is_forgotten_once_the_mail_is_read(
    engine: Engine, tmp_path: Path
) -> None:
    for _ in range(3):
        die(tmp_path)
        guard = start(engine, tmp_path)
        assert guard.read("bounces", "log", 7, lambda: 1) == 1
    assert guard.list_set_aside("log") == []
    with reading(engine) as session:
        assert read_strikes(session) == {}


def test_one_reader_that_gets_through_does_not_absolve_another(engine: Engine, tmp_path: Path) -> None:
    die(tmp_path, "search")
    assert start(engine, tmp_path).read("bounces", "log", 7, lambda: 1) == 1
    die(tmp_path, "search")
    assert start(engine, tmp_path).list_set_aside("log") == [7]


def test_a_failure_counts_like_a_death_and_is_raised(engine: Engine, tmp_path: Path) -> None:
    guard = start(engine, tmp_path)
    for _ in range(2):
        with pytest.raises(MemoryError):
            guard.read("search", "log", 7, fail)
    with pytest.raises(MailSetAside):
        guard.read("search", "log", 7, fail)
    assert start(engine, tmp_path).list_set_aside("log") == [7]
    with reading(engine) as session:
        found = find_set_aside(session, "log", 7)
    assert found and (found.readers, found.strikes, found.is_asked) == (("search",), 2, False)


def fail() -> None:
    raise MemoryError


def test_what_is_tried_again_stays_set_aside_until_it_is_forgotten(engine: Engine, tmp_path: Path) -> None:
    die(tmp_path)
    die(tmp_path)
    guard = start(engine, tmp_path)
    assert guard.try_again("bounces", "log", 7, lambda: 1) == 1
    assert guard.list_set_aside("log") == [7]
    guard.forget("log", 7)
    assert guard.list_set_aside("log") == [] and start(engine, tmp_path).list_set_aside("log") == []


def test_a_note_that_nobody_can_read_is_no_death(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "reading.note").write_bytes(b"\xff" * 10)
    assert start(engine, tmp_path).list_set_aside("log") == []
    with transaction(engine) as session:
        assert read_strikes(session) == {}


def test_without_a_guard_a_mail_is_just_read() -> None:
    assert NoGuard().read("bounces", "log", 7, lambda: 1) == 1
