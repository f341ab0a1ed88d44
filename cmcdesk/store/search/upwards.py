"""Mails that match, oldest first: for exports, and for programs that read on where they were.

As `mail_search`, in the other order: what the index knows comes from it, what came later is looked through, and a page
ends where its time does.
"""

import sqlite3
import time
from dataclasses import replace
from itertools import islice

from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.search.entry import ask_for_fields, ask_for_text, is_indexed
from cmcdesk.store.search.index import SearchIndex
from cmcdesk.store.search.mail_search import CHECK_SECONDS, CHECKED_AT_ONCE, READ_AT_ONCE, SCAN_SECONDS, SCANNED_MAILS
from cmcdesk.store.search.searched_log import FoundMails, MailQuery, SearchedLog
from cmcdesk.store.search.spellings import unify


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
