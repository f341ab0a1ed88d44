"""The outbound queue in desk.db: as the worker fills and empties it, and as a person looks at it.

Nothing here says "in flight": an attempt that was cut off by a kill has left no trace, so its row is due again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from cmcdesk.store.desk.database import move_cursor
from cmcdesk.store.desk.models import OutboundAttemptRow, OutboundOwnRow, OutboundRow
from cmcdesk.store.desk.outbound_events import OTHER_CAUSE as OTHER_CAUSE
from cmcdesk.store.desk.outbound_events import OUTBOUND_STATES as OUTBOUND_STATES
from cmcdesk.store.desk.outbound_events import OutboundEvent, look_before, record_events, record_tries
from cmcdesk.store.desk.outbound_events import OutboundRecord as OutboundRecord
from cmcdesk.store.desk.outbound_events import OutboundState as OutboundState

MOST_COUNTED = 10_000  # a closing window must not wait for the count
CURSOR = "outbound"


@dataclass(frozen=True, slots=True)
class MailWords:
    """What events tell of a mail: columns of OutboundRow."""

    header_from: str = ""
    message_id: str = ""
    subject: str = ""
    api_data: str = ""
    source_ip: str = ""


@dataclass(frozen=True, slots=True)
class NewOutbound:
    """One recipient of one mail: columns of OutboundRow; words: of a new one."""

    log_id: str
    mail_id: int | None
    composition: str
    revision: int
    sender: str
    recipient: str
    domain: str
    forwarded_by: str = ""
    own_id: int | None = None
    api_user: str = ""
    words: MailWords = MailWords()


@dataclass(frozen=True, slots=True)
class DueOutbound(NewOutbound):
    """A row that is to be tried; attempts: made so far; queued_at: unix seconds."""

    id: int = 0
    attempts: int = 0
    queued_at: float = 0.0


@dataclass(frozen=True, slots=True)
class OwnMail:
    """A report to the sender of rows that failed: their ids, its octets, and the row in which it goes out."""

    about: tuple[int, ...]
    octets: bytes
    row: NewOutbound


@dataclass(frozen=True, slots=True)
class OutboundQueue:
    """What waits for one destination in one composition; due_at: of the first (unix seconds)."""

    composition: str
    domain: str
    due_at: float


NEW_FIELDS = tuple(name for name in NewOutbound.__dataclass_fields__ if name not in ("own_id", "words"))
WORDS_FIELDS = tuple(MailWords.__dataclass_fields__)
DUE_FIELDS = tuple(name for name in DueOutbound.__dataclass_fields__ if name != "words")
DUE_COLUMNS = tuple(getattr(OutboundRow, name) for name in DUE_FIELDS)
ATTEMPT_FIELDS = (
    *("outbound_id", "number", "at", "milliseconds", "host", "address"),
    *("code", "enhanced", "text", "command", "outcome"),
)
# One seek a destination, however many mails wait for each (sqlite.org/lang_with.html: recursive queries).
QUEUES = text("""
WITH RECURSIVE waiting(domain) AS (
  SELECT min(domain) FROM outbound WHERE due_at IS NOT NULL AND composition = :composition
  UNION ALL
  SELECT (SELECT min(o.domain) FROM outbound o
          WHERE o.due_at IS NOT NULL AND o.composition = :composition AND o.domain > waiting.domain)
  FROM waiting WHERE waiting.domain IS NOT NULL)
SELECT waiting.domain, (SELECT min(o.due_at) FROM outbound o WHERE o.due_at IS NOT NULL
                        AND o.composition = :composition AND o.domain = waiting.domain)
FROM waiting WHERE waiting.domain IS NOT NULL
""")


def queue_outbound(
    session: Session, log_id: str, position: int, rows: Sequence[NewOutbound], at: float
) -> Sequence[OutboundEvent]:
    """Queue these recipients, due at `at`, and move the cursor to the last mail looked at; in the caller's
    transaction. The events that tell of it."""
    move_cursor(session, CURSOR, log_id, position)
    numbered = zip(_insert(session, rows, at), rows, strict=True)
    events = [OutboundEvent(number, at, row.composition, row.api_user, "queued") for number, row in numbered]
    return record_events(session, events)


def list_outbound_queues(session: Session, compositions: Sequence[str]) -> list[OutboundQueue]:
    """What waits, by composition and destination, the longest due first."""
    found = [
        OutboundQueue(composition, domain, due_at)
        for composition in compositions
        for domain, due_at in session.execute(QUEUES, {"composition": composition})
    ]
    return sorted(found, key=lambda queue: queue.due_at)


def list_due_outbound(session: Session, queue: OutboundQueue, at: float, limit: int) -> list[DueOutbound]:
    """Up to `limit` rows of one queue that are due at `at`, the longest due first; rows of one mail together."""
    query = (
        select(*DUE_COLUMNS)
        .where(OutboundRow.due_at.is_not(None))
        .where(OutboundRow.composition == queue.composition, OutboundRow.domain == queue.domain)
        .where(OutboundRow.due_at <= at)
        .order_by(OutboundRow.due_at, OutboundRow.id)
        .limit(limit)
    )
    return [DueOutbound(**dict(zip(DUE_FIELDS, row, strict=True))) for row in session.execute(query)]


def record_outbound(
    session: Session, records: Sequence[OutboundRecord], reports: Sequence[OwnMail] = ()
) -> Sequence[OutboundEvent]:
    """Write tries and what became of their rows, and queue the reports on those that failed. A row that was deleted
    meanwhile is passed over; one that was cancelled stays so, unless it was delivered. The events that tell of it."""
    by_id = {record.outbound_id: record for record in records}
    if not by_id:
        return []
    connection = session.connection()
    before = look_before(session, by_id)
    table: Any = OutboundRow.__table__
    given = ("host", "code", "enhanced", "text", "command", "error_status", "state", "due_at", "ended_at")
    changed = (
        update(table)
        .where(table.c.id == bindparam("row"))
        .values({"attempts": bindparam("made"), **{name: bindparam(f"new_{name}") for name in given}})
    )
    changes = [
        {"row": number, "made": by_id[number].number} | {f"new_{name}": getattr(by_id[number], name) for name in given}
        for number, row in before.items()
        if row.waits or by_id[number].state == "succeeded"
    ]
    if changes:
        connection.execute(changed, changes)
    tries = [{name: getattr(by_id[number], name) for name in ATTEMPT_FIELDS} for number in before]
    if tries:
        connection.execute(insert(OutboundAttemptRow.__table__), tries)  # type: ignore[arg-type]
    for report in reports:
        if before.keys() & set(report.about):
            _queue_report(session, report, max(record.at for record in records))
    return record_tries(session, by_id, before)


def _queue_report(session: Session, report: OwnMail, at: float) -> None:
    own = OutboundOwnRow(about_id=report.about[0], made_at=at, octets=report.octets)
    session.add(own)
    session.flush()
    session.execute(update(OutboundRow).where(OutboundRow.id.in_(report.about)).values(report_id=own.id))
    _insert(session, [report.row], at, own.id)


def _insert(session: Session, rows: Sequence[NewOutbound], at: float, own_id: int | None = None) -> list[int]:
    """Their ids: those that SQLite would give them, so that no row is asked for its own."""
    fixed = {"state": "queued", "attempts": 0, "due_at": at, "queued_at": at, "host": "", "enhanced": "", "text": ""}
    fixed |= {"command": "", "own_id": own_id}
    first = newest_outbound(session) + 1
    numbers = list(range(first, first + len(rows)))
    values = [
        {"id": number}
        | {name: getattr(row, name) for name in NEW_FIELDS}
        | {name: getattr(row.words, name) for name in WORDS_FIELDS}
        | fixed
        for number, row in zip(numbers, rows, strict=True)
    ]
    if values:
        session.connection().execute(insert(OutboundRow.__table__), values)  # type: ignore[arg-type]
    return numbers


def read_own_octets(session: Session, own_id: int) -> bytes | None:
    """A mail of our own making, None once it was purged."""
    return session.scalar(select(OutboundOwnRow.octets).where(OutboundOwnRow.id == own_id))


def list_outbound(
    session: Session, before: int | None = None, limit: int = 50, **only: str | int | None
) -> list[OutboundRow]:
    """Newest first, those whose id is below `before`. only: state, composition, mail_id, api_user, recipient
    (part of it), after (ids above it)."""
    wanted = {name: value for name, value in only.items() if value is not None}
    part, after = wanted.pop("recipient", None), wanted.pop("after", 0)
    query = select(OutboundRow).filter_by(**wanted).order_by(OutboundRow.id.desc()).limit(limit)
    if after:
        query = query.where(OutboundRow.id > after)
    if before is not None:
        query = query.where(OutboundRow.id < before)
    if part is not None:
        query = query.where(OutboundRow.recipient.contains(str(part), autoescape=True))
    return list(session.scalars(query))


def newest_outbound(session: Session) -> int:
    """The highest id; 0: there is no row."""
    return session.scalar(select(func.max(OutboundRow.id))) or 0


def get_outbound(session: Session, outbound_id: int) -> OutboundRow | None:
    """One row by its id."""
    return session.get(OutboundRow, outbound_id)


def list_outbound_attempts(session: Session, outbound_id: int) -> list[OutboundAttemptRow]:
    """All tries of one row, the first one first."""
    query = select(OutboundAttemptRow).where(OutboundAttemptRow.outbound_id == outbound_id)
    return list(session.scalars(query.order_by(OutboundAttemptRow.id)))


def count_outbound(session: Session) -> dict[str, int]:
    """How many wait: {"queued", "deferred"}."""
    counted = func.count(OutboundRow.id)
    return {
        state: session.scalar(select(counted).where(OutboundRow.state == state)) or 0 for state in OUTBOUND_STATES[:2]
    }


def count_due_outbound(session: Session, at: float) -> int:
    """How many recipients' mails could go out now, counted up to MOST_COUNTED."""
    due = select(OutboundRow.id).where(OutboundRow.due_at.is_not(None), OutboundRow.due_at <= at).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(due.subquery())) or 0
