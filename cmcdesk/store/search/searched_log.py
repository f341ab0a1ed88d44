"""mail.db as searches ask it: which rows among these match, in which order, and what a mail's text is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from cmcdesk.store.maillog.log import MAIL_COLUMNS, SEARCHED, MailLog, MailRow, mail_clauses, read_mail_row
from cmcdesk.store.search.entry import READ_OCTETS, extract_text, join_fields

SAMPLED_MAILS = 100

Where = Literal["fields", "text", "all"]
Order = Literal["ASC", "DESC"]


@dataclass(frozen=True, slots=True)
class MailQuery:
    """search: part of the fields (sender, recipients, subject, From, Message-ID), of the text, or of either; None or ""
    does not narrow. route: "bounce" | "inbound"."""

    search: str | None = None
    where: Where = "fields"
    composition: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class FoundMails:
    """rows: newest first, or oldest first where that was asked for. next: mails beyond this id (below it, or above it)
    were not looked at yet; None: that was all."""

    rows: list[MailRow]
    next: int | None


class SearchedLog:
    """One mail.db, for searches in one order of ids."""

    def __init__(self, mail_log: MailLog, order: Order) -> None:
        self.mail_log = mail_log
        self._order = order

    def select(self, query: MailQuery, which: str, values: tuple[int, ...], limit: int) -> list[MailRow]:
        """Rows whose fields match the query, of those that `which` (SQL on mail, with `values`) names."""
        clauses, given = mail_clauses(query.composition, query.route, query.search)
        where = " AND ".join([which, *clauses])
        sql = f"SELECT {MAIL_COLUMNS} FROM mail WHERE {where} ORDER BY id {self._order} LIMIT ?"
        everything: tuple[Any, ...] = (*values, *given, limit)
        return [read_mail_row(row) for row in self.mail_log.connection.execute(sql, everything)]

    def select_among(self, query: MailQuery, ids: Iterable[int], limit: int) -> list[MailRow]:
        """Of these ids, those that are still there and match."""
        return self.select(query, f"id IN ({','.join(map(str, ids))})", (), limit)

    def read_text(self, mail_id: int) -> str:
        """The text that searches look in; "" for a mail that is gone."""
        sql = "SELECT substr(octets, 1, ?) FROM octets WHERE mail_id = ?"
        row = self.mail_log.connection.execute(sql, (READ_OCTETS, mail_id)).fetchone()
        return extract_text(row[0]) if row else ""

    def sample_fields(self, newest: int) -> list[str]:
        """The fields of some mails up to `newest`, evenly spaced: they show which pieces of a search are rare."""
        oldest = self.mail_log.oldest_mail()
        ids = {oldest + (newest - oldest) * step // SAMPLED_MAILS for step in range(SAMPLED_MAILS)}
        sql = f"SELECT {', '.join(SEARCHED)} FROM mail WHERE id IN ({','.join(map(str, ids))})"
        return [join_fields(row) for row in self.mail_log.connection.execute(sql)]
