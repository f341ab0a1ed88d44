"""What waits for endpoints that cannot follow: each queue with its length, its age, and why it does not move."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.store.desk.deliveries import WaitingQueue, list_attempts, list_waiting
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

MOST_COUNTED = 10_000  # of one queue: a page must not take longer because nothing is delivered


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
