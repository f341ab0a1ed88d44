"""What happened becomes events of the event webhook: queued in the transaction that records it, gathered into lists,
closed by the worker's tick."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.rules.settings.webhooks import EventType
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.bounce_lists import write_block, write_record
from cmcdesk.store.desk.compositions import find_applied, list_compositions
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.delivery_queue import LOG_ID_SHOWN, EventList, close_gathered, find_gathering_end, gather_events
from cmcdesk.store.desk.kept import KeptReading
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.desk.outbound_event_lists import find_rows, write_delivery
from cmcdesk.store.desk.outbound_events import OutboundEvent
from cmcdesk.webhook.payload import shape_event_bounce, shape_event_delivery

EVENT_TYPE: EventType = "bounces"

Now = Callable[[], float]

#: Writes the events as a version of the event data has them, with dates in this zone: called only where somebody asks.
Shape = Callable[[ZoneInfo, int], Sequence[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class EventSource:
    """Whose events, and of which type."""

    composition: str
    event_type: EventType


def queue_events(session: Session, source: EventSource, shape: Shape, list_id: str, at: float) -> bool:
    """Queue events where the composition's applied settings ask for this type; whether they do.

    In the caller's transaction, which must have begun to write. list_id: stable, never used before; lists that begin
    here carry it with a number. at: now, unix seconds."""
    composition = next((row for row in list_compositions(session) if row.name == source.composition), None)
    applied = find_applied(session, composition) if composition else None
    asked = applied.get("event_webhook") if applied else None
    if not asked or not asked.get(source.event_type) or composition is None or composition.applied_number is None:
        return False
    which = EventList(source.composition, composition.applied_number, source.event_type)
    gather_events(session, which, shape(ZoneInfo(asked["time_zone"]), asked["version"]), list_id, at)
    return True


def queue_bounce_events(session: Session, rows: Sequence[BounceRow], now: Now = time.time) -> None:
    """Queue an event for each final bounce of the compositions whose applied settings ask for it.

    For `BounceReader`: within its transaction, with the rows that it adds. Delay notices are no bounces at CMC."""
    final = sorted((row for row in rows if row.final), key=lambda row: row.composition)  # stable: else in their order
    for name, group in groupby(final, key=lambda row: row.composition):
        bounces = list(group)

        def shape(zone: ZoneInfo, version: int, bounces: list[BounceRow] = bounces) -> list[dict[str, str]]:
            return [shape_event_bounce(write_record(row, zone), version) for row in bounces]

        queue_events(session, EventSource(name, EVENT_TYPE), shape, name_list(bounces[0]), now())


def queue_block_events(session: Session, rows: Sequence[BlockRow], now: Now = time.time) -> None:
    """The same for addresses that are suppressed; rows: of one composition. CMC has them in version 2 only, its keys
    are not known: ours are those of its blocks API."""

    def shape(zone: ZoneInfo, _version: int) -> list[dict[str, str]]:
        return [write_block(row, zone) for row in rows]

    queue_events(session, EventSource(rows[0].composition, "blocks"), shape, f"blocks-{rows[0].id}", now())


def queue_delivery_events(session: Session, events: Sequence[OutboundEvent], now: Now = time.time) -> None:
    """Queue what happened to mails on their way out, for the compositions that ask for it.

    For whoever changes the outbound queue: within its transaction, with the events that it records."""
    ordered = sorted(events, key=lambda event: event.composition)  # stable: else in their order
    for name, group in groupby(ordered, key=lambda event: event.composition):
        own = list(group)

        def shape(zone: ZoneInfo, version: int, own: list[OutboundEvent] = own) -> list[dict[str, str]]:
            rows = find_rows(session, own)
            return [
                shape_event_delivery(write_delivery(event, rows[event.outbound_id], zone), version) for event in own
            ]

        first = own[0]
        list_id = f"delivery-{first.outbound_id}-{first.status}-{round(first.at * 1000)}"
        queue_events(session, EventSource(name, "deliveries"), shape, list_id, now())


def name_list(first: BounceRow) -> str:
    """The stable id of lists that begin with this bounce: a mail is read once, so it is never used again."""
    return f"{first.log_id[:LOG_ID_SHOWN]}-event-{first.mail_id}-{first.ordinal}"


class EventCloser:
    """Closes lists of events whose second is over, and wakes who sends them."""

    def __init__(self, engine: Engine, wake: Callable[[], None] | None = None, now: Now = time.time) -> None:
        self._engine = engine
        self._wake = wake
        self._now = now
        self._end = KeptReading(engine, find_gathering_end)

    def tick(self) -> None:
        """Cheap while nothing gathers. Lists that a kill left behind are closed by the next worker."""
        end = self._end.get()
        if end is None or end > self._now():
            return
        with transaction(self._engine) as session:
            closed = close_gathered(session, self._now())
        if closed and self._wake:
            self._wake()

    def stop(self, seconds: float) -> None:
        """Nothing to end: what gathers stands in desk.db."""
        self._end.close()
