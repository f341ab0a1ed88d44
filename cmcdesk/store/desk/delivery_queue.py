"""Deliveries as the worker sees them: a queue that lives in desk.db, fed from the mail server's log.

Nothing here says "in flight": an attempt that was cut off by a kill has left no trace, so its delivery is due again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from cmcdesk.rules.retry import Outcome, State
from cmcdesk.store.desk.deliveries import WaitingQueue
from cmcdesk.store.desk.models import AttemptRow, CompositionRow, CursorRow, DeliveryRow, RevisionRow
from cmcdesk.store.maillog.log import MatchRow

CURSOR = "deliveries"
LOG_ID_SHOWN = 8  # how much of a mail log's id the ids of its deliveries carry


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One delivery that is to be attempted; attempts: made so far; payload: of kind "event", its JSON."""

    number: int
    id: str
    mail_id: int | None
    composition: str
    revision: int
    filter: str
    recipient: str
    attempts: int
    kind: str = "inbound"
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt and what it makes of its delivery. at: when it began; due_at: when the next one is due."""

    delivery_number: int
    number: int
    at: float
    milliseconds: int
    outcome: Outcome
    status: int | None
    error: str | None
    request: str
    answer: str
    state: State
    due_at: float | None
    ended_at: float
    answer_headers: str = ""


DUE_COLUMNS = tuple(getattr(DeliveryRow, name) for name in DueDelivery.__dataclass_fields__)
ATTEMPT_FIELDS = (
    *("delivery_number", "number", "at", "milliseconds", "outcome", "status", "error", "request", "answer"),
    "answer_headers",
)


def read_position(session: Session, log_id: str) -> int:
    """The id of the last match that was copied from this mail.db; 0 for one never read."""
    query = select(CursorRow.position).where(CursorRow.name == CURSOR, CursorRow.log_id == log_id)
    return session.scalar(query) or 0


def copy_matches(session: Session, log_id: str, matches: Sequence[MatchRow], at: float) -> int:
    """Queue these matches as deliveries due at `at` and move the cursor, in the caller's transaction. The new position.

    `matches` must be what follows `read_position`, in order, and at least one.
    """
    position = matches[-1].id
    moved = update(CursorRow).where(CursorRow.name == CURSOR).values(log_id=log_id, position=position)
    if session.scalar(moved.returning(CursorRow.name)) is None:  # writing first, so that no reader is to be upgraded
        session.execute(insert(CursorRow).values(name=CURSOR, log_id=log_id, position=position))
    session.connection().execute(
        insert(DeliveryRow.__table__),  # type: ignore[arg-type]  # Core, twice as fast; a mapped class's table is a Table
        [
            {
                "id": f"{log_id[:LOG_ID_SHOWN]}-{match.id}",
                "kind": "inbound",
                "mail_id": match.mail_id,
                "composition": match.composition,
                "revision": match.revision,
                "filter": match.filter,
                "recipient": match.recipient,
                "state": "waiting",
                "due_at": at,
                "attempts": 0,
                "created_at": at,
            }
            for match in matches
        ],
    )
    return position


def list_due(session: Session, queue: WaitingQueue, at: float, limit: int) -> list[DueDelivery]:
    """Up to `limit` deliveries of one filter that are due at `at`, the longest due first."""
    query = (
        select(*DUE_COLUMNS)
        .where(DeliveryRow.state == "waiting")
        .where(DeliveryRow.composition == queue.composition, DeliveryRow.filter == queue.filter)
        .where(DeliveryRow.due_at <= at)
        .order_by(DeliveryRow.due_at, DeliveryRow.number)
        .limit(limit)
    )
    return [DueDelivery(*row) for row in session.execute(query)]


def read_due(row: DeliveryRow) -> DueDelivery:
    """A row as the worker would take it up."""
    return DueDelivery(*(getattr(row, name) for name in DueDelivery.__dataclass_fields__))


def record_attempts(session: Session, records: Iterable[AttemptRecord]) -> None:
    """Write attempts and what became of their deliveries. A delivery that was deleted meanwhile is passed over."""
    by_number = {record.delivery_number: record for record in records}
    if not by_number:
        return
    connection = session.connection()
    connection.execute(
        update(DeliveryRow.__table__)  # type: ignore[arg-type]
        .where(DeliveryRow.number == bindparam("delivery"))
        .values(
            state=bindparam("next_state"),
            due_at=bindparam("next_due_at"),
            attempts=bindparam("made"),
            finished_at=bindparam("ended"),
        ),
        [_describe_change(record) for record in by_number.values()],
    )
    kept = session.scalars(select(DeliveryRow.number).where(DeliveryRow.number.in_(by_number)))
    attempts = [_describe_attempt(by_number[number]) for number in kept]
    if attempts:
        connection.execute(insert(AttemptRow.__table__), attempts)  # type: ignore[arg-type]


def _describe_change(record: AttemptRecord) -> dict[str, Any]:
    return {
        "delivery": record.delivery_number,
        "next_state": record.state,
        "next_due_at": record.due_at,
        "made": record.number,
        "ended": None if record.state == "waiting" else record.ended_at,
    }


def _describe_attempt(record: AttemptRecord) -> dict[str, Any]:
    values = asdict(record)
    return {name: values[name] for name in ATTEMPT_FIELDS}


def read_settings(session: Session, composition: str, revision: int) -> list[dict[str, Any]]:
    """Where to look a filter up: the composition's applied settings, then those of the revision that a mail matched
    under. Empty if the composition was removed."""
    both = (
        select(RevisionRow.number, RevisionRow.settings)
        .join(CompositionRow, CompositionRow.id == RevisionRow.composition_id)
        .where(CompositionRow.name == composition)
        .where(RevisionRow.number.in_((revision, CompositionRow.applied_number)))
    )
    found = {row.number: row.settings for row in session.execute(both)}
    own = found.pop(revision, None)
    return [*found.values(), *([own] if own is not None else [])]
