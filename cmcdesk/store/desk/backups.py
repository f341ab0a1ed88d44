"""Backups of desk.db, which holds the settings: made by SQLite's backup API beside the writers, a bounded number, and
put back by `cmcdesk doctor`. A backup is a whole database by itself.

While the program runs desk.db is kept where it is: one that is deleted or replaced while the program runs is put back
from the open file, with all that was committed to it. One that is damaged is not touched: its backups are offered.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from cmcdesk.processes.paths import PRIVATE, desk_db
from cmcdesk.store.desk.version import DatabaseUnusable, read_version
from cmcdesk.store.maillog.renewal import move_aside, name_aside
from cmcdesk.store.maillog.watch import find_damage, identify_file

NEWEST_KEPT = 5
DAYS_KEPT = 7  # of each, its last backup
LARGEST_AT_ONCE = 64 << 20  # octets: a larger desk.db is copied once a day, not at each change
CHECK_SECONDS = 10.0

log = logging.getLogger(__name__)


def backup_folder(folder: Path) -> Path:
    """Where the backups of a data folder are."""
    return folder / "backups"


def list_backups(folder: Path) -> list[Path]:
    """Oldest first; the name says when: desk-20260102-030405.db (UTC)."""
    return sorted(backup_folder(folder).glob("desk-????????-??????.db"))


def back_up(folder: Path, now: float | None = None) -> Path:
    """Copy desk.db as it is now, then let the superfluous go. Raises sqlite3.Error or OSError with nothing changed."""
    backup_folder(folder).mkdir(exist_ok=True, mode=0o700)
    copy = backup_folder(folder) / f"desk-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}.db"
    part = copy.with_suffix(".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o666 & ~PRIVATE))
    try:
        source = sqlite3.connect(f"{desk_db(folder).as_uri()}?mode=ro", uri=True, timeout=5)
        with closing(source), closing(sqlite3.connect(part)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)
    kept = choose_kept([path.name for path in list_backups(folder)])
    for path in list_backups(folder):
        if path.name not in kept:
            path.unlink(missing_ok=True)
    return copy


def is_small(folder: Path) -> bool:
    """Whether desk.db is worth a backup at each change."""
    return desk_db(folder).stat().st_size <= LARGEST_AT_ONCE


def choose_kept(names: Iterable[str]) -> set[str]:
    """Of these backups, the newest ones and the last one of each of the last days that have any."""
    newest_first = sorted(names, reverse=True)
    last_of_day: dict[str, str] = {}
    for name in newest_first:
        last_of_day.setdefault(name[: len("desk-20260102")], name)
    return set(newest_first[:NEWEST_KEPT]) | set(list(last_of_day.values())[:DAYS_KEPT])


def find_sound_backup(folder: Path) -> Path | None:
    """The newest one that SQLite finds no fault in."""
    sound = (path for path in reversed(list_backups(folder)) if not find_damage(path, CHECK_SECONDS))
    return next(sound, None)


def restore(folder: Path, backup: Path) -> Path | None:
    """Put a backup in desk.db's place, while no cmcdesk runs on this folder. What was there is set aside: its new
    name, None where nothing was. The backup stays."""
    path, aside = desk_db(folder), None
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.write_bytes(backup.read_bytes())
    part.chmod(0o666 & ~PRIVATE)
    if path.exists():
        aside = name_aside(path)
        move_aside(path, aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    part.replace(path)
    return aside


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
