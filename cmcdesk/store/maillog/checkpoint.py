"""Moving mail.db's WAL into the file, beside the writer and never in its way.

SQLite's own autocheckpoint runs inside a commit and was seen to stall it for 50 to 110 ms. PASSIVE checkpoints from a
connection of their own never block the writer; only when the WAL outgrows its cap does a RESTART make it wait. Often
and little: a commit that meets the sync of a checkpoint waits for all that this one writes.
"""

import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

from cmcdesk.store.maillog.watch import LogWatch
from cmcdesk.store.sqlite_faults import is_damage

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.25
WORTH_IT_OCTETS = 4 << 20
WAL_CAP_OCTETS = 64 << 20
RESTART_WAITS_MS = 20
PAUSE_SECONDS = 1.0  # after a fault that is not the file's
CHECK_SECONDS = 2.0  # for a look into the file in quiet times
CHECK_EVERY_SECONDS = 600.0
QUIET_SECONDS = 10.0  # without a mail


class Checkpointer(threading.Thread):
    """Runs until stop(), or until mail.db is lost: then `lost` is called on this thread, as its last act.

    The last checkpoint is made by SQLite itself when the last connection closes."""

    def __init__(self, watch: LogWatch, lost: Callable[[], None]) -> None:
        super().__init__(name="checkpointer", daemon=True)
        self._watch = watch
        self._lost = lost
        self._wal = watch.path.with_name(watch.path.name + "-wal")
        self._stopping = threading.Event()
        self._quiet = QuietTime()

    def stop(self) -> None:
        """End it, and wait until it has ended. May be called for one that was never started."""
        self._stopping.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        if self._watch.loss:  # since before: no other file could take its place
            self._stopping.wait(EVERY_SECONDS)
        while not self._stopping.is_set() and not self._watch.look(self._stopping.is_set):
            try:
                self._keep_moving()
            except sqlite3.Error as error:
                if is_damage(error):
                    self._watch.condemn(error)
                else:
                    log.warning("mail.db's checkpoints wait: %s", error)
                    self._stopping.wait(PAUSE_SECONDS)
        if not self._stopping.is_set():
            self._lost()

    def _keep_moving(self) -> None:
        place = f"{self._watch.path.as_uri()}?mode=rw"  # never one that is not there
        with closing(sqlite3.connect(place, uri=True, isolation_level=None, timeout=0)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            while not self._stopping.wait(EVERY_SECONDS) and not self._watch.look(self._stopping.is_set):
                self._work(connection)

    def _work(self, connection: sqlite3.Connection) -> None:
        try:
            wal = self._wal.stat()
        except OSError:
            return  # the next look says what that means
        if wal.st_size >= WORTH_IT_OCTETS and not self._watch.find_loss():
            with self._watch.writing():
                checkpoint(connection)
        if self._quiet.is_worth_a_check(wal.st_mtime_ns, time.monotonic()):
            self._watch.check(CHECK_SECONDS, self._stopping.is_set)


class QuietTime:
    """When to look into the file: at the start, then when nothing was written for a while, not too often."""

    def __init__(self) -> None:
        self._written: int | None = None
        self._since = 0.0
        self._checked: int | None = None
        self._checked_at = -math.inf

    def is_worth_a_check(self, written: int, now: float) -> bool:
        """written: when the WAL was written last, in any unit; now: seconds, monotonic. True begins a new period."""
        if written != self._written:
            self._written, self._since = written, now
        is_start = self._checked_at == -math.inf
        is_due = written != self._checked and now - self._checked_at >= CHECK_EVERY_SECONDS
        if is_start or (is_due and now - self._since >= QUIET_SECONDS):
            self._checked, self._checked_at = written, now
            return True
        return False


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Move what can be moved; whether the writer had to wait, because the WAL was over its cap.

    The file keeps its size when it is written from its beginning again, so its size says nothing: the frames in use do.
    """
    page_size = connection.execute("PRAGMA page_size").fetchone()[0]
    try:
        _busy, frames, _moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if frames * page_size <= WAL_CAP_OCTETS:
            return False
        # Nearly all is moved: RESTART holds the writer's lock for the rest, and for readers no longer than this.
        connection.execute(f"PRAGMA busy_timeout={RESTART_WAITS_MS}")
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        connection.execute("PRAGMA busy_timeout=0")
    except sqlite3.OperationalError:
        return False  # a full disk: the writer's next commit meets it too and says so to the sender
    return True
