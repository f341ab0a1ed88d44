"""Bounces as the error log (エラーログ), its charts and CMC's bounces API look at them; CMC's record of one bounce, the
nine keys that the event webhook (inferred) carries as well.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, Subquery, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.bounces import shown_status
from cmcdesk.store.desk.models import BounceRow, OutboundRow
from cmcdesk.store.search.entry import list_spellings

_SHOWN = func.coalesce(BounceRow.override, BounceRow.error_status)
_AT = func.instr(BounceRow.recipient, "@")
DOMAIN = func.lower(func.iif(_AT > 0, func.substr(BounceRow.recipient, _AT + 1), ""))
_PARTLY = {
    "header_from": BounceRow.header_from,
    "recipient": BounceRow.recipient,
    "api_data": BounceRow.api_data,
    "subject": BounceRow.subject,
    "message_id": BounceRow.message_id,
}

MOST_COUNTED = 10_000  # a page counts no further: it must not become slower as the log grows

_REPLY = re.compile(r"[245]\d\d[ -]")


@dataclass(frozen=True, slots=True)
class BounceQuery:
    """What is looked for; None: whatever. Times: unix seconds, from inclusive, until exclusive.

    header_from, recipient, api_data, subject, message_id: a part of the value, case-insensitive; the whole value for
    names in `exactly`.
    sent_by: only of mails that this API user submitted, found by their Message-ID in the outbound queue.
    search: a part of recipient, header From, subject or Message-ID. final: True leaves delay notices out.
    """

    composition: str | None = None
    mail_id: int | None = None
    header_from: str | None = None
    recipient: str | None = None
    api_data: str | None = None
    subject: str | None = None
    message_id: str | None = None
    exactly: frozenset[str] = frozenset()
    search: str | None = None
    error_status: int | None = None
    final: bool | None = True
    created_from: float | None = None
    created_until: float | None = None
    sent_by: str | None = None


def list_bounces(
    session: Session, query: BounceQuery, before: int | None = None, limit: int = 50, skip: int = 0
) -> list[BounceRow]:
    """Newest first, ids below `before`; the last row's id is the next page's `before`. skip: rows to pass over, for
    CMC's numbered pages (p and r: skip = p * r)."""
    wanted = select(BounceRow).where(*_clauses(query))
    if before is not None:
        wanted = wanted.where(BounceRow.id < before)
    return list(session.scalars(wanted.order_by(BounceRow.id.desc()).offset(skip).limit(limit)))


def list_bounces_after(session: Session, query: BounceQuery, after: int, limit: int) -> list[BounceRow]:
    """Oldest first, ids above `after`."""
    wanted = select(BounceRow).where(*_clauses(query), BounceRow.id > after)
    return list(session.scalars(wanted.order_by(BounceRow.id).limit(limit)))


def count_bounces(session: Session, query: BounceQuery) -> int:
    """How many there are, no further than MOST_COUNTED."""
    return session.scalar(select(func.count()).select_from(_newest(query))) or 0


def count_by_status(session: Session, query: BounceQuery) -> dict[int, int]:
    """Error status → number among the newest MOST_COUNTED, for those that occur, in the order of the statuses."""
    status = _newest(query).c.status
    rows = session.execute(select(status, func.count()).group_by(status).order_by(status))
    return {row[0]: row[1] for row in rows}


def count_by_domain(session: Session, query: BounceQuery, limit: int = 20) -> list[tuple[str, int]]:
    """The recipients' domains with most bounces among the newest MOST_COUNTED, the most first; recipients without a
    domain count as ""."""
    domain = _newest(query).c.domain
    counted = select(domain, func.count()).group_by(domain).order_by(func.count().desc(), domain).limit(limit)
    return [(row[0], row[1]) for row in session.execute(counted)]


def _newest(query: BounceQuery) -> Subquery:
    found = select(_SHOWN.label("status"), DOMAIN.label("domain")).where(*_clauses(query))
    return found.order_by(BounceRow.id.desc()).limit(MOST_COUNTED).subquery()


def count_by_status_and_domain(session: Session, query: BounceQuery) -> list[tuple[int, str, int]]:
    """(error status, the recipients' domain, number); recipients without a domain count as ""."""
    counted = select(_SHOWN, DOMAIN, func.count()).where(*_clauses(query)).group_by(_SHOWN, DOMAIN)
    return [(row[0], row[1], row[2]) for row in session.execute(counted)]


def _clauses(query: BounceQuery) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if query.composition is not None:
        clauses.append(BounceRow.composition == query.composition)
    if query.mail_id is not None:
        clauses.append(BounceRow.mail_id == query.mail_id)
    if query.error_status is not None:
        clauses.append(_SHOWN.is_(query.error_status))
    if query.final is not None:
        clauses.append(BounceRow.final.is_(query.final))
    if query.created_from is not None:
        clauses.append(BounceRow.created_at >= query.created_from)
    if query.created_until is not None:
        clauses.append(BounceRow.created_at < query.created_until)
    clauses += _sent_by(query.sent_by)
    for name, column in _PARTLY.items():
        value = getattr(query, name)
        if value is not None:
            whole = func.lower(column) == value.lower()
            clauses.append(whole if name in query.exactly else _holds([column], value))
    if query.search:
        columns = (BounceRow.recipient, BounceRow.header_from, BounceRow.subject, BounceRow.message_id)
        clauses.append(_holds(columns, query.search))
    return clauses


def _sent_by(api_user: str | None) -> list[ColumnElement[bool]]:
    if api_user is None:
        return []
    is_same = OutboundRow.message_id == BounceRow.message_id
    is_named = OutboundRow.message_id != literal_column("''")  # as the index has it: a parameter would not find it
    sent = select(OutboundRow.id).where(is_same, is_named, OutboundRow.api_user == api_user)
    return [sent.exists()]


def _holds(columns: Iterable[InstrumentedAttribute[str]], value: str) -> ColumnElement[bool]:
    """Whether one of the columns holds the value, in whatever spelling."""
    return or_(
        *(column.icontains(spelling, autoescape=True) for column in columns for spelling in list_spellings(value))
    )


def write_record(row: BounceRow, zone: tzinfo) -> dict[str, str]:
    """Nine keys, every value a string, as CMC's clients demand. A person's override is the status.

    zone: of `created`; CMC writes no offset."""
    return {
        "created": write_created(row.created_at, zone),
        "status": str(shown_status(row)),
        "from": row.header_from,
        "to": row.recipient,
        "messageId": row.message_id,
        "returnPath": row.return_path,
        "subject": row.subject,
        "apiData": row.api_data,
        "reason": choose_reason(row),
    }


def choose_reason(row: BounceRow) -> str:
    """The response of the destination in one line (ours; CMC: エラー理由, Response Message): an SMTP reply that the
    notice gives first, else the line that decided the error status, else the notice's first line."""
    first = row.diagnostic.partition("\n")[0]
    return first if _REPLY.match(first) else row.evidence or first


def write_created(at: float, zone: tzinfo) -> str:
    """Unix seconds as `YYYY-MM-DD HH:MM:SS`."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def write_block(row: BlockRow, zone: tzinfo) -> dict[str, str]:
    """CMC's record of its blocks API: five keys, every value a string; zone: of `created`, which has no offset."""
    return {
        "created": write_created(row.created_at, zone),
        "email": row.email,
        "id": row.id,
        "occurred": str(row.occurred),
        "status": str(row.status),
    }
