"""From mail.db into the outbound queue: one row a recipient; rows and cursor move in one transaction, so that each mail
is queued once, whatever is killed when."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.mail.mime.addresses import read_addresses
from cmcdesk.mail.mime.fields import LATE_OCTETS, Fields, header_end, scan_fields
from cmcdesk.mail.mime.words import decode_field
from cmcdesk.outbound.terms import Terms, TermsBook
from cmcdesk.rules.domains import NotADomain, parse_domain
from cmcdesk.rules.envelope_from import rewrite_sender
from cmcdesk.rules.forwarding import Destination, Forwards, list_received, list_relayed
from cmcdesk.store.desk.database import read_cursor, reading, transaction
from cmcdesk.store.desk.outbound import CURSOR, MailWords, NewOutbound, queue_outbound
from cmcdesk.store.desk.outbound_events import OutboundEvent
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.maillog.outgoing import ANY_ROUTE, RELAYED, list_outgoing
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.maillog.watch import CurrentMailLog

REMEMBERED_ADDRESSES = 10_000
TOLD_FIELDS = frozenset({"from", "x-api-data"})  # what events tell of a mail, beside what mail.db has of it
TOLD_OCTETS = 16_384  # of a mail's beginning that are read for it; only if they do not hold the header, more
TOLD_CHARACTERS = 998

#: Called inside the transaction with what it records, to queue event webhooks.
AnnounceEvents = Callable[[Session, Sequence[OutboundEvent]], None]
BATCH = 1000  # mails looked at in one step
SKIPPED_UNNOTED = 10_000  # mails without anything to send, after which the cursor is moved nevertheless


class OutboundFollower:
    """Used by one thread at a time."""

    def __init__(
        self,
        engine: Engine,
        mail_db: Path,
        book: TermsBook,
        now: Callable[[], float],
        announce: AnnounceEvents,
    ) -> None:
        self._engine = engine
        self._announce = announce
        self._current = CurrentMailLog(mail_db)
        self._book = book
        self._now = now
        self._log: MailLog | None = None
        self._position = 0  # the cursor, as it is recorded
        self._looked_until = 0
        self.queued = 0  # rows, by the last call of `follow`

    def close(self) -> None:
        """Let go of mail.db."""
        self._current.close()

    def follow(self) -> bool:
        """Queue what came in since; True: there was something, and there may be more. Cheap when nothing came in."""
        self.queued = 0
        try:
            log = self._current.open()
        except MailLogMissing:
            return False
        if log is not self._log:
            with reading(self._engine) as session:
                self._position = self._looked_until = read_cursor(session, CURSOR, log.log_id)
            self._log = log
        newest = log.newest_mail()
        if newest <= self._looked_until:
            return False
        with reading(self._engine) as session:
            self._book.refresh(session)
            mask = ANY_ROUTE if self._book.forwards_received(session) else RELAYED
            mails = list_outgoing(log, self._looked_until, newest, mask, BATCH)
            users = log.list_users(mails[0][0].id, mails[-1][0].id) if mails else {}
            rows = [
                dataclasses.replace(row, api_user=users[mail.id]) if mail.id in users else row
                for mail, routes in mails
                for row in self._make_rows(session, log, mail, routes)
            ]
        until = mails[-1][0].id if len(mails) == BATCH else newest
        if rows or until - self._position >= SKIPPED_UNNOTED:
            with transaction(self._engine) as session:
                self._announce(session, queue_outbound(session, log.log_id, until, rows, self._now()))
            self._position = until  # only once that is committed
        self._looked_until, self.queued = until, len(rows)
        return bool(rows) or len(mails) == BATCH

    def _make_rows(self, session: Session, log: MailLog, mail: MailRow, routes: int) -> list[NewOutbound]:
        terms = self._book.at(session, mail.composition, mail.revision)
        sender = rewrite_sender(mail.sender, terms.composition)
        words = describe_mail(log, mail)
        return [
            NewOutbound(
                log_id=log.log_id,
                mail_id=mail.id,
                composition=mail.composition,
                revision=mail.revision,
                sender=sender,
                recipient=to.address,
                domain=find_domain(to.address),
                forwarded_by=to.forwarded_by,
                words=words,
            )
            for to in _list_destinations(terms, log, mail, routes)
        ]


def _list_destinations(terms: Terms, log: MailLog, mail: MailRow, routes: int) -> list[Destination]:
    if not routes & RELAYED:
        return list_received(terms.receiving, _scan(terms.receiving, log, mail))
    recipients = list(dict.fromkeys(recipient.address for recipient in mail.recipients))
    return list_relayed(terms.relay, _scan(terms.relay, log, mail), recipients)


def _scan(forwards: Forwards, log: MailLog, mail: MailRow) -> Fields:
    if not forwards.header_names:
        return {}
    return scan_fields(log.get_beginning(mail.id, LATE_OCTETS), forwards.header_names)


def describe_mail(log: MailLog, mail: MailRow) -> MailWords:
    """What events tell of it."""
    beginning = log.get_beginning(mail.id, TOLD_OCTETS)
    if header_end(beginning) >= len(beginning) and mail.size > TOLD_OCTETS:
        beginning = log.get_beginning(mail.id, LATE_OCTETS)
    fields = scan_fields(beginning, TOLD_FIELDS)
    given = fields.get("x-api-data", [b""])[0]
    return MailWords(
        header_from=_read_from(fields.get("from", [b""])[0][:TOLD_OCTETS]),
        message_id=mail.message_id[:TOLD_CHARACTERS],
        subject=mail.subject[:TOLD_CHARACTERS],
        api_data=_clean(decode_field(given))[:TOLD_CHARACTERS] if given else "",
        source_ip=mail.peer,
    )


@lru_cache(REMEMBERED_ADDRESSES)
def _read_from(raw: bytes) -> str:
    """The address of a From field; of several the first."""
    addresses = read_addresses(raw)
    return _clean(addresses[0].address)[:TOLD_CHARACTERS] if addresses else ""


def _clean(text: str) -> str:
    """Without what SQLite's text functions and JSON cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


@lru_cache(REMEMBERED_ADDRESSES)
def find_domain(address: str) -> str:
    """A domain as it is looked up: lower case, A-labels, no dot at the end; as it stands where it is none."""
    domain = address.rpartition("@")[2].lower()
    try:
        return parse_domain(domain)
    except NotADomain:
        return domain.removesuffix(".")
