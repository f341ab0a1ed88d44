"""Moving mail.db's WAL into the file, beside the writer and never in its way.

SQLite's own autocheckpoint runs inside a commit and was seen to stall it for 50 to 110 ms. PASSIVE checkpoints from a
connection of their own never block the writer; only when the WAL outgrows its cap does a RESTART make it wait.
"""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

EVERY_SECONDS = 0.25
WORTH_IT_OCTETS = 4 << 20
WAL_CAP_OCTETS = 256 << 20
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
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=30)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            while not self._stopping.wait(EVERY_SECONDS):
                self._checkpoint(connection)

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            size = self._wal.stat().st_size
        except OSError:
            return
        if size < WORTH_IT_OCTETS:
            return
        mode = "RESTART" if size > WAL_CAP_OCTETS else "PASSIVE"
        # RESTART holds the writer's lock while it waits for readers: one that keeps a snapshot must not stop the mail.
        connection.execute(f"PRAGMA busy_timeout={RESTART_WAITS_MS if mode == 'RESTART' else 0}")
        try:
            connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        except sqlite3.OperationalError:
            return  # a full disk: the writer's next commit meets it too and says so to the sender
