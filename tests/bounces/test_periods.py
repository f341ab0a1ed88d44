"""CMC's periods in seconds."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cmcdesk.bounces.periods import BadPeriod, read_days, read_moment

TOKYO = ZoneInfo("Asia/Tokyo")


def seconds(*parts: int) -> float:
    return datetime(*parts, tzinfo=TOKYO).timestamp()  # type: ignore[misc]


def test_days_are_inclusive() -> None:
    assert read_days("2026-11-01", "2026-11-02", TOKYO) == (seconds(2026, 11, 1), seconds(2026, 11, 3))
    assert read_days(None, "2026-11-02", TOKYO) == (None, seconds(2026, 11, 3))
    assert read_days(None, None, TOKYO) == (None, None)


def test_one_day_one_hour_one_minute() -> None:
    assert read_moment("2026-11-01", None, None, TOKYO) == (seconds(2026, 11, 1), seconds(2026, 11, 2))
    assert read_moment("2026-11-01", "0", None, TOKYO) == (seconds(2026, 11, 1), seconds(2026, 11, 1, 1))
    assert read_moment("2026-11-01", "23", "59", TOKYO) == (seconds(2026, 11, 1, 23, 59), seconds(2026, 11, 2))


@pytest.mark.parametrize(
    ("day", "hour", "minute", "field"),
    [
        ("2026-13-01", None, None, "date"),
        ("01/11/2026", None, None, "date"),
        ("0001-01-01", None, None, "date"),
        ("2026-11-01", "24", None, "hour"),
        ("2026-11-01", "²", None, "hour"),
        ("2026-11-01", "1", "60", "minute"),
        ("2026-11-01", None, "5", "minute"),
    ],
)
def test_what_names_no_period_is_named(day: str, hour: str | None, minute: str | None, field: str) -> None:
    with pytest.raises(BadPeriod) as raised:
        read_moment(day, hour, minute, TOKYO)
    assert raised.value.field == field


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(BadPeriod) as raised:
        read_days("2026-11-02", "2026-11-01", TOKYO)
    assert raised.value.field == "start_date"
