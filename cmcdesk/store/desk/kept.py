"""What was read from desk.db, kept for as long as nobody commits: a look costs microseconds, a query a millisecond."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.store.desk.database import reading
from cmcdesk.store.maillog.watch import identify_file

Read = TypeVar("Read")


class KeptReading(Generic[Read]):
    """For one who asks often. Used by one thread at a time."""

    def __init__(self, engine: Engine, read: Callable[[Session], Read]) -> None:
        self._engine = engine
        self._read = read
        self._path = Path(engine.url.database or "")
        self._file: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._kept: tuple[int | None, Read] | None = None  # with the number that desk.db had before it was read

    def get(self) -> Read:
        """What `read` says of desk.db as it is now. Raises what `read` raises, and reads again next time."""
        number = self._look()
        if self._kept is None or number is None or self._kept[0] != number:
            self._kept = None
            with reading(self._engine) as session:
                self._kept = number, self._read(session)
        return self._kept[1]

    def close(self) -> None:
        """Let go of the file; `get` would open it again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._kept = None

    def _look(self) -> int | None:
        """A number that changes with each commit of another connection (sqlite.org/pragma.html#pragma_data_version),
        and this one never commits. None: the file is gone, locked or damaged; whoever reads then is told."""
        try:
            file = identify_file(self._path)
            if self._connection is None or file != self._file:
                self.close()
                address = f"{self._path.absolute().as_uri()}?mode=ro"
                self._connection = sqlite3.connect(address, uri=True, timeout=0, check_same_thread=False)
                self._file = file
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            self.close()
            return None
