"""Deliveries as the worker sees them: a queue that lives in desk.db, fed from the mail server's log.

Nothing here says "in flight": an attempt that was cut off by a kill has left no trace, so its delivery is due again.

Events on their way into the delivery queue: gathered into lists of up to 100 or for 1 second, as CMC documents it.

A list that still grows is a delivery in the state "gathering", which nobody sees or sends. It is written in the
transaction of what the events tell of, and closed under SQLite's write lock, so that no event is lost or sent twice.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from cmcdesk.rules.retry import Outcome, State
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.store.desk.database import move_cursor
from cmcdesk.store.desk.deliveries import GATHERING, WaitingQueue
from cmcdesk.store.desk.models import AttemptRow, CompositionRow, DeliveryRow, RevisionRow
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


def copy_matches(session: Session, log_id: str, matches: Sequence[MatchRow], at: float) -> int:
    """Queue these matches as deliveries due at `at` and move the cursor, in the caller's transaction. The new position.

    `matches` must be what follows the cursor, in order, and at least one.
    """
    position = matches[-1].id
    move_cursor(session, CURSOR, log_id, position)
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


def _describe_change(record: AttemptRecord) -> dict[str, object]:
    return {
        "delivery": record.delivery_number,
        "next_state": record.state,
        "next_due_at": record.due_at,
        "made": record.number,
        "ended": None if record.state == "waiting" else record.ended_at,
    }


def _describe_attempt(record: AttemptRecord) -> dict[str, object]:
    values = asdict(record)
    return {name: values[name] for name in ATTEMPT_FIELDS}


def read_settings(session: Session, composition: str, revision: int) -> list[StoredSettings]:
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


GATHER_SECONDS = 1.0  # CMC's default "notification interval"
MOST_EVENTS = 100  # CMC's default "maximum number of events"


@dataclass(frozen=True, slots=True)
class EventList:
    """What events have in common that go into one list. revision: of the settings that chose them."""

    composition: str
    revision: int
    event_type: str  # CMC's: "bounces"; the delivery's `filter`


def gather_events(
    session: Session, which: EventList, events: Sequence[dict[str, str]], delivery_id: str, at: float
) -> None:
    """Add events to the list that gathers, or begin lists, in the caller's transaction (which must have begun to
    write). delivery_id: stable, never used before; lists begun here carry it with a number. at: now, unix seconds."""
    rest = list(events)
    gathering = session.scalar(_find_gathering(which, at))
    if gathering is not None:
        rest = _fill(gathering, which, rest, at)
    number = 0
    while rest:
        begun = _begin(which, f"{delivery_id}-{number}", at)
        rest = _fill(begun, which, rest, at)
        session.add(begun)
        number += 1
    session.flush()


def find_gathering_end(session: Session) -> float | None:
    """When the oldest list that gathers is to be closed (unix seconds); None: none gathers."""
    return session.scalar(select(func.min(DeliveryRow.due_at)).where(DeliveryRow.state == GATHERING))


def close_gathered(session: Session, at: float) -> int:
    """Make the lists whose second is over deliveries that wait. How many."""
    query = update(DeliveryRow).where(DeliveryRow.state == GATHERING, DeliveryRow.due_at <= at)
    return len(session.scalars(query.values(state="waiting").returning(DeliveryRow.number)).all())


def _find_gathering(which: EventList, at: float) -> Any:
    return (
        select(DeliveryRow)
        .where(DeliveryRow.state == GATHERING, DeliveryRow.due_at > at)
        .where(DeliveryRow.composition == which.composition, DeliveryRow.revision == which.revision)
        .where(DeliveryRow.filter == which.event_type)
        .order_by(DeliveryRow.number)
        .limit(1)
    )


def _begin(which: EventList, delivery_id: str, at: float) -> DeliveryRow:
    return DeliveryRow(
        id=delivery_id,
        kind="event",
        mail_id=None,
        composition=which.composition,
        revision=which.revision,
        filter=which.event_type,
        recipient="",
        payload=None,
        state=GATHERING,
        due_at=at + GATHER_SECONDS,
        attempts=0,
        created_at=at,
    )


def _fill(row: DeliveryRow, which: EventList, events: list[dict[str, str]], at: float) -> list[dict[str, str]]:
    """Put in what there is room for; a full list is due at once. Returns the rest."""
    held: list[dict[str, str]] = json.loads(row.payload)[which.event_type] if row.payload else []
    room = MOST_EVENTS - len(held)
    row.payload = json.dumps({which.event_type: held + events[:room]}, ensure_ascii=False)
    if len(events) >= room:
        row.state, row.due_at = "waiting", at
    return events[room:]
