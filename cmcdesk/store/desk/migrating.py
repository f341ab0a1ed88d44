"""Bring desk.db to this program's version: backup copy, then alembic, in one transaction; a newer file is refused.

Alembic is imported only when there is something to do, so that a command on an up-to-date desk.db does not pay for it.

A new version: `python -m cmcdesk.store.desk.migrating "what it does"`, then read what it wrote.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from cmcdesk.store.desk.version import BUSY_SECONDS, OURS, Migrations, read_version

if TYPE_CHECKING:
    from alembic.config import Config


def bring_up_to_date(path: Path, migrations: Migrations = OURS) -> None:
    """Make or upgrade the database at path. Safe to call from several processes at once.

    Raises NewerDatabase, or DatabaseUnusable for a file that is no desk.db; both leave the file untouched.
    """
    if read_version(path, migrations) == migrations.newest:
        return
    with _engine_of(path).connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # of two processes, the second waits here …
        version = read_version(path, migrations)
        if version != migrations.newest:  # … and finds it done
            if version is not None:
                back_up_before_upgrade(path, version)
            _upgrade(connection, migrations)
        connection.commit()


def back_up_before_upgrade(path: Path, version: str) -> Path:
    """Copy the database (with what is still in its WAL) to `desk-VERSION.backup.db` beside it."""
    copy = path.with_name(f"{path.stem}-{version}.backup.db")
    unfinished = copy.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.replace(copy)
    return copy


def _engine_of(path: Path | None) -> Engine:
    """An engine on path (None: in memory) whose connections are made for migrating."""
    engine = create_engine(URL.create("sqlite", database=str(path) if path else None), poolclass=NullPool)
    event.listen(engine, "connect", _prepare_connection)
    return engine


def _prepare_connection(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # BEGIN is ours to say: the driver would commit before DDL
    # foreign_keys stays off: rebuilding a table drops it, and a drop deletes its children by cascade
    # (sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", "journal_mode = WAL", "synchronous = FULL"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _upgrade(connection: Connection, migrations: Migrations) -> None:
    from alembic import command

    command.upgrade(_configure(migrations, connection), "head")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"migration to {migrations.newest} leaves rows without their parents: {broken[:3]}")


def _configure(migrations: Migrations, connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def write_migration(message: str, migrations: Migrations = OURS) -> None:
    """For developers: a script for what differs between the models and the newest migration."""
    from alembic import command

    number = len(migrations.versions) + 1 if any((migrations.folder / "versions").glob("0*.py")) else 1
    with _engine_of(None).connect() as connection:
        if number > 1:
            command.upgrade(_configure(migrations, connection), "head")
        command.revision(_configure(migrations, connection), message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    write_migration(sys.argv[1])
