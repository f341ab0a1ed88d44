"""The tables of search.db, the index of mail.db. It can be made again at any time, so it has no migrations: a file of
another version, or one that is broken, gives way to a new one.

The index is in parts of 131,072 mail ids each: a part whose mails are all purged is dropped as a whole (FTS5 without
content cannot forget single mails), and the newest part stays small while it grows. `fields` keeps no positions (what
it finds is checked against mail.db); `texts` keeps them, and is exact by itself.
"""

import sqlite3
from pathlib import Path

from cmcdesk.store.sqlite_faults import is_damage, name_of

VERSION = 2
PART_BITS = 17
NAMES = ("fields", "texts")

SCHEMA = """
CREATE TABLE state(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE part(number INTEGER PRIMARY KEY);
CREATE TABLE composition(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO state VALUES('log_id', ''), ('position', 0), ('received_at', 0);
"""

_DETAIL = {"fields": "none", "texts": "full"}
_HASH_OCTETS = 8 << 20  # what FTS5 gathers in memory before it writes


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The connection of the only writer; a missing, broken or foreign file is made anew."""
    if not path.exists():
        remove(path)  # a WAL that was left beside it is of another file
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
    remove(path)
    return _open(path)


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault: no database, a damaged one, or one of another version."""
    return is_damage(error) or not name_of(error)


def remove(path: Path) -> None:
    """Delete the index; the writer makes it again."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
    try:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError(f"search.db has version {version}, not {VERSION}")
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")  # what a loss of power takes is indexed again
        connection.execute("PRAGMA cache_size=-32768")
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """None where there is no index of this version yet."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5)
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return connection
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None


def add_part(connection: sqlite3.Connection, number: int) -> None:
    """Make the tables of a part, in the caller's transaction."""
    for name in NAMES:
        options = f"t, content='', columnsize=0, detail={_DETAIL[name]}, tokenize='trigram'"
        connection.execute(f"CREATE VIRTUAL TABLE {name}_{number} USING fts5({options})")
        connection.execute(f"INSERT INTO {name}_{number}({name}_{number}, rank) VALUES('hashsize', {_HASH_OCTETS})")
    connection.execute("INSERT INTO part VALUES(?)", (number,))


def drop_part(connection: sqlite3.Connection, number: int) -> None:
    """Forget all mails of a part, in the caller's transaction."""
    for name in NAMES:
        connection.execute(f"DROP TABLE {name}_{number}")
    connection.execute("DELETE FROM part WHERE number = ?", (number,))


def list_parts(connection: sqlite3.Connection) -> list[int]:
    """The numbers of the parts there are, newest first."""
    return [number for (number,) in connection.execute("SELECT number FROM part ORDER BY number DESC")]
