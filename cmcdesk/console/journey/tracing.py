"""What the stores hold of one mail's way: its outbound rows with their tries, the report that was made of a failure,
the bounce that came home, and the webhook that told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.rules.suppression import SUPPRESSED
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import find_active
from cmcdesk.store.desk.models import (
    BounceRow,
    DeliveryRow,
    OutboundAttemptRow,
    OutboundOwnRow,
    OutboundRow,
)
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.webhook.events import name_list

LOOKED_BACK = 20_000  # outbound rows among which a bounce looks for the mail that it returns
MOST_BRANCHES = 20  # recipients that are followed
MOST_EVENTS = 100  # of one list (CMC's default)
MOST_LISTS = 5  # that one mail begins: its failed recipients, MOST_EVENTS a list


@dataclass(frozen=True)
class Sending:
    """One outbound row with its tries, the first first; block: by which the recipient is suppressed now."""

    row: OutboundRow
    tries: Sequence[OutboundAttemptRow] = ()
    block: BlockRow | None = None


@dataclass(frozen=True)
class Homecoming:
    """A bounce that was received: the row of the error log, the mail that it was read from (None: deleted), and the
    events that told of it."""

    bounce: BounceRow
    mail: MailRow | None
    events: Sequence[DeliveryRow] = ()


@dataclass(frozen=True)
class OutboundTrail:
    """One recipient of a relayed mail. report: how the report of its failure goes out; report_at: when it was made;
    returned: tries of a destination of the simulated world to bring a later bounce home (its control's "returned")."""

    sending: Sending
    report: Sending | None = None
    report_at: float | None = None
    homecomings: Sequence[Homecoming] = ()
    returned: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class MailTrace:
    """All of it. trails: of a relayed mail; homecomings and deliveries: of one that the receiving server took. total:
    recipients, also those that are not followed."""

    mail: MailRow
    trails: Sequence[OutboundTrail] = ()
    homecomings: Sequence[Homecoming] = ()
    deliveries: Sequence[DeliveryRow] = ()
    total: int = 0
    asked: int = field(default=0)  # the id of the mail that was asked for, where that is the bounce


def trace_mail(log: MailLog, session: Session, row: MailRow, returned: Iterable[dict[str, Any]] = ()) -> MailTrace:
    """The way of a mail. A bounce leads to the mail that it returns, where that was relayed here."""
    start = row
    rows = _list_rows(session, log.log_id, row.id)
    if not rows and (original := find_original(log, session, row)):
        start, rows = original, _list_rows(session, log.log_id, original.id)
    if rows:
        tries = list(returned)
        trails = [_trace_row(log, session, start, each, tries) for each in rows[:MOST_BRANCHES]]
        return MailTrace(start, trails, total=len(rows), asked=row.id)
    query = select(BounceRow).where(BounceRow.log_id == log.log_id, BounceRow.mail_id == row.id)
    homecomings = [Homecoming(each, row, _list_events(session, each)) for each in session.scalars(query)]
    deliveries = select(DeliveryRow).where(DeliveryRow.mail_id == row.id).order_by(DeliveryRow.number)
    return MailTrace(row, (), homecomings, list(session.scalars(deliveries.limit(MOST_BRANCHES))), asked=row.id)


def find_original(log: MailLog, session: Session, row: MailRow) -> MailRow | None:
    """The relayed mail that a bounce returns; None: it is no bounce, or of a mail that was not relayed here."""
    query = select(BounceRow).where(BounceRow.log_id == log.log_id, BounceRow.mail_id == row.id)
    newest = session.scalar(select(func.max(OutboundRow.id))) or 0
    for bounce in session.scalars(query):
        sent = select(OutboundRow.mail_id).where(
            OutboundRow.id > newest - LOOKED_BACK,
            OutboundRow.log_id == log.log_id,
            OutboundRow.recipient == bounce.recipient,
            OutboundRow.mail_id < row.id,
        )
        for mail_id in session.scalars(sent.order_by(OutboundRow.id.desc()).limit(MOST_EVENTS)):
            found = log.get_mail(mail_id) if mail_id is not None else None
            if found and is_about(bounce, found):
                return found
    return None


def is_about(bounce: BounceRow, mail: MailRow) -> bool:
    """By the Message-ID, where both have one."""
    if bounce.message_id and mail.message_id:
        return bounce.message_id.strip("<> ") == mail.message_id.strip("<> ")
    return bounce.created_at >= mail.received_at


def _list_rows(session: Session, log_id: str, mail_id: int) -> list[OutboundRow]:
    query = select(OutboundRow).where(OutboundRow.mail_id == mail_id, OutboundRow.log_id == log_id)
    return list(session.scalars(query.order_by(OutboundRow.id)))


def _trace_row(
    log: MailLog, session: Session, mail: MailRow, row: OutboundRow, returned: Sequence[dict[str, Any]]
) -> OutboundTrail:
    report, report_at = None, None
    if row.report_id is not None and (own := session.get(OutboundOwnRow, row.report_id)):
        report_at = own.made_at
        sent = session.scalar(select(OutboundRow).where(OutboundRow.own_id == own.id))
        report = _with_tries(session, sent) if sent else None
    mine = [one for one in returned if one["to"] == row.sender and row.recipient in one["failed"]]
    mine = [one for one in mine if row.ended_at is None or one["at"] >= row.ended_at - 1]
    return OutboundTrail(_with_tries(session, row), report, report_at, _list_homecomings(log, session, mail, row), mine)


def _with_tries(session: Session, row: OutboundRow) -> Sending:
    query = select(OutboundAttemptRow).where(OutboundAttemptRow.outbound_id == row.id)
    block = find_active(session, row.composition, row.recipient) if row.error_status == SUPPRESSED else None
    return Sending(row, list(session.scalars(query.order_by(OutboundAttemptRow.number))), block)


def _list_homecomings(log: MailLog, session: Session, mail: MailRow, row: OutboundRow) -> list[Homecoming]:
    query = select(BounceRow).where(
        BounceRow.recipient == row.recipient,
        BounceRow.log_id == log.log_id,
        BounceRow.mail_id > mail.id,
    )
    found = [each for each in session.scalars(query.order_by(BounceRow.id).limit(MOST_EVENTS)) if is_about(each, mail)]
    return [Homecoming(each, log.get_mail(each.mail_id), _list_events(session, each)) for each in found]


def _list_events(session: Session, bounce: BounceRow) -> list[DeliveryRow]:
    """The list of events that tells of this bounce: it has the name of the first bounce in it, at most MOST_EVENTS
    before this one."""
    before = select(BounceRow).where(BounceRow.id <= bounce.id, BounceRow.composition == bounce.composition)
    newest = session.scalars(before.order_by(BounceRow.id.desc()).limit(MOST_EVENTS))
    names = [f"{name_list(each)}-{number}" for each in newest for number in range(MOST_LISTS)]
    lists = session.scalars(select(DeliveryRow).where(DeliveryRow.id.in_(names)).order_by(DeliveryRow.number.desc()))
    return [each for each in lists if bounce.recipient in (each.payload or "")][:1]
