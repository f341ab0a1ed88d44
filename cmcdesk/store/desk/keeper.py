"""Keeps desk.db where it is: one that is deleted or replaced while the program runs is put back from the open file,
with all that was committed to it. One that is damaged is not touched: its backups are offered (`backups.py`).
"""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from cmcdesk.processes.private import PRIVATE
from cmcdesk.store.desk.migrating import DatabaseUnusable, read_version
from cmcdesk.store.maillog.current import identify_file
from cmcdesk.store.maillog.renewal import move_aside, name_aside

log = logging.getLogger(__name__)


class DeskKeeper:
    """Holds desk.db open. `look` from one thread at a time; engines see a file that was put back by themselves."""

    def __init__(self, path: Path) -> None:
        """`path` must be there."""
        self._path = path
        self._open()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def look(self) -> bool:
        """Whether desk.db had lost its place and has got it again. Raises OSError or sqlite3.Error where it cannot be
        put back; the next look tries again."""
        found = self._identify()
        if all(now == before for now, before in zip(found, self._identity, strict=True) if before):
            return False
        if found[0] not in (None, self._identity[0]) and _is_desk(self._path):
            log.warning("%s was replaced by another one, which is used from now on", self._path)
        else:
            self._put_back()
            log.error("%s was deleted or replaced; it was put back as it was", self._path)
        before = self._connection
        self._open()
        before.close()
        return True

    def _open(self) -> None:
        place = f"{self._path.as_uri()}?mode=rw"
        self._connection = sqlite3.connect(place, uri=True, timeout=5, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")  # a copy that was put back has none yet
        self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens the files, WAL and all
        self._identity = self._identify()

    def _identify(self) -> list[tuple[int, int] | None]:
        """desk.db, its WAL and that one's index: what SQLite has open."""
        return [identify_file(self._path.with_name(self._path.name + suffix)) for suffix in ("", "-wal", "-shm")]

    def _put_back(self) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o666 & ~PRIVATE))
        with closing(sqlite3.connect(part)) as copy:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # the copy is whole without a WAL, until it has its name
        if identify_file(self._path) not in (None, self._identity[0]):
            move_aside(self._path, name_aside(self._path))
        for suffix in ("-wal", "-shm"):  # of the file that is gone: SQLite would take them for this one's
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        part.replace(self._path)


def _is_desk(path: Path) -> bool:
    try:
        return read_version(path) is not None
    except DatabaseUnusable:
        return False
