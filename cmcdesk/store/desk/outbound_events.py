"""What happened to mails on their way out, a row an event: 配信ログ as CMC's API (deliveries/list) and event webhook
tell it.

An event is written in the transaction that changes its row of the outbound queue, and counted in it
(`outbound_counts`). It goes with its row. Reports of the MTA's own are no mails of a customer's: they have none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ForeignKey, Index, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.models import DeskBase, OutboundRow
from cmcdesk.store.desk.outbound_counts import CountedEvent, add_counts

OUTBOUND_STATES = ("queued", "deferred", "succeeded", "failed")
OutboundState = Literal["queued", "deferred", "succeeded", "failed"]
OTHER_CAUSE = 99  # CMC's error status "others"
CANCELLED = "cancelled in the queue"


class OutboundEventRow(DeskBase):
    """One event of one outbound row. composition, api_user: the row's, so that an index has them beside the time."""

    __tablename__ = "outbound_event"
    __table_args__ = (
        Index("outbound_event_row", "outbound_id"),
        # All that lists go by but words: a day is looked through in the index alone.
        Index("outbound_event_time", "composition", "at", "outbound_id", "status", "api_user"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound.id", ondelete="CASCADE"))
    at: Mapped[float]
    composition: Mapped[str]
    api_user: Mapped[str]
    status: Mapped[str]  # queued | deferred | succeeded | failed, CMC's words
    reason: Mapped[str]  # of deferred and failed
    sender_ip: Mapped[str]  # of succeeded: where it was sent from
    error_status: Mapped[int | None]  # of failed: CMC's 1 … 11, 99


@dataclass(frozen=True, slots=True)
class OutboundRecord:
    """One try of one row and what it makes of it; columns of OutboundAttemptRow and OutboundRow."""

    outbound_id: int
    number: int
    at: float
    milliseconds: int
    host: str
    address: str
    code: int | None
    enhanced: str
    text: str
    command: str
    outcome: str
    state: OutboundState
    due_at: float | None
    ended_at: float | None
    error_status: int | None
    sender_ip: str = ""


@dataclass(frozen=True, slots=True)
class OutboundEvent:
    """Columns of OutboundEventRow."""

    outbound_id: int
    at: float
    composition: str
    api_user: str
    status: str
    reason: str = ""
    sender_ip: str = ""
    error_status: int | None = None


EVENT_FIELDS = tuple(OutboundEvent.__dataclass_fields__)


def record_events(session: Session, events: Sequence[OutboundEvent]) -> Sequence[OutboundEvent]:
    """Write them and count them, in the caller's transaction; they are returned."""
    if events:
        rows = [{name: getattr(event, name) for name in EVENT_FIELDS} for event in events]
        session.connection().execute(insert(OutboundEventRow.__table__), rows)  # type: ignore[arg-type]
        add_counts(session, [_count_of(event) for event in events])
    return events


@dataclass(frozen=True, slots=True)
class RowBefore:
    """A row before what is recorded. is_own: a report of the MTA's own, whose way no event tells of."""

    waits: bool
    state: str
    composition: str
    api_user: str
    is_own: bool


def look_before(session: Session, numbers: Iterable[int]) -> dict[int, RowBefore]:
    """Those of the rows that are still there, by id, in the order of the numbers."""
    wanted = select(
        OutboundRow.id, OutboundRow.due_at, OutboundRow.state, OutboundRow.composition, OutboundRow.api_user,
        OutboundRow.own_id,
    ).where(OutboundRow.id.in_(numbers))  # fmt: skip
    found = {
        row.id: RowBefore(row.due_at is not None, row.state, row.composition, row.api_user, row.own_id is not None)
        for row in session.execute(wanted)
    }
    return {number: found[number] for number in numbers if number in found}


def record_tries(
    session: Session, records: dict[int, OutboundRecord], before: dict[int, RowBefore]
) -> Sequence[OutboundEvent]:
    """The events of these tries; before: the rows as they were, those that are still there."""
    told = {
        number: row
        for number, row in before.items()
        if not row.is_own and (row.waits or (records[number].state == "succeeded" and row.state == "failed"))
    }
    if ended := [number for number, row in told.items() if not row.waits]:
        withdraw_failure(session, ended)
    return record_events(session, [_tell(records[number], row) for number, row in told.items()])


def _tell(record: OutboundRecord, row: RowBefore) -> OutboundEvent:
    is_sent = record.state == "succeeded"
    return OutboundEvent(
        record.outbound_id,
        record.ended_at or record.at + record.milliseconds / 1000,
        row.composition,
        row.api_user,
        record.state,
        reason="" if is_sent else write_reason(record.code, record.enhanced, record.text, record.command),
        sender_ip=record.sender_ip if is_sent else "",
        error_status=record.error_status,
    )


def withdraw_failure(session: Session, outbound_ids: Sequence[int]) -> None:
    """Take back the last event of rows that count as failed and were delivered after all: their cancelling came while
    they were under way."""
    last = select(func.max(OutboundEventRow.id)).where(OutboundEventRow.outbound_id.in_(outbound_ids))
    wanted = select(OutboundEventRow).where(
        OutboundEventRow.id.in_(last.group_by(OutboundEventRow.outbound_id)), OutboundEventRow.status == "failed"
    )
    rows = session.scalars(wanted).all()
    gone = [OutboundEvent(**{name: getattr(row, name) for name in EVENT_FIELDS}) for row in rows]
    session.execute(delete(OutboundEventRow).where(OutboundEventRow.id.in_([row.id for row in rows])))
    add_counts(session, [_count_of(event) for event in gone], -1)


def _count_of(event: OutboundEvent) -> CountedEvent:
    return CountedEvent(event.at, event.composition, event.api_user, event.status, event.error_status)


def write_reason(code: int | None, enhanced: str, text: str, command: str) -> str:
    """The answer in one line, and what it answered, as CMC's sample writes it behind."""
    line = " ".join(filter(None, (str(code or ""), enhanced, text)))
    return f"{line} (in reply to {command})" if command and (code or command == "RCPT TO") else line


def try_outbound_now(session: Session, outbound_id: int, at: float) -> Sequence[OutboundEvent] | None:
    """Make a row due now that waits, or that failed: that one counts as queued once more. None: there is none such, or
    it was delivered. The events that tell of it."""
    again = {"state": "queued", "due_at": at, "ended_at": None, "error_status": None, "report_id": None}
    change = update(OutboundRow).where(OutboundRow.id == outbound_id, OutboundRow.state == "failed").values(again)
    sooner = update(OutboundRow).where(OutboundRow.id == outbound_id, OutboundRow.due_at.is_not(None))
    has_failed = (failed := session.scalar(change.returning(OutboundRow.recipient))) is not None
    recipient = failed if has_failed else session.scalar(sooner.values(due_at=at).returning(OutboundRow.recipient))
    if recipient is None:
        return None
    note_operation(session, "outbound", "try_now", recipient, str(outbound_id))
    return _tell_one(session, outbound_id, at) if has_failed else []


def cancel_outbound(session: Session, outbound_id: int, at: float) -> Sequence[OutboundEvent] | None:
    """End a row that waits, without a report to its sender. None: none waits by that id. The events that tell of it."""
    ended = {"state": "failed", "due_at": None, "ended_at": at, "error_status": OTHER_CAUSE, "text": CANCELLED}
    ended |= {"code": None, "enhanced": "", "command": ""}
    waiting = update(OutboundRow).where(OutboundRow.id == outbound_id, OutboundRow.due_at.is_not(None)).values(ended)
    recipient = session.scalar(waiting.returning(OutboundRow.recipient))
    if recipient is None:
        return None
    note_operation(session, "outbound", "cancel", recipient, str(outbound_id))
    return _tell_one(session, outbound_id, at)


def _tell_one(session: Session, outbound_id: int, at: float) -> Sequence[OutboundEvent]:
    """The event of a row that a person changed, as it stands now."""
    row = session.get_one(OutboundRow, outbound_id, populate_existing=True)
    if row.own_id is not None:
        return []
    reason = row.text if row.state == "failed" else ""
    event = OutboundEvent(row.id, at, row.composition, row.api_user, row.state, reason, "", row.error_status)
    return record_events(session, [event])
