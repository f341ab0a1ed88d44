"""Counts of what happened to mails on their way out: by minute for 配信グラフ, by quarter of an hour for 配信統計,
whose days are those of any time zone. Kept with the events (`outbound_events`): nobody counts them afterwards.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from cmcdesk.store.desk.models import DeskBase

MINUTE, QUARTER = 60, 900  # seconds: the spans that are counted by
BLOCKED_STATUSES = (10, 11)  # CMC's error statuses of mails that were not sent: suppressed, unsubscribed


class OutboundCountRow(DeskBase):
    """Events of one minute or quarter of an hour. slot: when it begins, seconds since 1970. blocked: failed without
    being sent (配信停止), not among `failed`."""

    __tablename__ = "outbound_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    composition: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    api_user: Mapped[str] = mapped_column(primary_key=True)
    queued: Mapped[int]
    succeeded: Mapped[int]
    failed: Mapped[int]
    deferred: Mapped[int]
    blocked: Mapped[int]


@dataclass(frozen=True, slots=True)
class CountedEvent:
    """What is counted of one event."""

    at: float
    composition: str
    api_user: str
    status: str
    error_status: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How often what happened."""

    queued: int = 0
    succeeded: int = 0
    failed: int = 0
    deferred: int = 0
    blocked: int = 0

    @property
    def valid(self) -> int:
        """有効配信数: success and error, without what was suppressed."""
        return self.succeeded + self.failed

    @property
    def error_rate(self) -> float | None:
        """エラー率; None: nothing was sent."""
        return self.failed / self.valid if self.valid else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in COUNTED))


COUNTED = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, slots=True)
class Slots:
    """Which slots are asked for: from `begin` on, before `end` (unix seconds). api_user None: those of all."""

    span: int
    begin: float
    end: float
    api_user: str | None = None


def add_counts(session: Session, events: Iterable[CountedEvent], step: int = 1) -> None:
    """Count them, in the caller's transaction; step -1 takes them back."""
    found: dict[tuple[str, int, int, str], Counter[str]] = {}
    for one in events:
        name = "blocked" if one.status == "failed" and one.error_status in BLOCKED_STATUSES else one.status
        for span in (MINUTE, QUARTER):
            key = (one.composition, span, int(one.at // span) * span, one.api_user)
            found.setdefault(key, Counter())[name] += step
    if not found:
        return
    adding = insert(OutboundCountRow)
    table = OutboundCountRow.__table__.c
    summed = {name: table[name] + adding.excluded[name] for name in COUNTED}
    adding = adding.on_conflict_do_update(index_elements=["composition", "span", "slot", "api_user"], set_=summed)
    rows = [
        dict(zip(("composition", "span", "slot", "api_user"), key, strict=True))
        | {name: counter[name] for name in COUNTED}
        for key, counter in sorted(found.items())
    ]
    session.connection().execute(adding, rows)


def list_counts(session: Session, compositions: Sequence[str], slots: Slots) -> list[tuple[int, Counts]]:
    """Slot → its counts, summed over compositions and API users, in the order of time; slots without events are left
    out."""
    sums = [func.sum(getattr(OutboundCountRow, name)) for name in COUNTED]
    query = (
        select(OutboundCountRow.slot, *sums)
        .where(OutboundCountRow.composition.in_(compositions), OutboundCountRow.span == slots.span)
        .where(OutboundCountRow.slot >= slots.begin, OutboundCountRow.slot < slots.end)
        .group_by(OutboundCountRow.slot)
        .order_by(OutboundCountRow.slot)
    )
    if slots.api_user is not None:
        query = query.where(OutboundCountRow.api_user == slots.api_user)
    return [(row[0], Counts(*row[1:])) for row in session.execute(query)]


def list_counted_compositions(session: Session) -> list[str]:
    """The compositions that have counts, removed ones too: what they sent stays in the delivery log."""
    found: list[str] = []
    column = OutboundCountRow.composition
    name = session.scalar(select(func.min(column)))
    while name is not None:  # a seek each: the table has a row a minute
        found.append(name)
        name = session.scalar(select(func.min(column)).where(column > name))
    return found


def list_counting_users(session: Session, compositions: Sequence[str]) -> list[str]:
    """The API users who have counts, "" among them where mails came without one."""
    found: set[str] = set()
    for name in compositions:
        query = select(OutboundCountRow.api_user).distinct()
        query = query.where(OutboundCountRow.composition == name, OutboundCountRow.span == QUARTER)
        found.update(session.scalars(query))
    return sorted(found)


def list_days(
    session: Session, compositions: Sequence[str], month: tuple[int, int], zone: tzinfo, api_user: str | None = None
) -> list[tuple[date, Counts]]:
    """Each day of a month (year, month) of a time zone with its counts, days without events too."""
    first = date(*month, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    days = {first + timedelta(days=number): Counts() for number in range((following - first).days)}
    slots = Slots(QUARTER, _midnight(first, zone), _midnight(following, zone), api_user)
    for slot, counts in list_counts(session, compositions, slots):
        day = datetime.fromtimestamp(slot, zone).date()
        days[day] = days[day] + counts
    return list(days.items())


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
