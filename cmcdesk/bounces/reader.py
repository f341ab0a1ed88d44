"""The bounce reader: what came in on the bounce route becomes bounce rows, each mail once, whatever is killed when.

Rows and cursor move in one transaction; a batch that was cut off is read again from the mail log.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.mail.bounce.reader import BounceVerdict, Failure, read_bounce
from cmcdesk.rules.suppression import is_own_report
from cmcdesk.store.desk.bounces import CURSOR, NewBounce, add_bounces, record_bounces
from cmcdesk.store.desk.database import read_cursor, reading, transaction
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.maillog.watch import CurrentMailLog
from cmcdesk.store.reading_guard import Guard, MailSetAside, NoGuard

BATCH = 100
BATCHES = 10  # of a tick
RUSH_SECONDS = 0.05  # of a tick while mails come in: reading can wait, who receives them needs the processor

#: Called inside the transaction with the rows it adds, e.g. to queue event webhooks for them.
Announce = Callable[[Session, Sequence[BounceRow]], None]


class BounceReader:
    """Follows one mail.db. One instance per thread, like the MailLog it is given."""

    def __init__(
        self, engine: Engine, mail_log: MailLog, announce: Announce | None = None, guard: Guard | None = None
    ) -> None:
        self.engine = engine
        self.guard = guard or NoGuard()
        self.mail_log = mail_log
        self.announce = announce
        self._looked_until = 0  # no bounce waits up to this mail id: kept here, so that inbound mail costs no writing

    def read_next(self, limit: int = BATCH) -> int:
        """Read up to `limit` waiting bounce mails. How many were read; 0: none waits. Cheap when nothing came in."""
        newest = self.mail_log.newest_mail()
        if newest <= self._looked_until:
            return 0
        with reading(self.engine) as session:
            recorded = read_cursor(session, CURSOR, self.mail_log.log_id)
        mails = self.mail_log.bounces_after(max(recorded, self._looked_until), limit)
        if not mails:
            self._looked_until = newest
            return 0
        found = [row for mail, octets in mails for row in self._read(mail, octets)]
        with transaction(self.engine) as session:
            if read_cursor(session, CURSOR, self.mail_log.log_id) != recorded:
                return 0  # another reader was here meanwhile; its rows are the same
            rows = record_bounces(session, self.mail_log.log_id, mails[-1][0].id, found)
            if self.announce is not None and rows:
                self.announce(session, rows)
        return len(mails)

    def read_again(self, mail_id: int) -> None:
        """Read one mail that was set aside; nothing happens if it is gone or no bounce mail. Raises what reading it
        raises."""
        row, octets = self.mail_log.get_mail(mail_id), self.mail_log.get_octets(mail_id)
        if row is None or octets is None or not any(recipient.route == "bounce" for recipient in row.recipients):
            return
        found = read_mail(self.mail_log.log_id, row, octets)
        with transaction(self.engine) as session:
            rows = add_bounces(session, found)
            if self.announce is not None and rows:
                self.announce(session, rows)

    def _read(self, mail: MailRow, octets: bytes) -> list[NewBounce]:
        """The rows of one mail; none of one that is set aside."""
        log_id = self.mail_log.log_id
        try:
            return self.guard.read("bounces", log_id, mail.id, partial(read_mail, log_id, mail, octets))
        except MailSetAside:
            return []

    def count_waiting(self) -> int:
        """How many stored bounce mails are not read yet."""
        if self.mail_log.newest_mail() <= self._looked_until:
            return 0
        with reading(self.engine) as session:
            recorded = read_cursor(session, CURSOR, self.mail_log.log_id)
        return self.mail_log.count_bounces_after(max(recorded, self._looked_until))


def read_next(engine: Engine, mail_log: MailLog, limit: int = BATCH) -> int:
    """Read up to `limit` waiting bounce mails once; for commands and tests."""
    return BounceReader(engine, mail_log).read_next(limit)


@dataclass(frozen=True, slots=True)
class BounceStatus:
    """The worker's telemetry on bounces. bounces: bounce mails read since the start; bounces_waiting: stored, and not
    read yet."""

    bounces: int = 0
    bounces_waiting: int = 0


class BounceFollower:
    """Lets the bounce reader read whatever mail.db is there; `tick` and `stop` as the worker calls them."""

    def __init__(self, engine: Engine, mail_db: Path, announce: Announce, guard: Guard) -> None:
        self._engine = engine
        self._announce = announce
        self._guard = guard
        self._current = CurrentMailLog(mail_db)
        self._reader: BounceReader | None = None
        self._newest = 0  # mail there was at the last tick
        self.status = BounceStatus()

    def tick(self) -> None:
        """A few batches at most, and fewer while mails come in."""
        began = time.monotonic()
        try:
            log = self._current.open()
        except MailLogMissing:
            return
        if self._reader is None or self._reader.mail_log is not log:
            self._reader = BounceReader(self._engine, log, self._announce, self._guard)
        newest, self._newest = self._newest, log.newest_mail()
        is_rush = newest != self._newest
        read = 0
        for _ in range(BATCHES):
            mails = self._reader.read_next()
            read += mails
            if not mails or (is_rush and time.monotonic() - began > RUSH_SECONDS):
                break
        if read or self.status.bounces_waiting:
            self.status = BounceStatus(self.status.bounces + read, self._reader.count_waiting())

    def stop(self, seconds: float) -> None:
        """Nothing is under way between two ticks."""
        self._current.close()


def read_mail(log_id: str, mail: MailRow, octets: bytes) -> list[NewBounce]:
    """A row for each failed recipient; none for a mail that is no bounce."""
    verdict = read_bounce(octets, is_from_nobody=not mail.sender)
    return [_row_of(log_id, mail, verdict, ordinal) for ordinal in range(len(verdict.failures))]


def _row_of(log_id: str, mail: MailRow, verdict: BounceVerdict, ordinal: int) -> NewBounce:
    failure, original = verdict.failures[ordinal], verdict.original
    returned_to = next((recipient.address for recipient in mail.recipients if recipient.route == "bounce"), "")
    return NewBounce(
        log_id=log_id,
        mail_id=mail.id,
        ordinal=ordinal,
        composition=mail.composition,
        created_at=mail.received_at,
        final=verdict.final,
        recipient=failure.recipient or "",
        error_status=failure.error_status,
        status=failure.status,
        reply=failure.reply,
        diagnostic=_clean(failure.diagnostic),
        evidence=_clean(failure.evidence),
        rule=_rule_of(verdict, failure),
        header_from=original.header_from,
        message_id=original.message_id,
        return_path=original.return_path or returned_to,
        subject=_clean(original.subject),
        api_data=_clean(original.api_data),
        own_report=is_own_report(mail.message_id, mail.sender),
    )


def _rule_of(verdict: BounceVerdict, failure: Failure) -> str:
    """Both rows: the one that saw a notice in the mail, and the one that saw the cause."""
    return f"{verdict.rule} | {failure.rule}"


def _clean(text: str) -> str:
    """Without what SQLite's text functions and JSON cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
