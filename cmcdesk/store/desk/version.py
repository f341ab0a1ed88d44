"""The version of desk.db, read with plain sqlite3: who only has to know it pays for no SQLAlchemy."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cmcdesk.rules.texts import TellingError, tell

BUSY_SECONDS = 30  # how long another process may hold the database


@dataclass(frozen=True)
class Migrations:
    """versions: all that this program knows, oldest first; the last is the one it works with."""

    folder: Path
    versions: tuple[str, ...]

    @property
    def newest(self) -> str:
        return self.versions[-1]


OURS = Migrations(Path(__file__).parent / "migrations", tuple(f"{number:04}" for number in range(1, 14)))


class DatabaseUnusable(TellingError):
    """desk.db cannot be used by this program; it was left as it is."""


class NewerDatabase(DatabaseUnusable):
    """Made by a newer cmcdesk."""


def read_version(path: Path, migrations: Migrations = OURS) -> str | None:
    """The version of the database; None: there is nothing in it yet. Opens it read-only. Raises as above."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(_open_read_only(path)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            stored = connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    except sqlite3.DatabaseError as problem:
        raise _no_desk_database(path, str(problem)) from None
    if not tables:
        return None
    if len(stored) != 1:
        raise _no_desk_database(path, "no version in it")
    (version,) = stored[0]
    if version not in migrations.versions:
        raise _newer_database(path, version, migrations.newest)
    return str(version)


def _open_read_only(path: Path) -> sqlite3.Connection:
    """Where there is no WAL the file holds everything: "immutable" then keeps SQLite from making one beside it."""
    has_log = path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro" if has_log else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS)


def _no_desk_database(path: Path, reason: str) -> DatabaseUnusable:
    return DatabaseUnusable(
        tell(
            (
                "%(path)s is not a database of cmcdesk (%(reason)s). cmcdesk doctor --repair puts the last "
                "backup back. The file was left untouched."
            ),
            path=path,
            reason=reason,
        ),
    )


def _newer_database(path: Path, version: str, newest: str) -> NewerDatabase:
    return NewerDatabase(
        tell(
            (
                "%(path)s was made by a newer cmcdesk (data version %(version)s; this program knows up to "
                "%(newest)s). The file was left untouched: use the newer cmcdesk, or another --data-dir."
            ),
            path=path,
            version=version,
            newest=newest,
        ),
    )
