"""Whether what is committed to mail.db will be found again: the file is still there under its name, still the same,
whole, and written by nobody else.

SQLite would not notice: it goes on with the file that it has open, though that be deleted, replaced, cut or
overwritten. A look at the file's name, size and time of writing costs some microseconds, so one stands between each
commit and its 250. All that takes longer (the files beside it, a check of the content) is done by the checkpointer,
four times a second.

For those who follow it there is the mail.db that is there now: opened when it appears, anew when it was replaced.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.sqlite_faults import is_damage

VERIFY_SECONDS = 5.0  # for a file that somebody else wrote to: until then nothing is answered 250

CHECK_STEPS = 50_000  # of SQLite's machine between two looks at the clock


class CurrentMailLog:
    """Used by one thread at a time, like the MailLog it opens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log: MailLog | None = None
        self._identity: tuple[int, int] | None = None

    def open(self) -> MailLog:
        """The same object as long as it is the same file. Raises MailLogMissing while there is none."""
        identity = identify_file(self._path)
        if self._log is None or identity != self._identity:
            self.close()
            self._log, self._identity = MailLog(self._path), identity
        return self._log

    def close(self) -> None:
        """Let go of the file; `open` would open it again."""
        if self._log is not None:
            self._log.close()
        self._log = None


def identify_file(path: Path) -> tuple[int, int] | None:
    """What tells one file from another that took its name; None if there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


WAL_HEAD, FRAME_HEAD = 32, 24  # octets

Kind = Literal["gone", "replaced", "cut", "damaged", "log", "suspected"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Why mail.db cannot be relied on. log: its WAL was taken from beside it, and all is still in the open files;
    suspected: somebody else wrote to it, and it is being looked at."""

    kind: Kind
    detail: str = ""


class LogWatch:
    """Watches the file that a connection has just opened; a file opened anew gets a watch of its own.

    `find_loss` may be called from any thread; `look` and `writing` are the checkpointer's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        found = path.stat()
        self._identity = _identify(found)
        self._size = found.st_size
        self._written = found.st_mtime_ns
        self._turn = 0  # odd: a checkpoint of ours writes to the file, and its time says nothing
        beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
        self._beside = {name: identify_file(name) for name in beside}
        self._end = WalEnd(path.with_name(f"{path.name}-wal"))
        self.loss: Loss | None = None
        self._telling = threading.Lock()

    def find_loss(self) -> Loss | None:
        """None: what has been committed until now is in the file that has mail.db's name, and nobody else wrote to it.
        Once lost, lost for good; what is only suspected is cleared or confirmed by the next `look`."""
        if not self._is_certain() and (found := self._stat()):
            self._tell(found)
        return self.loss

    def _stat(self) -> Loss | None:
        turn, size = self._turn, self._size  # as they are before the look: a checkpoint may let the file grow meanwhile
        try:
            found = self.path.stat()
        except OSError as error:
            return Loss("gone", str(error))
        if _identify(found) != self._identity:
            return Loss("replaced")
        if found.st_size < size:
            return Loss("cut", f"{found.st_size} of {size} octets are left")
        is_ours = turn % 2 or found.st_mtime_ns == self._written or turn != self._turn
        return None if is_ours else Loss("suspected")

    def condemn(self, error: BaseException) -> None:
        """SQLite itself says that the file is damaged."""
        self._tell(Loss("damaged", str(error)))

    def look(self, is_ending: Callable[[], bool]) -> Loss | None:
        """All that `find_loss` sees, and the files beside. Whether a file that somebody else wrote to is lost, its
        content decides: a suspicion is none yet. A check that `is_ending` interrupts decides nothing."""
        self.find_loss()
        if any(_is_lost(name, found) for name, found in self._beside.items()):
            self._tell(Loss("log"))
        elif self._end.is_cut():
            self._tell(Loss("cut", "of its WAL"))
        if self.loss and not self._is_certain():
            self._verify(is_ending)
        return self.loss if self._is_certain() else None

    def check(self, seconds: float, is_ending: Callable[[], bool]) -> Loss | None:
        """Look into the file for so long at most; for quiet times."""
        damage = find_damage(self.path, seconds, is_ending)
        if damage and not self.find_loss():
            self._tell(Loss("damaged", damage))
        return self.loss

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While a checkpoint of ours writes to the file."""
        self._turn += 1
        try:
            yield
        finally:
            self._note_written()
            self._turn += 1

    def _note_written(self) -> None:
        try:
            found = self.path.stat()
        except OSError:
            return  # gone: the next look says so
        if _identify(found) == self._identity:
            self._written, self._size = found.st_mtime_ns, max(self._size, found.st_size)

    def is_here(self) -> bool:
        """Whether the file of that name is the one that was watched, as at a folder that was moved and came back."""
        return identify_file(self.path) == self._identity

    def is_ours_beside(self, name: Path) -> bool:
        """Whether the file of that name is the WAL or its index that was there when this watch began."""
        found = self._beside.get(name)
        return found is not None and identify_file(name) == found

    def _is_certain(self) -> bool:
        return self.loss is not None and self.loss.kind != "suspected"

    def _tell(self, found: Loss) -> None:
        with self._telling:
            if not self._is_certain():
                self.loss = found

    def _verify(self, is_ending: Callable[[], bool]) -> None:
        before = _look_at_time(self.path)
        damage = find_damage(self.path, VERIFY_SECONDS, is_ending)
        if damage:
            self._tell(Loss("damaged", damage))
            return
        self._written = before  # what is written meanwhile is looked at next time
        self._turn += 2
        with self._telling:
            if not self._is_certain():
                self.loss = None


class WalEnd:
    """Whether the WAL still holds what it held at the look before: SQLite goes on writing behind a cut, and the hole
    reads as zeros (sqlite.org/fileformat, section 4.1)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0  # where the last frame of the look before begins

    def is_cut(self) -> bool:
        """False where there is no WAL: that is told by its name."""
        try:
            with self._path.open("rb", buffering=0) as wal:  # SQLite keeps no locks on it that closing could drop
                head, size = wal.read(WAL_HEAD), wal.seek(0, os.SEEK_END)
                wal.seek(self._last or 0)
                was_written = any(wal.read(FRAME_HEAD)) or not self._last
        except OSError:
            return False
        if len(head) < WAL_HEAD:  # not begun when it was read; what is written since is looked at next time
            return bool(self._last)
        frame = FRAME_HEAD + int.from_bytes(head[8:12])
        if self._last and (size < self._last + frame or not was_written or not any(head)):
            return True
        self._last = WAL_HEAD + ((size - WAL_HEAD) // frame - 1) * frame if size >= WAL_HEAD + frame else 0
        return False


def find_damage(path: Path, seconds: float, is_ending: Callable[[], bool] = lambda: False) -> str:
    """SQLite's quick check of the file, with what is in its WAL: the first fault, "" for none found in that time."""
    until = time.monotonic() + seconds
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > until or is_ending(), CHECK_STEPS)
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.OperationalError as error:
        return str(error) if is_damage(error) else ""  # interrupted, locked, gone: nothing is known
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == ["ok"] else "; ".join(found)


def _identify(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _look_at_time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _is_lost(name: Path, found: tuple[int, int] | None) -> bool:
    return found is not None and identify_file(name) != found
