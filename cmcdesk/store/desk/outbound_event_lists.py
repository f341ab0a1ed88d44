"""Lists of what happened to mails on their way out, and CMC's record of one event, as its API (deliveries/list) and
event webhook carry it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cmcdesk.store.desk.bounce_lists import write_created
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound_events import OutboundEvent, OutboundEventRow
from cmcdesk.store.search.entry import list_spellings


@dataclass(frozen=True, slots=True)
class OutboundEventQuery:
    """What is looked for, in a time: unix seconds, begin inclusive, end exclusive; None: whatever.

    header_from, recipient, api_data: a part of the value, case-insensitive; the whole value for names in `exactly`."""

    composition: str
    begin: float
    end: float
    status: str | None = None
    api_user: str | None = None
    header_from: str | None = None
    recipient: str | None = None
    api_data: str | None = None
    exactly: frozenset[str] = frozenset()


_WORDS = {
    "header_from": OutboundRow.header_from,
    "recipient": OutboundRow.recipient,
    "api_data": OutboundRow.api_data,
}


def list_event_rows(
    session: Session, query: OutboundEventQuery, limit: int, skip: int = 0
) -> list[tuple[OutboundEventRow, OutboundRow]]:
    """Newest first, each with its row of the queue; `limit` of them after the first `skip`."""
    ids = select(OutboundEventRow.id).where(*_clauses(query))
    words = _word_clauses(query)
    if words:
        ids = ids.join(OutboundRow, OutboundRow.id == OutboundEventRow.outbound_id).where(*words)
    newest = (OutboundEventRow.at.desc(), OutboundEventRow.outbound_id.desc())
    page = ids.order_by(*newest).offset(skip).limit(limit)  # first the page's ids, out of the index
    found = list(session.scalars(page))
    both = select(OutboundEventRow, OutboundRow).join(OutboundRow, OutboundRow.id == OutboundEventRow.outbound_id)
    rows = {event.id: (event, row) for event, row in session.execute(both.where(OutboundEventRow.id.in_(found)))}
    return [rows[event_id] for event_id in found if event_id in rows]


def list_events_of(session: Session, outbound_id: int) -> list[OutboundEventRow]:
    """All events of one row of the queue, the first one first."""
    query = select(OutboundEventRow).where(OutboundEventRow.outbound_id == outbound_id)
    return list(session.scalars(query.order_by(OutboundEventRow.id)))


def find_rows(session: Session, events: Sequence[OutboundEvent]) -> dict[int, OutboundRow]:
    """The rows of the queue that the events are of, by id."""
    wanted = select(OutboundRow).where(OutboundRow.id.in_({event.outbound_id for event in events}))
    return {row.id: row for row in session.scalars(wanted)}


def write_delivery(event: OutboundEvent | OutboundEventRow, row: OutboundRow, zone: tzinfo) -> dict[str, str]:
    """CMC's record of one event: eleven keys, every value a string. zone: of `created`; CMC writes no offset."""
    return {
        "created": write_created(event.at, zone),
        "status": event.status,
        "reason": event.reason,
        "sourceIp": row.source_ip if event.status == "queued" else "",
        "senderIp": event.sender_ip,
        "from": row.header_from,
        "returnPath": row.sender,
        "to": row.recipient,
        "messageId": row.message_id,
        "subject": row.subject,
        "apiData": row.api_data,
    }


def _clauses(query: OutboundEventQuery) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [
        OutboundEventRow.composition == query.composition,
        OutboundEventRow.at >= query.begin,
        OutboundEventRow.at < query.end,
    ]
    if query.status is not None:
        clauses.append(OutboundEventRow.status == query.status)
    if query.api_user is not None:
        clauses.append(OutboundEventRow.api_user == query.api_user)
    return clauses


def _word_clauses(query: OutboundEventQuery) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    for name, column in _WORDS.items():
        value: str | None = getattr(query, name)
        if value is not None:
            is_whole = name in query.exactly
            clauses.append(func.lower(column) == value.lower() if is_whole else _holds(column, value))
    return clauses


def _holds(column: InstrumentedAttribute[str], value: str) -> Any:
    """Whether the column holds the value, in whatever spelling."""
    spellings = [column.icontains(spelling, autoescape=True) for spelling in list_spellings(value)]
    return spellings[0] if len(spellings) == 1 else func.max(*spellings)
