"""What is seen of a mail.db that is no longer what it was. On a whole server: tests/mailserver/test_lost_file.py."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.store.maillog.checkpoint import checkpoint
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.maillog.watch import CurrentMailLog, Loss, WalEnd, find_damage
from tests.store.maillog.test_insertion import mail


@pytest.fixture
def writer(tmp_path: Path) -> MailLogWriter:
    made = MailLogWriter(tmp_path / "mail.db")
    made.append([mail(str(number), octets=b"x" * 50_000) for number in range(20)], [])
    return made


def never() -> bool:
    return False


def test_its_own_writing_is_no_loss(writer: MailLogWriter) -> None:
    assert writer.watch.look(never) is None
    with writer.watch.writing():
        checkpoint(writer.connection)
    writer.append([mail("more")], [])
    assert writer.watch.look(never) is writer.watch.find_loss() is None
    writer.close()


@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        (lambda path: path.unlink(), "gone"),
        (lambda path: path.rename(path.with_name("moved")), "gone"),
        (lambda path: path.with_name("other").rename(path), "replaced"),
        (lambda path: os.truncate(path, 100), "cut"),
    ],
)
def test_one_look_at_the_name_sees(writer: MailLogWriter, deed: Callable[[Path], None], kind: str) -> None:
    writer.path.with_name("other").write_bytes(b"x" * 1_000_000)
    deed(writer.path)
    found = writer.watch.find_loss()
    assert found and found.kind == kind
    writer.path.unlink(missing_ok=True)
    assert writer.watch.find_loss() is found, "it stays lost"
    writer.close()


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_the_files_beside_are_seen_by_the_longer_look(writer: MailLogWriter, suffix: str) -> None:
    writer.path.with_name(f"mail.db{suffix}").unlink()
    assert writer.watch.find_loss() is None and writer.watch.look(never) == Loss("log")
    writer.close()


def test_what_somebody_else_wrote_is_judged_by_its_content(writer: MailLogWriter) -> None:
    os.utime(writer.path)
    assert writer.watch.look(never) is None
    with writer.watch.writing():
        checkpoint(writer.connection)
    with writer.path.open("r+b") as file:
        file.seek(3 * 16384)
        file.write(os.urandom(5 * 16384))
    found = writer.watch.look(never)
    assert found and found.kind == "damaged" and found.detail
    writer.close()


def test_what_somebody_else_wrote_is_suspected_before_the_next_250(writer: MailLogWriter) -> None:
    with writer.watch.writing():
        checkpoint(writer.connection)
        assert writer.watch.find_loss() is None, "a checkpoint of its own"
    assert writer.watch.find_loss() is None
    os.utime(writer.path)
    assert writer.watch.find_loss() == writer.watch.find_loss() == Loss("suspected")
    assert writer.watch.look(never) is writer.watch.find_loss() is None, "its content is sound"
    with writer.path.open("r+b") as file:
        file.write(os.urandom(writer.path.stat().st_size))
    assert writer.watch.find_loss() == Loss("suspected")
    found = writer.watch.look(never)
    assert found and found.kind == "damaged" and writer.watch.find_loss() is found
    writer.close()


def test_a_file_that_grows_during_a_look_is_not_taken_for_one_that_was_cut(writer: MailLogWriter) -> None:
    class SlowPath(type(writer.path)):  # type: ignore[misc]
        """Between the look and what is made of it a checkpoint of ours begins and ends."""

        def stat(self, *given: Any, **more: Any) -> os.stat_result:
            found = super().stat(*given, **more)
            if not found_sizes:
                found_sizes.append(found.st_size)
                with writer.watch.writing():
                    checkpoint(writer.connection)
            return found

    found_sizes: list[int] = []
    before = writer.path.stat().st_size
    writer.watch.path = SlowPath(writer.path)
    assert writer.watch.find_loss() is None
    assert found_sizes == [before] and writer.path.stat().st_size > before
    writer.close()


def test_a_checkpoint_that_fails_ends_its_turn(writer: MailLogWriter) -> None:
    with pytest.raises(ValueError), writer.watch.writing():
        raise ValueError
    os.utime(writer.path)
    assert writer.watch.find_loss() == Loss("suspected")
    writer.close()


def test_a_check_that_must_end_decides_nothing(writer: MailLogWriter) -> None:
    assert writer.watch.check(0.0, lambda: True) is None and find_damage(writer.path, 0.0) == ""
    writer.close()


def test_sqlite_itself_may_condemn_the_file(writer: MailLogWriter) -> None:
    writer.watch.condemn(ValueError("database disk image is malformed"))
    writer.watch.condemn(ValueError("later"))
    assert writer.watch.find_loss() == Loss("damaged", "database disk image is malformed")
    writer.close()


@pytest.mark.parametrize("kept", [0, 10, 32, 200_000])
def test_a_wal_is_cut_though_it_has_grown_again(writer: MailLogWriter, kept: int) -> None:
    wal = writer.path.with_name("mail.db-wal")
    end = WalEnd(wal)
    assert not end.is_cut() and not end.is_cut()
    size = wal.stat().st_size
    os.truncate(wal, kept)
    os.truncate(wal, size)
    assert end.is_cut()
    writer.close()


def test_a_wal_that_begins_anew_is_not_cut(writer: MailLogWriter) -> None:
    end = WalEnd(writer.path.with_name("mail.db-wal"))
    assert not end.is_cut()
    checkpoint(writer.connection)
    writer.append([mail("from the beginning")], [])
    assert not end.is_cut()
    writer.append([mail(str(number), octets=b"x" * 50_000) for number in range(40)], [])
    assert not end.is_cut()
    assert not WalEnd(Path("/nowhere")).is_cut()


class JustBegun(io.FileIO):
    """A WAL whose first transaction is written right after it was found empty."""

    def read(self, size: int | None = -1) -> bytes:
        octets = super().read(size)
        if not octets:
            Path(str(self.name)).write_bytes(b"\x7f" * 32 + (b"\x01" + bytes(4119)) * 3)
        return octets


class PathOfJustBegun(type(Path())):  # type: ignore[misc]
    def open(self, *_args: object, **_named: object) -> JustBegun:
        return JustBegun(str(self))


def test_a_wal_that_begins_during_the_look_is_not_cut(tmp_path: Path) -> None:
    wal = PathOfJustBegun(tmp_path / "mail.db-wal")
    wal.touch()
    end = WalEnd(wal)
    assert not end.is_cut()
    assert wal.stat().st_size > 0 and not end.is_cut()


def test_it_appears_stays_the_same_and_is_opened_anew_when_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    current = CurrentMailLog(path)
    with pytest.raises(MailLogMissing):
        current.open()
    MailLogWriter(path).close()
    first = current.open()
    first_id = first.log_id
    assert current.open() is first
    other = tmp_path / "other.db"
    MailLogWriter(other).close()
    other.replace(path)
    assert current.open() is not first
    assert current.open().log_id != first_id
    current.close()


def test_closed_it_can_be_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    MailLogWriter(path).close()
    current = CurrentMailLog(path)
    before = current.open().log_id
    current.close()
    current.close()
    assert current.open().log_id == before
    current.close()
