"""Pages of mails that match, newest first (for pages) or oldest first (for exports, and for programs that read on where
they were): search.db says where to look, mail.db says what is there.

What the index does not know is looked through mail by mail, and only so many at once: mails that came after the last
indexed one, and searches of less than three characters. A page that ends there says how far it got (`next`), and the
next page goes on; so every page costs a bounded time, however many mails there are.
"""

import sqlite3
import time
from dataclasses import replace
from itertools import islice

from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.search.entry import ask_for_fields, ask_for_text, is_indexed, unify
from cmcdesk.store.search.search_index import SearchIndex
from cmcdesk.store.search.searched_log import FoundMails, MailQuery, SearchedLog

SCANNED_MAILS = 20_000  # whose fields are looked through for one page
SCAN_SECONDS = 0.15  # for reading texts for one page
CHECK_SECONDS = 0.25  # for checking what the index found for one page
CHECKED_AT_ONCE = 200
READ_AT_ONCE = 20


class MailSearch:
    """One mail.db with its index, for one thread."""

    def __init__(self, mail_log: MailLog, index: SearchIndex) -> None:
        self._log = mail_log
        self._rows = SearchedLog(mail_log, "DESC")
        self._index = index

    def indexed_up_to(self) -> tuple[int, float]:
        """See SearchIndex."""
        return self._index.indexed_up_to()

    def find(self, query: MailQuery, before: int | None, limit: int) -> FoundMails:
        """Up to `limit` mails below id `before`, or the newest."""
        top = self._log.newest_mail() + 1
        start = top if before is None else max(0, min(before, top))
        if not query.search or query.where == "fields":
            return self._find_in(query, start, limit, in_text=False)
        if query.where == "text":
            return self._find_in(query, start, limit, in_text=True)
        return merge_found([self._find_in(query, start, limit, in_text) for in_text in (False, True)], limit)

    def _find_in(self, query: MailQuery, before: int, limit: int, in_text: bool) -> FoundMails:
        if not (query.search or query.composition or query.route):
            rows = self._log.list_mails(before, limit)
            return FoundMails(rows, rows[-1].id if len(rows) == limit else None)
        known = self._index.indexed_up_to()[0] if not query.search or is_indexed(query.search) else 0
        scanned = self._scan(query, before, limit, known, in_text)
        if scanned.next is None or scanned.next > known + 1 or len(scanned.rows) == limit:
            return scanned
        left = limit - len(scanned.rows)
        try:
            indexed = self._look_up(query, scanned.next, left, in_text)
        except sqlite3.DatabaseError:  # a damaged index: slower, and nothing is missed
            indexed = self._scan(query, scanned.next, left, 0, in_text)
        return FoundMails(scanned.rows + indexed.rows, indexed.next)

    def _scan(self, query: MailQuery, before: int, limit: int, known: int, in_text: bool) -> FoundMails:
        """Look through mails above `known`; next is `known` + 1 at the least when the index knows what is below."""
        newest = self._log.connection.execute("SELECT max(id) FROM mail WHERE id < ?", (before,)).fetchone()[0]
        if newest is None:
            return FoundMails([], None)
        if newest <= known:
            return FoundMails([], min(before, known + 1))
        if in_text:
            return self._scan_texts(query, newest, limit, known)
        floor = max(known, newest - SCANNED_MAILS)
        rows = self._rows.select(query, "id > ? AND id <= ?", (floor, newest), limit)
        if len(rows) == limit:
            return FoundMails(rows, rows[-1].id)
        return FoundMails(rows, floor + 1 if floor else None)

    def _scan_texts(self, query: MailQuery, newest: int, limit: int, known: int) -> FoundMails:
        wanted = unify(query.search or "").lower()
        rows: list[MailRow] = []
        below, ends = newest + 1, time.monotonic() + SCAN_SECONDS
        anyone = replace(query, search=None)
        while True:  # at least once, so that every page gets further
            page = self._rows.select(anyone, "id > ? AND id < ?", (known, below), READ_AT_ONCE)
            for row in page:
                below = row.id
                if wanted in self._rows.read_text(row.id).lower():
                    rows.append(row)
                    if len(rows) == limit:
                        return FoundMails(rows, below)
            if len(page) < READ_AT_ONCE:
                return FoundMails(rows, known + 1 if known else None)
            if time.monotonic() > ends:
                return FoundMails(rows, below)

    def _look_up(self, query: MailQuery, before: int, limit: int, in_text: bool) -> FoundMails:
        """What the index finds, checked: all of it for fields; for texts only whether the mail is still there."""
        search = query.search or ""
        sample = [] if in_text else self._rows.sample_fields(self.indexed_up_to()[0])
        terms = ask_for_text(search) if in_text else ask_for_fields(search, sample)
        ids = self._index.find(terms, before, in_text, query.composition, query.route)
        check = replace(query, search=None) if in_text else query
        rows: list[MailRow] = []
        ends = time.monotonic() + CHECK_SECONDS
        oldest = self._log.oldest_mail()
        while some := list(islice(ids, CHECKED_AT_ONCE)):
            rows += self._rows.select_among(check, some, limit - len(rows))
            if len(rows) == limit:
                return FoundMails(rows, rows[-1].id)
            if some[-1] < oldest:
                break
            if time.monotonic() > ends:
                return FoundMails(rows, some[-1])
        return FoundMails(rows, None)


def merge_found(parts: list[FoundMails], limit: int) -> FoundMails:
    """What is in any of them, as far down as all of them have looked."""
    looked = max((part.next for part in parts if part.next is not None), default=0)
    rows = {row.id: row for part in parts for row in part.rows if row.id >= looked}
    ids = sorted(rows, reverse=True)
    if len(ids) > limit:
        looked = ids[limit - 1]
    return FoundMails([rows[mail_id] for mail_id in ids[:limit]], looked or None)


class UpwardSearch:
    """One mail.db with its index, for one thread."""

    def __init__(self, mail_log: MailLog, index: SearchIndex) -> None:
        self._log = mail_log
        self._rows = SearchedLog(mail_log, "ASC")
        self._index = index

    def find(self, query: MailQuery, after: int, limit: int) -> FoundMails:
        """Up to `limit` mails above id `after`, oldest first; the next page begins after its `next`."""
        start = min(max(after, self._log.oldest_mail() - 1), self._log.newest_mail())
        if not query.search or query.where == "fields":
            return self._find_in(query, start, limit, in_text=False)
        if query.where == "text":
            return self._find_in(query, start, limit, in_text=True)
        return merge_upwards([self._find_in(query, start, limit, in_text) for in_text in (False, True)], limit)

    def _find_in(self, query: MailQuery, after: int, limit: int, in_text: bool) -> FoundMails:
        if not (query.search or query.composition or query.route):
            rows = self._log.list_mails(after=after, limit=limit)
            return FoundMails(rows, rows[-1].id if len(rows) == limit else None)
        known = self._index.indexed_up_to()[0] if not query.search or is_indexed(query.search) else 0
        if after >= known:
            return self._scan(query, after, limit, in_text)
        try:
            indexed = self._look_up(query, after, limit, in_text)
        except sqlite3.DatabaseError:  # a damaged index: slower, and nothing is missed
            return self._scan(query, after, limit, in_text)
        if indexed.next is not None:
            return indexed
        scanned = self._scan(query, known, limit - len(indexed.rows), in_text)
        return FoundMails(indexed.rows + scanned.rows, scanned.next)

    def _scan(self, query: MailQuery, after: int, limit: int, in_text: bool) -> FoundMails:
        """Look through mails above `after`."""
        newest = self._log.newest_mail()
        if in_text:
            return self._scan_texts(query, after, limit, newest)
        top = min(newest, after + SCANNED_MAILS)
        rows = self._rows.select(query, "id > ? AND id <= ?", (after, top), limit)
        if len(rows) == limit:
            return FoundMails(rows, rows[-1].id)
        return FoundMails(rows, top if top < newest else None)

    def _scan_texts(self, query: MailQuery, after: int, limit: int, newest: int) -> FoundMails:
        wanted = unify(query.search or "").lower()
        anyone = replace(query, search=None)
        rows: list[MailRow] = []
        ends = time.monotonic() + SCAN_SECONDS
        while True:  # at least once, so that every page gets further
            page = self._rows.select(anyone, "id > ? AND id <= ?", (after, newest), READ_AT_ONCE)
            for row in page:
                after = row.id
                if wanted in self._rows.read_text(row.id).lower():
                    rows.append(row)
                    if len(rows) == limit:
                        return FoundMails(rows, after)
            if len(page) < READ_AT_ONCE:
                return FoundMails(rows, None)
            if time.monotonic() > ends:
                return FoundMails(rows, after)

    def _look_up(self, query: MailQuery, after: int, limit: int, in_text: bool) -> FoundMails:
        """What the index finds, checked; next is None where the index ends."""
        search = query.search or ""
        sample = [] if in_text else self._rows.sample_fields(self._index.indexed_up_to()[0])
        terms = ask_for_text(search) if in_text else ask_for_fields(search, sample)
        ids = self._index.find_upwards(terms, after, in_text, query.composition, query.route)
        check = replace(query, search=None) if in_text else query
        rows: list[MailRow] = []
        ends = time.monotonic() + CHECK_SECONDS
        while some := list(islice(ids, CHECKED_AT_ONCE)):
            rows += self._rows.select_among(check, some, limit - len(rows))
            if len(rows) == limit:
                return FoundMails(rows, rows[-1].id)
            if time.monotonic() > ends:
                return FoundMails(rows, some[-1])
        return FoundMails(rows, None)


def merge_upwards(parts: list[FoundMails], limit: int) -> FoundMails:
    """What is in any of them, as far up as all of them have looked."""
    looked = min((part.next for part in parts if part.next is not None), default=None)
    rows = {row.id: row for part in parts for row in part.rows if looked is None or row.id <= looked}
    ids = sorted(rows)
    if len(ids) > limit:
        looked = ids[limit - 1]
    return FoundMails([rows[mail_id] for mail_id in ids[:limit]], looked)
