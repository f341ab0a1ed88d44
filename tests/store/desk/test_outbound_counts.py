"""Counts by minute and quarter of an hour, and the days of any time zone that they make."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.outbound_counts import (
    MINUTE,
    QUARTER,
    CountedEvent,
    Counts,
    Slots,
    add_counts,
    list_counted_compositions,
    list_counting_users,
    list_counts,
    list_days,
)

from .test_outbound import engine

__all__ = ["engine"]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def count(engine: Engine, *events: CountedEvent, step: int = 1) -> None:
    with transaction(engine) as session:
        add_counts(session, events, step)


def test_slots_are_summed_over_users_and_compositions(engine: Engine) -> None:
    count(engine)
    count(engine, CountedEvent(100.0, "pro", "a@x", "queued", None), CountedEvent(119.9, "pro", "b@x", "queued", None))
    count(engine, CountedEvent(120.0, "pro", "a@x", "failed", 2), CountedEvent(120.0, "pro", "a@x", "failed", 10))
    count(engine, CountedEvent(120.0, "other", "", "failed", 11))
    with reading(engine) as session:
        minutes = list_counts(session, ["pro"], Slots(MINUTE, 0.0, 200.0))
        assert minutes == [(60, Counts(queued=2)), (120, Counts(failed=1, blocked=1))]
        assert list_counts(session, ["pro"], Slots(MINUTE, 0.0, 120.0, "a@x")) == [(60, Counts(queued=1))]
        assert list_counts(session, ["pro", "other"], Slots(QUARTER, 0.0, 900.0)) == [
            (0, Counts(queued=2, failed=1, blocked=2))
        ]
        assert list_counts(session, [], Slots(QUARTER, 0.0, 900.0)) == []
        assert list_counted_compositions(session) == ["other", "pro"]
        assert list_counting_users(session, ["pro", "other"]) == ["", "a@x", "b@x"]
    count(engine, CountedEvent(100.0, "pro", "a@x", "queued", None), step=-1)
    with reading(engine) as session:
        assert list_counts(session, ["pro"], Slots(MINUTE, 0.0, 100.0)) == [(60, Counts(queued=1))]


def test_days_are_those_of_the_time_zone(engine: Engine) -> None:
    instants = ("2026-01-31T14:59", "2026-01-31T15:00", "2026-02-28T14:59", "2026-02-28T15:00", "2026-02-10T03:00")
    count(engine, *(CountedEvent(at(text), "pro", "u", "succeeded", None) for text in instants))
    with reading(engine) as session:
        tokyo = list_days(session, ["pro"], (2026, 2), ZoneInfo("Asia/Tokyo"))
        assert len(tokyo) == 28
        assert [(day.day, counts.succeeded) for day, counts in tokyo if counts.succeeded] == [(1, 1), (10, 1), (28, 1)]
        kathmandu = dict(list_days(session, ["pro"], (2026, 1), ZoneInfo("Asia/Kathmandu"), "u"))  # UTC+5:45
        assert kathmandu[date(2026, 1, 31)].succeeded == 2
        assert not any(counts.queued for _, counts in list_days(session, ["pro"], (2026, 2), UTC, "nobody"))


def test_what_is_billed_and_the_rate_of_errors() -> None:
    counts = Counts(queued=12, succeeded=6, failed=2, deferred=9, blocked=1) + Counts(queued=1)
    assert (counts.queued, counts.valid, counts.error_rate) == (13, 8, 0.25)
    assert Counts(blocked=3).error_rate is None
