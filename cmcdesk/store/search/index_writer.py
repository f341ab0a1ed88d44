"""The follower that makes search.db from mail.db. It runs in the worker, beside webhooks and bounces, and gives way to
them: a short slice of work at a tick, many mails in one transaction, nothing at all while nothing comes.

Cursor and index move in one transaction of search.db, so a kill anywhere loses and doubles nothing.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cmcdesk.store.maillog.log import SEARCHED, MailLog
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.maillog.watch import CurrentMailLog, identify_file
from cmcdesk.store.reading_guard import Guard, MailSetAside, NoGuard
from cmcdesk.store.search import search_index
from cmcdesk.store.search.entry import READ_OCTETS, Entry, clean_for_search, extract_text, join_fields, write_marks

SLICE_SECONDS = 0.08  # of a tick of 0.2 s
MAILS_AT_ONCE = 20  # between two looks at the clock
BATCH_MAILS = 4000  # in one transaction at most
BATCH_SECONDS = 1.0  # until a mail that was indexed is found, at most
PAUSE_SECONDS = 30.0  # after a fault, e.g. a full disk
RUSH = 1000  # mails a second: while more come in, the processor is the receiver's, and indexing waits,
RUSH_OCTETS = 20_000_000  # and while more octets do

log = logging.getLogger(__name__)


class SearchFollower:
    """Follows whatever mail.db is there; `tick` and `stop` as the worker calls them."""

    def __init__(self, mail_db: Path, search_db: Path, guard: Guard | None = None) -> None:
        self._current = CurrentMailLog(mail_db)
        self._path = search_db
        self._guard = guard or NoGuard()
        self._writer: SearchWriter | None = None
        self._resting_until = 0.0
        self._seen: tuple[int, float] | None = None  # the newest mail, and when
        self.indexed = 0  # the last mail that a search finds by the index

    def tick(self) -> None:
        """One slice of work. A fault is told once, and tried again after a pause: mails are received all the same."""
        if time.monotonic() < self._resting_until:
            return
        try:
            mail_log = self._current.open()
        except MailLogMissing:
            return
        try:
            if self._writer and identify_file(self._path) != self._writer.identity:
                self._close_writer()  # deleted or replaced: what is written now would be found by nobody
            self._writer = self._writer or SearchWriter(self._path, self._guard)
            if self._is_rush(mail_log):
                self._writer.commit()
            else:
                self._writer.advance(mail_log)
            self.indexed = self._writer.committed
        except sqlite3.Error as error:
            log.warning("%s is not kept up for %d s: %s", self._path.name, PAUSE_SECONDS, error)
            self._resting_until = time.monotonic() + PAUSE_SECONDS
            self._close_writer()
            if search_index.is_broken(error):
                search_index.remove_index_file(self._path)

    def read_again(self, mail_log: MailLog, mail_id: int) -> None:
        """Index the text of one mail that was set aside, if the index has come past it. Raises what reading raises."""
        self._writer = self._writer or SearchWriter(self._path, self._guard)
        self._writer.add_text(mail_log, mail_id)

    def _is_rush(self, mail_log: MailLog) -> bool:
        """Whether more came since the tick before than the index could follow without slowing the receiver."""
        before, self._seen = self._seen, (mail_log.newest_mail(), time.monotonic())
        if before is None:
            return False
        seconds = self._seen[1] - before[1]
        if self._seen[0] - before[0] > RUSH * seconds:
            return True  # so that no more rows than that are looked at:
        return mail_log.count_octets(before[0], self._seen[0]) > RUSH_OCTETS * seconds

    def stop(self, seconds: float) -> None:
        """Keep what is done of the batch under way."""
        if self._writer:
            self._writer.commit()
        self._close_writer()
        self._current.close()

    def _close_writer(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer = None


class SearchWriter:
    """The only writer of search.db. A transaction stays open over several calls of `advance`."""

    def __init__(self, path: Path, guard: Guard | None = None) -> None:
        self._guard = guard or NoGuard()
        self.connection = search_index.open_index_to_write(path)
        self.identity = identify_file(path)
        self._log_id: str | None = None
        self._position = 0
        self.committed = 0  # the last mail that a search finds by the index
        self._parts: set[int] = set()
        self._numbers: dict[str, int] = {}
        self._added = 0
        self._since = 0.0
        self.indexed_mails = 0  # by this writer

    def close(self) -> None:
        """Leave what was not committed undone."""
        self.connection.close()

    def advance(self, mail_log: MailLog, seconds: float = SLICE_SECONDS) -> bool:
        """Index what has come, for so long, a few mails at the least. True: there is more to do."""
        if mail_log.log_id != self._log_id:
            self._begin_following(mail_log.log_id)
        newest = mail_log.newest_mail()
        ends = time.monotonic() + seconds
        while self._position < newest:
            entries = list(read_entries(mail_log, self._position, newest, self._guard))
            if not entries:  # purged meanwhile
                break
            self._add(entries)
            if time.monotonic() >= ends:
                break
        if self.connection.in_transaction and self._is_batch_full():
            self._drop_purged(mail_log)
            self.commit()
        return self.connection.in_transaction or self._position < newest

    def commit(self) -> None:
        """End the transaction, if there is one: what was added is found from now on."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")
        self.committed = self._position
        self._added = 0

    def _is_batch_full(self) -> bool:
        return self._added >= BATCH_MAILS or time.monotonic() - self._since >= BATCH_SECONDS

    def _begin(self) -> None:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")
            self._since = time.monotonic()

    def _begin_following(self, log_id: str) -> None:
        """Take up the cursor; if it is of another mail.db, begin with an empty index."""
        self.commit()
        state = dict(self.connection.execute("SELECT key, value FROM state"))
        if state["log_id"] != log_id:
            self._begin()
            for number in search_index.list_parts(self.connection):
                search_index.drop_part(self.connection, number)
            self._set_state(log_id=log_id, position=0, received_at=0)
            self.commit()
            state["position"] = 0
        self._log_id, self._position = log_id, int(state["position"])
        self.committed = self._position
        self._parts = set(search_index.list_parts(self.connection))
        self._numbers = dict(self.connection.execute("SELECT name, number FROM composition"))

    def _set_state(self, **values: Any) -> None:
        changes = [(value, key) for key, value in values.items()]
        self.connection.executemany("UPDATE state SET value = ? WHERE key = ?", changes)

    def _add(self, entries: list[Entry]) -> None:
        self._begin()
        for entry in entries:
            part = entry.mail_id >> search_index.PART_BITS
            if part not in self._parts:
                search_index.add_part(self.connection, part)
                self._parts.add(part)
            marks = write_marks(self._number_of(entry.composition), entry.routes)
            for name, text in (("fields", entry.fields), ("texts", entry.text)):
                if text is not None:
                    insert = f"INSERT INTO {name}_{part}(rowid, t) VALUES(?, ?)"
                    self.connection.execute(insert, (entry.mail_id, clean_for_search(text) + marks))
        self._position = entries[-1].mail_id
        self._added += len(entries)
        self.indexed_mails += len(entries)
        self._set_state(position=self._position, received_at=entries[-1].received_at)

    def add_text(self, mail_log: MailLog, mail_id: int) -> None:
        """Add the text of a mail whose fields were indexed without it."""
        if mail_log.log_id != self._log_id:
            self._begin_following(mail_log.log_id)
        if mail_id > self._position:
            return
        part = mail_id >> search_index.PART_BITS
        for entry in read_entries(mail_log, mail_id - 1, mail_id, NoGuard()):
            marks = write_marks(self._number_of(entry.composition), entry.routes)
            insert = f"INSERT INTO texts_{part}(rowid, t) VALUES(?, ?)"
            self.connection.execute(insert, (mail_id, clean_for_search(entry.text or "") + marks))

    def _number_of(self, composition: str) -> int:
        if composition not in self._numbers:
            added = self.connection.execute("INSERT INTO composition(name) VALUES(?) RETURNING number", (composition,))
            self._numbers[composition] = added.fetchone()[0]
        return self._numbers[composition]

    def _drop_purged(self, mail_log: MailLog) -> None:
        oldest = mail_log.oldest_mail() or self._position + 1
        for part in [number for number in self._parts if (number + 1) << search_index.PART_BITS <= oldest]:
            search_index.drop_part(self.connection, part)
            self._parts.remove(part)


def read_entries(mail_log: MailLog, after: int, newest: int, guard: Guard) -> Iterator[Entry]:
    """The next mails above `after`, `newest` among them at the latest, ready for the index."""
    sql = (
        f"SELECT id, received_at, composition, routes, {', '.join(SEARCHED)}, substr(octets, 1, ?)"
        " FROM mail JOIN octets ON mail_id = id WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
    )
    values = (READ_OCTETS, after, newest, MAILS_AT_ONCE)
    for mail_id, received_at, composition, routes, *fields, octets in mail_log.connection.execute(sql, values):
        text: str | None
        try:
            text = guard.read("search", mail_log.log_id, mail_id, partial(extract_text, octets))
        except MailSetAside:
            text = None
        yield Entry(mail_id, received_at, composition, routes, join_fields(fields), text)
