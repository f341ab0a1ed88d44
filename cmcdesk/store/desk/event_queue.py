"""Events on their way into the delivery queue: gathered into lists of up to 100 or for 1 second, as CMC documents it.

A list that still grows is a delivery in the state "gathering", which nobody sees or sends. It is written in the
transaction of what the events tell of, and closed under SQLite's write lock, so that no event is lost or sent twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cmcdesk.store.desk.deliveries import GATHERING
from cmcdesk.store.desk.models import DeliveryRow

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
