"""What becomes of a mail.db that cannot be relied on any more: it is set aside, and a new one goes on where it ended.

The new file keeps the log's id and its counting, so that cursors, bounces and deliveries mean what they meant, and what
`cmcdesk doctor --repair` reads out of the old file finds its places free.
"""

import logging
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.schema import find_fault
from cmcdesk.store.maillog.watch import Loss, find_damage

log = logging.getLogger(__name__)

RESCUE_PAGES = 256  # a step, with a pause behind it: mails are received meanwhile
RESCUE_PAUSE_SECONDS = 0.005
NEWCOMER_SECONDS = 2.0  # for the check of a file that took mail.db's place


def renew(writer: MailLogWriter, loss: Loss) -> str:
    """Give the writer a file that it can rely on. The name of the file that holds what was there, "" where nothing had
    to be set aside. Raises OSError or sqlite3.Error with the writer as it was: then nothing can be stored."""
    path = writer.path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if loss.kind == "log" and _replace_by_copy(writer):
        return ""
    if not writer.watch.is_here():
        return _leave_behind(writer)
    if loss.kind in ("gone", "replaced"):  # for a moment
        writer.reopen().close()
        return ""
    aside = name_aside(path)
    move_aside(path, aside)
    try:
        before = writer.reopen()
    except BaseException:
        move_aside(aside, path)
        raise
    before.close()
    return aside.name


def name_aside(path: Path, at: float | None = None) -> Path:
    """A name beside `path` that is free: mail-set-aside-20260102-030405.db (local time)."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(at))
    names = [
        path.with_name(f"{path.stem}-set-aside-{stamp}{more}.db") for more in ("", *map("-{}".format, range(2, 99)))
    ]
    return next(name for name in names if not name.exists() and not name.with_suffix(".part").exists())


def list_aside(path: Path) -> list[Path]:
    """What has been set aside of the database at `path`, oldest first."""
    return sorted(path.parent.glob(f"{path.stem}-set-aside-*.db"))


def move_aside(path: Path, aside: Path) -> None:
    """Rename a database with its WAL, which belongs to it; the WAL's index is made again from it."""
    path.replace(aside)
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists():
        wal.replace(aside.with_name(f"{aside.name}-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def rescue(source: sqlite3.Connection, target: Path) -> None:
    """Write what a connection still reads of a file that has no name any more to `target`, then close it."""
    part = target.with_suffix(".part")
    try:
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy, pages=RESCUE_PAGES, sleep=RESCUE_PAUSE_SECONDS)
        part.replace(target)
    except (sqlite3.Error, OSError):
        log.exception("what was in the deleted mail.db could not be written to %s", target)
        part.unlink(missing_ok=True)
    finally:
        source.close()


def _replace_by_copy(writer: MailLogWriter) -> bool:
    """WAL or index were deleted or replaced, but the open files still hold all of it: give it to a new file of the same
    name. False where that cannot be written.

    The file itself cannot go on. SQLite lets all connections of a process to one file share its index, so in every
    process that has it open, a new connection would go on with the deleted one, and see nothing of what comes. By
    another file they notice (CurrentMailLog)."""
    path = writer.path
    part = path.with_suffix(".part")
    try:
        with closing(sqlite3.connect(part)) as copy:
            writer.connection.backup(copy)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        part.replace(path)
    except (sqlite3.Error, OSError):
        log.exception("mail.db could not be copied")
        part.unlink(missing_ok=True)
        writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # it is set aside, with all it holds
        return False
    writer.reopen().close()
    return True


def _leave_behind(writer: MailLogWriter) -> str:
    """The open file has lost its name: what it holds is written to a file beside, while mails are received already."""
    path = writer.path
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if writer.watch.is_ours_beside(beside):
            beside.unlink()  # else SQLite would take it for the WAL of the file that is there now
    if path.exists() and not _is_usable(path):
        move_aside(path, name_aside(path))
    is_empty = all(writer.next_id(table) == 1 for table in ("mail", "refusal"))
    before = writer.reopen()
    if is_empty:
        before.close()
        return ""
    aside = name_aside(path)
    threading.Thread(target=rescue, args=(before, aside), name="rescue", daemon=True).start()
    return aside.name


def _is_usable(path: Path) -> bool:
    """Whether a file that took mail.db's place is a mail log, e.g. one that was put back from a backup."""
    return path.stat().st_size > 0 and not find_fault(path) and not find_damage(path, NEWCOMER_SECONDS)
