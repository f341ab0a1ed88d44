"""Deliveries as a person sees them: list, look at one, send again, count; and what waits for endpoints that cannot
follow. The worker's side is `delivery_queue.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session, defer, load_only

from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

STATES = ("waiting", "delivered", "given_up")
FAILING = "failing"  # no state of its own: waiting after an attempt that failed
GATHERING = "gathering"  # a list of events that still grows (`delivery_queue.py`): no delivery yet, shown nowhere

MOST_COUNTED = 10_000  # of one queue: a page must not take longer because nothing is delivered


@dataclass(frozen=True, slots=True)
class WaitingQueue:
    """The waiting deliveries of one filter of one composition; due_at: of the one that is due first (unix seconds)."""

    composition: str
    filter: str
    due_at: float


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many wait, and how long (seconds) the oldest due one has waited beyond its time; None: none is due."""

    waiting: int
    oldest_due_age: float | None


def list_deliveries(
    session: Session, before: int | None = None, limit: int = 50, **only: str | int | None
) -> list[DeliveryRow]:
    """Newest first, those whose `number` is below `before`. only: state or FAILING, composition, mail_id (None: any).

    The last row's `number` is the next page's `before`.
    """
    query = _narrow(only).options(defer(DeliveryRow.payload)).order_by(DeliveryRow.number.desc()).limit(limit)
    if before is not None:
        query = query.where(DeliveryRow.number < before)
    return list(session.scalars(query))


def list_deliveries_after(session: Session, after: int, limit: int, **only: str | int | None) -> list[DeliveryRow]:
    """Likewise, but oldest first, those whose `number` is above `after`."""
    query = _narrow(only).options(defer(DeliveryRow.payload)).where(DeliveryRow.number > after)
    return list(session.scalars(query.order_by(DeliveryRow.number).limit(limit)))


def count_listed(session: Session, most: int, **only: str | int | None) -> int:
    """How many that list has, counted up to `most`."""
    some = _narrow(only).with_only_columns(DeliveryRow.number).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _narrow(only: Mapping[str, str | int | None]) -> Select[DeliveryRow]:
    wanted = {name: value for name, value in only.items() if value is not None}
    is_failing = wanted.get("state") == FAILING
    if is_failing:
        wanted["state"] = "waiting"
    listed = select(DeliveryRow).filter_by(**wanted).where(DeliveryRow.state != GATHERING)
    return listed.where(DeliveryRow.attempts > 0) if is_failing else listed


def count_events(session: Session, rows: Sequence[DeliveryRow]) -> dict[int, int]:
    """How many events each of these deliveries of kind "event" carries, by its `number`."""
    numbers = [row.number for row in rows if row.kind == "event"]
    count = func.json_array_length(DeliveryRow.payload, "$." + DeliveryRow.filter)
    query = select(DeliveryRow.number, count).where(DeliveryRow.number.in_(numbers))
    return {number: counted or 0 for number, counted in session.execute(query)} if numbers else {}


def get_delivery(session: Session, delivery_id: str) -> DeliveryRow | None:
    """By its stable id (`X-CMCDesk-Delivery`)."""
    return session.scalar(select(DeliveryRow).where(DeliveryRow.id == delivery_id))


def list_attempts(session: Session, delivery_number: int) -> list[AttemptRow]:
    """All attempts of one delivery, first one first."""
    query = select(AttemptRow).where(AttemptRow.delivery_number == delivery_number).order_by(AttemptRow.id)
    return list(session.scalars(query))


def list_last_attempts(session: Session, rows: Sequence[DeliveryRow]) -> dict[int, AttemptRow]:
    """The last attempt of each of these deliveries that had one, by its `number`; without request and answer."""
    newest = (
        select(func.max(AttemptRow.id))
        .where(AttemptRow.delivery_number.in_([row.number for row in rows]))
        .group_by(AttemptRow.delivery_number)
    )
    shown = load_only(AttemptRow.delivery_number, AttemptRow.status, AttemptRow.error, AttemptRow.milliseconds)
    query = select(AttemptRow).options(shown).where(AttemptRow.id.in_(newest))
    return {attempt.delivery_number: attempt for attempt in session.scalars(query)}


def retry_delivery(session: Session, delivery_id: str, at: float) -> bool:
    """Make a delivery due now, whatever became of it before, a delivered one too. False: there is none of that id."""
    again = {"state": "waiting", "due_at": at, "finished_at": None}
    query = update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(again).returning(DeliveryRow.filter)
    name = session.scalar(query)
    if name is not None:
        note_operation(session, "delivery", "resend", name, delivery_id)
    return name is not None


def list_waiting(session: Session) -> list[WaitingQueue]:
    """One entry for each filter that has waiting deliveries: one or two seeks each, however long the queues are."""
    queues: list[WaitingQueue] = []
    last = _find_queue(session)
    while last is not None:
        queues.append(last)
        # Not one comparison of the pair: SQLite would read through the whole composition for it.
        last = _find_queue(
            session, DeliveryRow.composition == last.composition, DeliveryRow.filter > last.filter
        ) or _find_queue(session, DeliveryRow.composition > last.composition)
    return queues


def _find_queue(session: Session, *beyond: ColumnElement[bool]) -> WaitingQueue | None:
    """The first queue of those beyond a place, and its first due delivery."""
    order = (DeliveryRow.composition, DeliveryRow.filter, DeliveryRow.due_at)
    query = select(*order).where(DeliveryRow.state == "waiting", *beyond).order_by(*order).limit(1)
    row = session.execute(query).one_or_none()
    return WaitingQueue(row[0], row[1], row[2] or 0.0) if row else None


def count_deliveries(session: Session, at: float) -> DeliveryCounts:
    """What the page's head shows; at: now, unix seconds."""
    waiting = session.scalar(select(func.count()).where(DeliveryRow.state == "waiting")) or 0
    oldest = min((queue.due_at for queue in list_waiting(session)), default=at)
    return DeliveryCounts(waiting, at - oldest if oldest < at else None)


def count_due_deliveries(session: Session, at: float) -> int:
    """How many could be sent now, counted up to MOST_COUNTED of each filter."""
    waiting = DeliveryRow.state == "waiting"
    due = 0
    for queue in list_waiting(session):
        of_queue = (DeliveryRow.composition == queue.composition, DeliveryRow.filter == queue.filter)
        some = select(DeliveryRow.number).where(waiting, *of_queue, DeliveryRow.due_at <= at).limit(MOST_COUNTED)
        due += session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return due


@dataclass(frozen=True, slots=True)
class Backlog:
    """The deliveries of one filter that wait. waiting: MOST_COUNTED + 1 stands for more than MOST_COUNTED; age: seconds
    since the oldest of them (of those that were counted) was queued; due_at: of the next attempt (unix seconds); last:
    the latest attempt of the delivery that is due first, None if there was none."""

    composition: str
    filter: str
    kind: str
    waiting: int
    age: float
    due_at: float
    last: AttemptRow | None


def list_backlogs(session: Session, at: float) -> list[Backlog]:
    """All queues that hold something, the oldest first; at: now, unix seconds."""
    oldest = session.scalar(
        select(DeliveryRow).where(DeliveryRow.state == "waiting").order_by(DeliveryRow.number).limit(1)
    )
    found = [_look_at(session, queue, oldest, at) for queue in list_waiting(session)]
    return sorted(found, key=lambda one: -one.age)


def _look_at(session: Session, queue: WaitingQueue, oldest: DeliveryRow | None, at: float) -> Backlog:
    """oldest: of all queues; a long queue is not read to its end for its own."""
    waits = (DeliveryRow.state == "waiting", DeliveryRow.composition == queue.composition)
    mine = select(DeliveryRow).where(*waits, DeliveryRow.filter == queue.filter).order_by(DeliveryRow.due_at)
    some = mine.with_only_columns(DeliveryRow.created_at).limit(MOST_COUNTED + 1).subquery()
    waiting, created_at = session.execute(select(func.count(), func.min(some.c.created_at))).one()
    if oldest is not None and (oldest.composition, oldest.filter) == (queue.composition, queue.filter):
        created_at = min(created_at, oldest.created_at)
    first = session.scalars(mine.limit(1)).one()
    attempts = list_attempts(session, first.number)
    last = attempts[-1] if attempts else None
    age = max(0.0, at - created_at)
    return Backlog(queue.composition, queue.filter, first.kind, waiting, age, queue.due_at, last)
