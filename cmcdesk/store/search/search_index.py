"""search.db, the index of mail.db: its tables, and which mails may hold what is searched, newest first. `mail_search`
checks them and fills pages. It can be made again at any time, so it has no migrations: a file of
another version, or one that is broken, gives way to a new one.

The index is in parts of 131,072 mail ids each: a part whose mails are all purged is dropped as a whole (FTS5 without
content cannot forget single mails), and the newest part stays small while it grows. `fields` keeps no positions (what
it finds is checked against mail.db); `texts` keeps them, and is exact by itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cmcdesk.store.search.entry import ask_for_marks
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What mails must have."""

    terms: list[str]
    in_text: bool
    composition: str | None
    route: str | None


class SearchIndex:
    """The index of the mail.db with this log_id; empty as long as the worker has made none. One thread at a time."""

    def __init__(self, path: Path, log_id: str) -> None:
        self._connection = open_index_to_read(path)
        self._reached = self._read_reached(log_id)

    def _read_reached(self, log_id: str) -> tuple[int, float]:
        try:
            state = dict(self._connection.execute("SELECT key, value FROM state")) if self._connection else {}
        except sqlite3.DatabaseError:
            state = {}  # damaged: as good as none, until the worker has made a new one
        return (state["position"], state["received_at"]) if state.get("log_id") == log_id else (0, 0.0)

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def __enter__(self) -> "SearchIndex":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def indexed_up_to(self) -> tuple[int, float]:
        """The newest mail in the index: id and when it was received (seconds since 1970); (0, 0.0) for none."""
        return self._reached

    def find(
        self, terms: list[str], before: int, in_text: bool, composition: str | None = None, route: str | None = None
    ) -> Iterator[int]:
        """Ids of mails that have all these FTS5 terms (`search_entry`) in their fields or text, newest first below
        `before`, purged ones too. At least one thing must be asked for. Raises sqlite3.Error for a file that broke."""
        below = min(before, self._reached[0] + 1)
        parts = [part for part in self._list_parts() if part << PART_BITS < below]
        asked = Asked(terms, in_text, composition, route)
        yield from self._find_in(parts, asked, "rowid < ? ORDER BY rowid DESC", below)

    def find_upwards(
        self, terms: list[str], after: int, in_text: bool, composition: str | None = None, route: str | None = None
    ) -> Iterator[int]:
        """As `find`, but oldest first above `after`."""
        parts = [part for part in self._list_parts()[::-1] if (part + 1) << PART_BITS > after]
        asked = Asked(terms, in_text, composition, route)
        yield from self._find_in(parts, asked, "rowid > ? ORDER BY rowid", after)

    def _list_parts(self) -> list[int]:
        return list_parts(self._connection) if self._connection else []

    def _find_in(self, parts: list[int], asked: Asked, which: str, bound: int) -> Iterator[int]:
        """which: SQL on rowid, with a place for `bound`, and the order."""
        number = self._number_of(asked.composition)
        if asked.composition and number is None:
            return
        match = " AND ".join([*asked.terms, *ask_for_marks(number, asked.route)])
        for part in parts:
            table = f"{'texts' if asked.in_text else 'fields'}_{part}"
            yield from self._run(table, f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND {which}", (match, bound))

    def _run(self, table: str, sql: str, values: tuple[str, int]) -> Iterator[int]:
        assert self._connection
        try:
            with closing(self._connection.execute(sql, values)) as rows:
                for (mail_id,) in rows:
                    if mail_id <= self._reached[0]:  # what came since this index was opened belongs to the scan
                        yield mail_id
        except sqlite3.OperationalError:
            if self._has_table(table):  # else it was dropped meanwhile: all its mails are purged
                raise

    def _has_table(self, name: str) -> bool:
        assert self._connection
        return bool(self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone())

    def _number_of(self, composition: str | None) -> int | None:
        if not composition or not self._connection:
            return None
        row = self._connection.execute("SELECT number FROM composition WHERE name = ?", (composition,)).fetchone()
        return row[0] if row else None


def open_index_to_write(path: Path) -> sqlite3.Connection:
    """The connection of the only writer; a missing, broken or foreign file is made anew."""
    if not path.exists():
        remove_index_file(path)  # a WAL that was left beside it is of another file
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
    remove_index_file(path)
    return _open(path)


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault: no database, a damaged one, or one of another version."""
    return is_damage(error) or not name_of(error)


def remove_index_file(path: Path) -> None:
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


def open_index_to_read(path: Path) -> sqlite3.Connection | None:
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
