"""CMC's ways of naming a period in searches: whole days, or one day narrowed to an hour and a minute."""

from datetime import date, datetime, time, timedelta, tzinfo


class BadPeriod(ValueError):
    """A parameter that names no period. field: its name at CMC; given: its value."""

    def __init__(self, field: str, given: str, reason: str) -> None:
        super().__init__(f"{field}: {reason} (given: {given!r})")
        self.field, self.given, self.reason = field, given, reason


def read_days(start: str | None, end: str | None, zone: tzinfo) -> tuple[float | None, float | None]:
    """start_date and end_date (yyyy-mm-dd, both inclusive, in the zone) → unix seconds from, until (exclusive)."""
    first = _read_day("start_date", start) if start else None
    last = _read_day("end_date", end) if end else None
    if first and last and first > last:
        raise BadPeriod("start_date", start or "", "is after end_date")
    return (
        _midnight(first, zone) if first else None,
        _midnight(last + timedelta(days=1), zone) if last else None,
    )


def read_moment(day: str, hour: str | None, minute: str | None, zone: tzinfo) -> tuple[float, float]:
    """date, hour (0-23) and minute (0-59) → unix seconds from, until (exclusive). A minute needs an hour."""
    at = _read_day("date", day)
    if minute and not hour:
        raise BadPeriod("minute", minute, "needs an hour")
    if not hour:
        return _midnight(at, zone), _midnight(at + timedelta(days=1), zone)
    clock = time(_read_number("hour", hour, 23), _read_number("minute", minute, 59) if minute else 0)
    begin = datetime.combine(at, clock, zone).timestamp()
    return begin, begin + (60 if minute else 3600)


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()


def _read_day(field: str, given: str) -> date:
    try:
        found = datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError as error:
        raise BadPeriod(field, given, "is no date of the form yyyy-mm-dd") from error
    if not 1970 < found.year < 9999:
        raise BadPeriod(field, given, "is no date between 1971 and 9998")
    return found


def _read_number(field: str, given: str, highest: int) -> int:
    if not (given.isascii() and given.isdigit() and int(given[:4]) <= highest and len(given) <= 2):
        raise BadPeriod(field, given, f"is no number from 0 to {highest}")
    return int(given)
