"""Moving mail.db's WAL into the file, beside the writer and never in its way.

SQLite's own autocheckpoint runs inside a commit and was seen to stall it for 50 to 110 ms. PASSIVE checkpoints from a
connection of their own never block the writer; only when the WAL outgrows its cap does a RESTART make it wait. Often
and little: a commit that meets the sync of a checkpoint waits for all that this one writes.
"""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

EVERY_SECONDS = 0.25
WORTH_IT_OCTETS = 4 << 20
WAL_CAP_OCTETS = 64 << 20
RESTART_WAITS_MS = 20


class Checkpointer(threading.Thread):
    """Runs until stop(); the last checkpoint is made by SQLite itself when the last connection closes."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="checkpointer", daemon=True)
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def run(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=0)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            while not self._stopping.wait(EVERY_SECONDS):
                if self._is_worth_it():
                    checkpoint(connection)

    def _is_worth_it(self) -> bool:
        try:
            return self._wal.stat().st_size >= WORTH_IT_OCTETS
        except OSError:
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
