"""desk.db: the engine with SQLite's settings, and the transaction. Driver-level SQL stays in this package."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from cmcdesk.processes import paths
from cmcdesk.store.desk.migrating import bring_up_to_date
from cmcdesk.store.desk.models import CursorRow
from cmcdesk.store.desk.version import OURS, DatabaseUnusable, Migrations, NewerDatabase
from cmcdesk.store.maillog.watch import identify_file

__all__ = ["DatabaseUnusable", "NewerDatabase", "observe_sqlite_rules", "open_desk", "reading", "transaction"]

Synchronous = Literal["FULL", "NORMAL"]
BUSY_SECONDS = 5  # for as long another program may keep it locked: nobody looks longer at a page that does not come


def open_desk(folder: Path, synchronous: Synchronous = "FULL", migrations: Migrations = OURS) -> Engine:
    """The engine of desk.db in folder, made or brought up to date first (after a backup copy).

    synchronous: FULL keeps every commit when all power goes, as a saved setting and a revision must be kept; NORMAL
    never breaks the file but may lose the last commits then, which suits rows that can be made again from mail.db.
    Raises NewerDatabase or DatabaseUnusable; the file is untouched then.
    """
    path = paths.desk_db(folder)
    bring_up_to_date(path, migrations)
    engine = create_engine(URL.create("sqlite", database=str(path)), creator=lambda: _connect(path))
    observe_sqlite_rules(engine, synchronous)
    return engine


def observe_sqlite_rules(engine: Engine, synchronous: Synchronous = "FULL") -> None:
    """Give every connection of an engine on desk.db the pragmas, and every transaction a BEGIN of ours.

    For an engine that somebody else makes (flask-sqlalchemy); `open_desk` has done it for its own.
    """

    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # else the driver begins late, and a read is no part of the transaction
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.close()

    def note_file(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["file"] = identify_file(path)

    def check_file(_connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A file that was put back or replaced is opened anew, never written to by its old name."""
        if record.info.get("file") != identify_file(path):
            raise DisconnectionError(f"{path} is another file now")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")

    path = Path(engine.url.database or "")
    event.listen(engine, "connect", prepare)
    event.listen(engine, "connect", note_file)
    event.listen(engine, "checkout", check_file)
    event.listen(engine, "begin", begin)


def _connect(path: Path) -> sqlite3.Connection:
    """A file that is gone is an error: made by SQLite, it would be without a table."""
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls back when it raises.

    The write lock is taken at once (BEGIN IMMEDIATE): what was read in the block is still so when it commits, and a
    second writer waits instead of failing. Keep it short; for reads alone use `reading`.
    """
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    with Session(writing, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session on one snapshot, which waits for no writer and makes none wait. Nothing in it is committed."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def read_cursor(session: Session, name: str, log_id: str) -> int:
    """How far the follower of that name has come in this mail.db: an id, 0 for one never read."""
    query = select(CursorRow.position).where(CursorRow.name == name, CursorRow.log_id == log_id)
    return session.scalar(query) or 0


def move_cursor(session: Session, name: str, log_id: str, position: int) -> None:
    """It has come so far; in the transaction that writes what it made of that. Writes first, so that no reader is to be
    upgraded."""
    moved = update(CursorRow).where(CursorRow.name == name).values(log_id=log_id, position=position)
    if session.scalar(moved.returning(CursorRow.name)) is None:
        session.execute(insert(CursorRow).values(name=name, log_id=log_id, position=position))
