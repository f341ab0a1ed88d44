"""Backups of desk.db, which holds the settings: made by SQLite's backup API beside the writers, a bounded number, and
put back by `cmcdesk doctor`. A backup is a whole database by itself.
"""

import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from cmcdesk.processes.paths import desk_db
from cmcdesk.processes.private import PRIVATE
from cmcdesk.store.maillog.renewal import move_aside, name_aside
from cmcdesk.store.maillog.watch import find_damage

NEWEST_KEPT = 5
DAYS_KEPT = 7  # of each, its last backup
LARGEST_AT_ONCE = 64 << 20  # octets: a larger desk.db is copied once a day, not at each change
CHECK_SECONDS = 10.0


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
