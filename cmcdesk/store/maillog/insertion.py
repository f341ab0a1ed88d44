"""Writing mail.db (purging: `purge.py`). One instance, in the mail server; one transaction for all mails that
wait."""

import math
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.store.maillog.rows import (
    AcceptedDialogues,
    Quarter,
    insert_counts,
    insert_refused_dialogues,
    insert_rows,
)
from cmcdesk.store.maillog.schema import QUARTER_SECONDS, ROUTE_BITS, open_for_writing
from cmcdesk.store.maillog.watch import LogWatch
from cmcdesk.store.sqlite_faults import is_locked, is_of_one_row

Result = TypeVar("Result")

RELAY = ROUTE_BITS["relay"]
LOCK_SECONDS = 30.0  # for as long another program may keep mail.db locked before what waits is not stored
LOCK_TRY_SECONDS = 0.002  # between two tries for the lock


@dataclass(slots=True)
class NewMail:
    """A mail to be stored. recipients: JSON list of [address, route]; routes: bits of ROUTE_BITS; matches: (filter,
    recipient) of each webhook delivery; user, hello: as in Envelope; id: the row's, once inserted."""

    received_at: float
    composition: str
    revision: int
    session: int
    peer: str
    sender: str
    recipients: str
    routes: int
    subject: str
    header_from: str
    message_id: str
    octets: bytes | bytearray
    matches: Sequence[tuple[str, str]] = ()
    user: str = ""
    hello: str = ""
    id: int = 0


@dataclass(slots=True)
class NewRefusal:
    """A refusal to be recorded, or `count` alike ones of one second. dialogue: of its session, None where none was;
    is_relay: the relay refused."""

    at: float
    composition: str
    gate: str
    code: int
    enhanced_status: str
    text: str
    peer: str
    session: int
    sender: str
    recipient: str
    count: int = 1
    dialogue: DialoguePart | None = None
    is_relay: bool = False


class Accepted(NamedTuple):
    """The part of its session's dialogue that ends with the 250 of a mail, which is stored already."""

    mail_id: int
    session: int
    part: DialoguePart


class MailLogWriter:
    """Appends to mail.db. Raises sqlite3.Error with nothing kept of the call that failed.

    `lock_deadline` (time.monotonic): after it no call waits for another program's lock. May be set from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = _open(path)
        self.log_id = self._read_log_id()
        self.watch = LogWatch(path)
        self.lock_deadline = math.inf
        self._next = {table: self._first_free_id(table) for table in ("mail", "match", "refusal")}
        self._accepted = AcceptedDialogues()
        self._before = self._next  # as it was when the transaction began

    def close(self) -> None:
        self.connection.close()

    def reopen(self) -> sqlite3.Connection:
        """Write to the file that has mail.db's name now, or to a new one under the same log id, and go on counting:
        no id is given twice in one log. The connection that was used until now; the caller closes it."""
        fresh, before = _open(self.path, self.log_id), self.connection
        self.connection = fresh
        log_id, counted = self._read_log_id(), self._next
        self._next = {table: self._first_free_id(table) for table in counted}
        if log_id == self.log_id:
            self._next = {table: max(number, counted[table]) for table, number in self._next.items()}
        self.log_id, self.watch = log_id, LogWatch(self.path)
        self.transact(self.keep_next_ids)
        return before

    def _read_log_id(self) -> str:
        return str(self.connection.execute("SELECT value FROM log WHERE key = 'log_id'").fetchone()[0])

    def _first_free_id(self, table: str) -> int:
        highest = self.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
        kept = self.connection.execute("SELECT value FROM log WHERE key = ?", (f"next_{table}",)).fetchone()
        return max(highest + 1, int(kept[0]) if kept else 1)

    def last_session(self) -> int:
        """The number of the newest session that left a row, so that numbers go on after a restart."""
        newest = "SELECT max(session) FROM (SELECT session FROM {} ORDER BY id DESC LIMIT 500)"
        found = [self.connection.execute(newest.format(table)).fetchone()[0] for table in ("mail", "refusal")]
        return max(number or 0 for number in found)

    def append(
        self, mails: Sequence[NewMail], refusals: Sequence[NewRefusal], accepted: Sequence[Accepted] = ()
    ) -> int:
        """Store all of them in one durable transaction; returns the id of the first mail, the others follow it."""
        first = self._next["mail"]
        self.transact(lambda: self._insert(mails, refusals, accepted))
        return first

    def append_each(self, mails: Sequence[NewMail], refusals: Sequence[NewRefusal]) -> list[Exception | None]:
        """Store those that can be, each by itself, in one durable transaction; for each mail, then for each refusal:
        why it could not be stored, or None. Raises what is no fault of a single row, with nothing kept."""
        faults: list[Exception | None] = []

        def work() -> None:
            faults.extend(self._insert_alone([mail], []) for mail in mails)
            faults.extend(self._insert_alone([], [refusal]) for refusal in refusals)

        self.transact(work)
        return faults

    def begin_append(
        self, mails: Sequence[NewMail], refusals: Sequence[NewRefusal], accepted: Sequence[Accepted] = ()
    ) -> bool:
        """The quick half of `append`, which waits for no lock and no disk; `commit` is the other. False, with nothing
        begun: it cannot be done so, `append` can or says why not."""
        self._before = dict(self._next)
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            self._insert(mails, refusals, accepted)
        except Exception:
            self._roll_back()
            return False
        return True

    def commit(self) -> None:
        """Make what was begun durable, or raise with nothing kept of it."""
        try:
            if not self.connection.in_transaction:  # SQLite has rolled back by itself: commit() would be silent
                raise sqlite3.OperationalError("there is no transaction to commit")
            self.connection.commit()  # gives the interpreter's lock away once, execute at every step
        except BaseException:
            self._roll_back()
            raise

    def transact(self, work: Callable[[], Result]) -> Result:
        """Do this in one durable transaction, all or nothing."""
        self._before = dict(self._next)
        self._begin()
        try:
            result = work()
        except BaseException:
            self._roll_back()
            raise
        self.commit()
        return result

    def _begin(self) -> None:
        """SQLite's own waiting cannot be cut short, and a stop may come meanwhile: so it is done in small pieces."""
        given_up = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_locked(error) or time.monotonic() >= min(given_up, self.lock_deadline):
                    raise
            time.sleep(LOCK_TRY_SECONDS)

    def _roll_back(self) -> None:
        self._next = self._before
        if self.connection.in_transaction:  # a full disk has rolled back already
            self.connection.execute("ROLLBACK")

    def _insert_alone(self, mails: Sequence[NewMail], refusals: Sequence[NewRefusal]) -> Exception | None:
        execute = self.connection.execute
        before = dict(self._next)
        execute("SAVEPOINT alone")
        try:
            self._insert(mails, refusals)
        except Exception as error:
            if not is_of_one_row(error):
                raise
            self._next = before
            execute("ROLLBACK TO alone")
            return error
        finally:
            if self.connection.in_transaction:
                execute("RELEASE alone")
        return None

    def _insert(
        self, mails: Sequence[NewMail], refusals: Sequence[NewRefusal], accepted: Sequence[Accepted] = ()
    ) -> None:
        matches = self._match_rows(mails)
        self._insert_mails(mails)
        insert_rows(self.connection, "match", matches)
        insert_rows(self.connection, "refusal", self._refusal_rows(refusals))
        self._insert_dialogues(refusals, accepted)
        self._count(mails, refusals)
        for table, rows in (("mail", mails), ("match", matches), ("refusal", refusals)):
            self._next[table] += len(rows)

    def _insert_mails(self, mails: Sequence[NewMail]) -> None:
        numbered = list(enumerate(mails, self._next["mail"]))
        for mail_id, mail in numbered:
            mail.id = mail_id
        heads = [
            (
                mail_id, mail.received_at, mail.composition, mail.revision, mail.session, mail.peer, mail.sender,
                mail.recipients, mail.routes, mail.subject, mail.header_from, mail.message_id, len(mail.octets),
            )
            for mail_id, mail in numbered
        ]  # fmt: skip
        insert_rows(self.connection, "mail", heads)
        insert_rows(self.connection, "octets", [(mail_id, mail.octets) for mail_id, mail in numbered])
        told = [(at, one.session, one.user, one.hello) for at, one in numbered if one.user or one.routes == RELAY]
        insert_rows(self.connection, "submitted", told)

    def _match_rows(self, mails: Sequence[NewMail]) -> list[tuple[Any, ...]]:
        found = [
            (mail_id, mail.composition, mail.revision, filter_name, recipient)
            for mail_id, mail in enumerate(mails, self._next["mail"])
            for filter_name, recipient in mail.matches
        ]
        return [(match_id, *row) for match_id, row in enumerate(found, self._next["match"])]

    def _refusal_rows(self, refusals: Sequence[NewRefusal]) -> list[tuple[Any, ...]]:
        return [
            (number, one.at, one.composition, one.gate, one.code, one.enhanced_status, one.text, one.peer, one.session,
             one.sender, one.recipient, one.count, one.is_relay)
            for number, one in enumerate(refusals, self._next["refusal"])
        ]  # fmt: skip

    def _insert_dialogues(self, refusals: Sequence[NewRefusal], accepted: Sequence[Accepted]) -> None:
        refused = [
            (number, one.session, part.began, part.number, part.is_cut, part.lines)
            for number, one in enumerate(refusals, self._next["refusal"])
            if (part := one.dialogue)
        ]
        insert_refused_dialogues(self.connection, refused)
        rows = [
            (mail_id, part.lines, session, part.began, part.number, part.is_cut) for mail_id, session, part in accepted
        ]
        self._accepted.insert(self.connection, rows)

    def _count(self, mails: Sequence[NewMail], refusals: Sequence[NewRefusal]) -> None:
        counted = Counter(
            [(int(mail.received_at) // QUARTER_SECONDS, mail.composition, mail.routes == RELAY) for mail in mails]
        )
        refused: Counter[Quarter] = Counter()
        for refusal in refusals:
            refused[int(refusal.at) // QUARTER_SECONDS, refusal.composition, refusal.is_relay] += refusal.count
        insert_counts(self.connection, counted, refused)

    def next_id(self, table: str) -> int:
        """The id that the next row of table mail, match or refusal gets."""
        return self._next[table]

    def count_past(self, table: str, number: int) -> None:
        """A row of this id is inserted by itself: no other gets it."""
        self._next = self._next | {table: max(self._next[table], number + 1)}

    def keep_next_ids(self) -> None:
        """To be called in a transaction that deletes: ids go on after a restart, though the highest may be gone."""
        for table, number in self._next.items():
            self.connection.execute("INSERT OR REPLACE INTO log VALUES(?, ?)", (f"next_{table}", str(number)))


def _open(path: Path, log_id: str | None = None) -> sqlite3.Connection:
    connection = open_for_writing(path, log_id)
    connection.execute("PRAGMA busy_timeout=0")  # who may wait for a lock does so in `_begin`
    return connection
