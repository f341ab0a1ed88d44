"""The tables of mail.db and their version. The mail server makes and upgrades the file; readers only check it."""

import secrets
import sqlite3
import time
from pathlib import Path

from cmcdesk.rules.texts import N_, TellingError, Text, tell
from cmcdesk.store.sqlite_faults import is_locked

VERSION = 4

# 16 KB pages: a 2 KB mail costs a third less time and 40 % less disk than with 4 KB pages.
PAGE_SIZE = 16384

ROUTE_BITS = {"bounce": 1, "inbound": 2, "relay": 4}

# Ids are given by the writer, never by SQLite, and go on counting after a purge (log.next_mail …): a cursor or a
# delivery id that names a row never comes to name another.
SCHEMA = """
CREATE TABLE log(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mail(
  id INTEGER PRIMARY KEY, received_at REAL NOT NULL, composition TEXT NOT NULL, revision INTEGER NOT NULL,
  session INTEGER NOT NULL, peer TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, routes INTEGER NOT NULL,
  subject TEXT NOT NULL, header_from TEXT NOT NULL, message_id TEXT NOT NULL, size INTEGER NOT NULL);
CREATE INDEX mail_bounce ON mail(id) WHERE routes & 1;
CREATE TABLE octets(mail_id INTEGER PRIMARY KEY, octets BLOB NOT NULL);
CREATE TABLE match(
  id INTEGER PRIMARY KEY, mail_id INTEGER NOT NULL, composition TEXT NOT NULL, revision INTEGER NOT NULL,
  filter TEXT NOT NULL, recipient TEXT NOT NULL);
CREATE TABLE refusal(
  id INTEGER PRIMARY KEY, at REAL NOT NULL, composition TEXT NOT NULL, gate TEXT NOT NULL, code INTEGER NOT NULL,
  enhanced_status TEXT NOT NULL, text TEXT NOT NULL, peer TEXT NOT NULL, session INTEGER NOT NULL,
  sender TEXT NOT NULL, recipient TEXT NOT NULL, count INTEGER NOT NULL);
"""

# Version 2. dialogue: the part of its session's dialogue that ends with a refusal; began, part: of mail.dialogue.Part.
# received: what came and was refused in a quarter of an hour (UTC; no time zone's day begins within one) since 1970;
# it outlives the mails.
SCHEMA_2 = """
CREATE TABLE dialogue(
  refusal_id INTEGER PRIMARY KEY, session INTEGER NOT NULL, began REAL NOT NULL, part INTEGER NOT NULL,
  is_cut INTEGER NOT NULL, lines TEXT NOT NULL);
CREATE INDEX dialogue_session ON dialogue(session, began, part);
CREATE TABLE received(
  quarter INTEGER NOT NULL, composition TEXT NOT NULL, mails INTEGER NOT NULL, refused INTEGER NOT NULL,
  PRIMARY KEY(quarter, composition)) WITHOUT ROWID;
"""

# Version 3. accepted: the part of its session's dialogue that ends with a mail's 250; relayed: as `received`, of the
# relay; refusal.relay: whether it was the relay that refused.
SCHEMA_3 = """
ALTER TABLE refusal ADD COLUMN relay INTEGER NOT NULL DEFAULT 0;
CREATE TABLE accepted(
  mail_id INTEGER PRIMARY KEY, lines TEXT NOT NULL, session INTEGER NOT NULL, began REAL NOT NULL,
  part INTEGER NOT NULL, is_cut INTEGER NOT NULL);
CREATE INDEX accepted_session ON accepted(session, began, part);
CREATE TABLE relayed(
  quarter INTEGER NOT NULL, composition TEXT NOT NULL, mails INTEGER NOT NULL, refused INTEGER NOT NULL,
  PRIMARY KEY(quarter, composition)) WITHOUT ROWID;
"""
# Version 4. submitted: of a relayed mail, who had shown the right password ("": nobody) and how the client greeted.
SCHEMA_4 = """
CREATE TABLE submitted(mail_id INTEGER PRIMARY KEY, session INTEGER NOT NULL, user TEXT NOT NULL,
  hello TEXT NOT NULL);
"""
TABLES = SCHEMA + SCHEMA_2 + SCHEMA_3 + SCHEMA_4
SALVAGE = N_("Run cmcdesk doctor --repair: it saves what can be read.")
LOCKED = N_("Close the program that keeps it locked.")
QUARTER_SECONDS = 900
COUNTED_SECONDS = 26 * 3600  # a day on which the clocks go back has 25 hours


class MailLogMissing(Exception):
    """There is no mail.db yet: the mail server has not run in this data folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no mail has been received here yet: {path} does not exist")


class NewerMailLog(TellingError):
    """mail.db was written by a newer version of the program; it is left untouched."""

    def __init__(self, path: Path, version: int) -> None:
        message = tell(
            ("%(path)s has version %(version)s; this cmcdesk reads up to version %(known)s. It was left untouched."),
            path=path,
            version=version,
            known=VERSION,
        )
        super().__init__(message)


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """The file's version; raises NewerMailLog above ours, MailLogMissing for a file without tables."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise NewerMailLog(path, version)
    if version == 0:
        raise MailLogMissing(path)
    return version


def open_for_writing(path: Path, log_id: str | None = None) -> sqlite3.Connection:
    """The writer's connection: made if missing (with this log_id, else one of its own), WAL, synchronous=FULL: a commit
    survives loss of power."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False, cached_statements=512)
    try:
        if _is_empty(connection):
            create(connection, log_id or secrets.token_hex(8))
        connection.execute("PRAGMA synchronous=FULL")
        if check_version(connection, path) < VERSION:
            upgrade(connection)
        connection.execute("PRAGMA wal_autocheckpoint=0")  # maillog_checkpoint does it without stalling a commit
        connection.execute("PRAGMA cache_size=-4096")  # KB; pages are written and not read again
    except BaseException:
        connection.close()
        raise
    return connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    """No file yet, or one that a process left which was killed before it had made the tables."""
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def find_fault(path: Path, patience: float = 10.0) -> Text | None:
    """Why the mail server could not use this file, with what mends it; None: it can, or will make it. `patience`:
    seconds to wait for another program's lock."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=patience)
    try:
        if not _is_empty(connection):
            check_version(connection, path)
    except NewerMailLog as newer:
        return newer.message
    except (sqlite3.DatabaseError, MailLogMissing) as error:
        reason = "it is no mail log" if isinstance(error, MailLogMissing) else str(error)
        return tell(
            "%(path)s cannot be used: %(reason)s. %(mend)s It was left untouched.",
            path=path,
            reason=reason,
            mend=tell(LOCKED if is_locked(error) else SALVAGE),
        )
    finally:
        connection.close()
    return None


def create(connection: sqlite3.Connection, log_id: str) -> None:
    """Make the tables of an empty mail.db in one transaction. log_id: tells this log from every other."""
    connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
    connection.execute("PRAGMA journal_mode=WAL")
    named = f"INSERT INTO log VALUES('log_id', '{log_id}'); PRAGMA user_version={VERSION};"
    connection.executescript(f"BEGIN EXCLUSIVE; {TABLES} {named} COMMIT;")


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring a mail.db of an earlier version to this one, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version < 2:
            _execute_all(connection, SCHEMA_2)
            _count_last_hours(connection)
        if version < 3:
            _execute_all(connection, SCHEMA_3)
        _execute_all(connection, SCHEMA_4)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise


def _execute_all(connection: sqlite3.Connection, statements: str) -> None:
    for statement in filter(None, map(str.strip, statements.split(";"))):
        connection.execute(statement)


def _count_last_hours(connection: sqlite3.Connection) -> None:
    """The mails and refusals of the last hours that are still there, so that today's numbers go on."""
    since = time.time() - COUNTED_SECONDS
    for table, at, mails, refused in (
        ("mail", "received_at", "count(*)", "0"),
        ("refusal", "at", "0", "sum(count)"),
    ):
        connection.execute(
            f"INSERT INTO received SELECT CAST({at} / {QUARTER_SECONDS} AS INTEGER), composition,"
            f" {mails}, {refused} FROM {table} WHERE id >= ? AND {at} >= ? GROUP BY 1, 2"
            " ON CONFLICT(quarter, composition) DO UPDATE SET refused = excluded.refused",
            (find_first_since(connection, table, at, since), since),
        )


def find_first_since(connection: sqlite3.Connection, table: str, at: str, since: float) -> int:
    """The id of the table's first row at that time (column `at`) or later, one above the last if there is none: found
    by halving, for ids grow with time."""
    low, high = 1, (connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            f"SELECT id, {at} FROM {table} WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is None or row[1] >= since:
            high = middle
        else:
            low = row[0] + 1
    return low
