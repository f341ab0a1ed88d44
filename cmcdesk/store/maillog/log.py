"""Reading mail.db, the mail server's log: plain sqlite3, so that `cmcdesk mail dump` starts without an ORM.

A `MailLog` is used by one thread at a time. The mail server is the only writer (`store/maillog/insertion.py`); a reader
never blocks it.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmcdesk.mail.bounce.parts import MAX_OCTETS
from cmcdesk.mail.smtp.envelope import Recipient, Server
from cmcdesk.store.maillog.schema import ROUTE_BITS, MailLogMissing, check_version
from cmcdesk.store.search.entry import list_spellings


@dataclass(frozen=True, slots=True)
class MailRow:
    """One stored mail without its octets.

    received_at: seconds since 1970; sender: "" is the null reverse-path; size: octets; subject, header_from: decoded.
    """

    id: int
    received_at: float
    composition: str
    revision: int
    session: int
    peer: str
    sender: str
    recipients: tuple[Recipient, ...]
    subject: str
    header_from: str
    message_id: str
    size: int


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One filter that matched one mail, for one recipient: what becomes a webhook delivery."""

    id: int
    mail_id: int
    composition: str
    revision: int
    filter: str
    recipient: str


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One refusal; in a flood one row stands for `count` alike ones of the same second. server: which one refused."""

    id: int
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
    count: int
    server: Server


BATCH_OCTETS = 16 << 20  # of mails that are read into memory together: no more are begun beyond that
MAIL_COLUMNS = (
    "id, received_at, composition, revision, session, peer, sender, recipients, subject, header_from, message_id, size"
)
REFUSAL_COLUMNS = "id, at, composition, gate, code, enhanced_status, text, peer, session, sender, recipient, count"
RELAY_REFUSES, NAMES_USERS = 3, 4  # from these versions of mail.db on


class MailLog:
    """A read-only view of one mail.db. Raises MailLogMissing where there is none yet, NewerMailLog where a newer
    version of the program made it. `patience`: seconds to wait for another program's lock."""

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        if not path.exists():
            raise MailLogMissing(path)
        self.path = path
        self.connection = sqlite3.connect(
            f"{path.as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            timeout=patience,
            check_same_thread=False,  # the ticks of a scheduler come one after the other, but on changing threads
        )
        try:
            self.version = check_version(self.connection, path)
            self.log_id: str = self._one("SELECT value FROM log WHERE key = 'log_id'")
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "MailLog":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _one(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        row = self.connection.execute(sql, values).fetchone()
        return row[0] if row else None

    def newest_mail(self) -> int:
        """The highest mail id, 0 if there is none: cheap enough to ask ten times a second."""
        return self._one("SELECT max(id) FROM mail") or 0

    def oldest_mail(self) -> int:
        """The lowest mail id that was not purged, 0 if there is none."""
        return self._one("SELECT min(id) FROM mail") or 0

    def count_octets(self, after: int, until: int) -> int:
        """Of the mails above id `after`, `until` among them; reads their rows, not the mails."""
        return self._one("SELECT sum(size) FROM mail WHERE id > ? AND id <= ?", (after, until)) or 0

    def newest_refusal(self) -> int:
        """The highest refusal id, 0 if there is none."""
        return self._one("SELECT max(id) FROM refusal") or 0

    def newest_match(self) -> int:
        """The highest match id, 0 if there is none."""
        return self._one("SELECT max(id) FROM match") or 0

    def count_mails(self) -> int:
        return int(self._one("SELECT count(*) FROM mail"))

    def list_mails(
        self, before: int | None = None, limit: int = 50, *, after: int | None = None, **only: str | None
    ) -> list[MailRow]:
        """Newest first below id `before`; with `after`, oldest first above it.

        only: composition, route (of ROUTE_BITS), search (part of sender, recipient, subject, From, Message-ID).
        """
        clauses, values = mail_clauses(**only)
        if before is not None:
            clauses.append("id < ?")
            values.append(read_row_id(before))
        if after is not None:
            clauses.append("id > ?")
            values.append(read_row_id(after))
        where = f"WHERE {' AND '.join(clauses)}" if clauses else ""
        order = "ASC" if after is not None else "DESC"
        sql = f"SELECT {MAIL_COLUMNS} FROM mail {where} ORDER BY id {order} LIMIT ?"
        return [read_mail_row(row) for row in self.connection.execute(sql, (*values, limit))]

    def get_mail(self, mail_id: int) -> MailRow | None:
        row = self.connection.execute(
            f"SELECT {MAIL_COLUMNS} FROM mail WHERE id = ?", (read_row_id(mail_id),)
        ).fetchone()
        return read_mail_row(row) if row else None

    def list_users(self, first: int, last: int) -> dict[int, str]:
        """Of the mails from id `first` to `last`, those of a session whose client had shown the right password: who."""
        if self.version < NAMES_USERS:
            return {}
        sql = "SELECT mail_id, user FROM submitted WHERE mail_id BETWEEN ? AND ? AND user <> ''"
        return dict(self.connection.execute(sql, (read_row_id(first), read_row_id(last))).fetchall())

    def find_hello(self, mail_id: int) -> str:
        """The name that the client of a relayed mail greeted with; "" where none is known."""
        if self.version < NAMES_USERS:
            return ""
        return str(self._one("SELECT hello FROM submitted WHERE mail_id = ?", (read_row_id(mail_id),)) or "")

    def get_octets(self, mail_id: int) -> bytes | None:
        """What DATA carried, dots unstuffed, octet for octet."""
        octets: bytes | None = self._one("SELECT octets FROM octets WHERE mail_id = ?", (read_row_id(mail_id),))
        return octets

    def get_beginning(self, mail_id: int, length: int) -> bytes:
        """The first octets of a mail; b"" if there is none."""
        return (
            self._one("SELECT substr(octets, 1, ?) FROM octets WHERE mail_id = ?", (length, read_row_id(mail_id)))
            or b""
        )

    def get_size(self, mail_id: int) -> int:
        """A mail's octets by number; 0 if there is none."""
        return self._one("SELECT size FROM mail WHERE id = ?", (read_row_id(mail_id),)) or 0

    def each_octets(self, containing: bytes | None = None) -> Iterator[bytes]:
        """All stored octets in order of arrival; with `containing`, only those that hold these octets."""
        where, values = ("WHERE instr(octets, ?) > 0", (containing,)) if containing else ("", ())
        with closing(self.connection.execute(f"SELECT octets FROM octets {where} ORDER BY mail_id", values)) as rows:
            for (octets,) in rows:
                yield octets

    def matches_after(self, position: int, limit: int) -> list[MatchRow]:
        sql = "SELECT id, mail_id, composition, revision, filter, recipient FROM match WHERE id > ? ORDER BY id LIMIT ?"
        return [MatchRow(*row) for row in self.connection.execute(sql, (position, limit))]

    def bounces_after(self, position: int, limit: int) -> list[tuple[MailRow, bytes]]:
        """Mails above id `position` with a recipient of the bounce route, oldest first, with those of their octets that
        a bounce is read from; fewer than `limit` when they are large."""
        sql = (
            f"SELECT {MAIL_COLUMNS}, substr(octets, 1, {MAX_OCTETS}) FROM mail JOIN octets ON octets.mail_id = mail.id"
            f" WHERE routes & {ROUTE_BITS['bounce']} AND id > ? ORDER BY id LIMIT ?"
        )
        taken: list[tuple[MailRow, bytes]] = []
        octets = 0
        with closing(self.connection.execute(sql, (position, limit))) as rows:
            for row in rows:
                taken.append((read_mail_row(row[:-1]), row[-1]))
                octets += len(row[-1])
                if octets >= BATCH_OCTETS:
                    break
        return taken

    def count_bounces_after(self, position: int) -> int:
        """How many mails `bounces_after` would give; an index is counted, no mail is read."""
        return int(
            self._one(f"SELECT count(*) FROM mail WHERE routes & {ROUTE_BITS['bounce']} AND id > ?", (position,))
        )

    def list_refusals(self, before: int | None = None, limit: int = 50, **only: str | float | None) -> list[RefusalRow]:
        """Newest first below id `before`. only: composition, gate, recipient (whole, in whatever case), since and until
        (Unix seconds)."""
        given = {
            "id < ?": before if before is None else read_row_id(before),
            "composition = ?": only.get("composition"),
            "gate = ?": only.get("gate"),
            "recipient = ? COLLATE NOCASE": only.get("recipient"),
            "at >= ?": only.get("since"),
            "at <= ?": only.get("until"),
        }
        wanted = {clause: value for clause, value in given.items() if value is not None}
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        sql = f"SELECT {self._refusal_columns} FROM refusal {where} ORDER BY id DESC LIMIT ?"
        return [RefusalRow(*row) for row in self.connection.execute(sql, (*wanted.values(), limit))]

    @property
    def _refusal_columns(self) -> str:
        relay = "relay" if self.version >= RELAY_REFUSES else "0"
        return f"{REFUSAL_COLUMNS}, CASE {relay} WHEN 0 THEN 'receiving' ELSE 'relay' END"

    def get_refusal(self, refusal_id: int) -> RefusalRow | None:
        sql = f"SELECT {self._refusal_columns} FROM refusal WHERE id = ?"
        row = self.connection.execute(sql, (read_row_id(refusal_id),)).fetchone()
        return RefusalRow(*row) if row else None


SEARCHED = ("sender", "recipients", "subject", "header_from", "message_id")


def mail_clauses(
    composition: str | None = None, route: str | None = None, search: str | None = None
) -> tuple[list[str], list[Any]]:
    """SQL conditions on table mail, and their values; see MailLog.list_mails."""
    clauses: list[str] = []
    values: list[Any] = []
    if composition:
        clauses.append("composition = ?")
        values.append(composition)
    if route:
        clauses.append(f"routes & {ROUTE_BITS[route]}")
    if search:
        found = [f"{column} LIKE ? ESCAPE '\\'" for column in SEARCHED]
        spellings = [
            spelling.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            for spelling in list_spellings(search)
        ]
        clauses.append("(" + " OR ".join(found * len(spellings)) + ")")
        values.extend(f"%{spelling}%" for spelling in spellings for _ in SEARCHED)
    return clauses, values


def read_mail_row(row: tuple[Any, ...]) -> MailRow:
    """A row of MAIL_COLUMNS."""
    recipients = tuple(Recipient(*entry) for entry in json.loads(row[7]))
    return MailRow(*(*row[:7], recipients, *row[8:]))


def read_row_id(number: int) -> int:
    """A row's number as SQLite can take it; larger ones name no row, nor does the largest."""
    return max(-(1 << 63), min(number, (1 << 63) - 1))
