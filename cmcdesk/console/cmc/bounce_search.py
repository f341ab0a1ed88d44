"""`bounces/list`: the parameters of CMC's bounces API as a query of our bounces. Ours is said to be ours.

CMC's ways of naming a period in searches: whole days, or one day narrowed to an hour and a minute.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from cmcdesk.console.cmc.calls import (
    REQUIRED,
    CmcError,
    CmcRefused,
    Parameters,
    check_names,
    read_integer,
    refuse_value,
)
from cmcdesk.rules.texts import both
from cmcdesk.store.desk.bounce_lists import BounceQuery
from cmcdesk.store.desk.bounces import ERROR_STATUSES


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


ZONE = ZoneInfo("Asia/Tokyo")  # ours: of `created` and of the dates that are searched; CMC names none for its API
PAGE_LENGTH, LONGEST_PAGE = 10, 100  # CMC's (documented for blocks)
LAST_PAGE = 10_000_000

REQUIRED_NAMES = ("api_user", "api_key", "server_composition")
NAMES = (
    *REQUIRED_NAMES, "from", "to", "email", "api_data", "status", "start_date", "end_date", "date", "hour", "minute",
    "p", "r", "search_option",
)  # fmt: skip
TEXTS = {"from": "header_from", "to": "recipient", "api_data": "api_data"}

JAPANESE = {  # what `bounces.periods` says
    "is after end_date": "end_date より後の日付です",
    "needs an hour": "hour も指定してください",
    "is no date of the form yyyy-mm-dd": "yyyy-mm-dd の形の日付を指定してください",
    "is no date between 1971 and 9998": "1971 年から 9998 年までの日付を指定してください",
    "is no number from 0 to 23": "0 から 23 までの整数を指定してください",
    "is no number from 0 to 59": "0 から 59 までの整数を指定してください",
}


@dataclass(frozen=True)
class BounceSearch:
    """What is looked for, and which rows of it: `limit` after the first `skip`."""

    query: BounceQuery
    skip: int
    limit: int


def read_search(given: Parameters) -> BounceSearch:
    """Raises CmcRefused."""
    check_names(given, REQUIRED_NAMES, NAMES)
    created_from, created_until = _read_period(given)
    limit = read_integer(given, "r", 1, LONGEST_PAGE, PAGE_LENGTH)
    query = BounceQuery(
        composition=given["server_composition"],
        header_from=given.get("from"),
        recipient=given.get("to", given.get("email")),  # older clients say email; that it is the recipient is ours
        api_data=given.get("api_data"),
        exactly=_read_options(given),
        error_status=_read_status(given),
        final=True,
        created_from=created_from,
        created_until=created_until,
    )
    return BounceSearch(query, read_integer(given, "p", 0, LAST_PAGE, 0) * limit, limit)


def _read_status(given: Parameters) -> int | None:
    text = given.get("status")
    if text is None:
        return None
    allowed = {str(number): number for number in ERROR_STATUSES}
    if text not in allowed:
        listed = ", ".join(allowed)
        raise refuse_value("status", f"{listed} のいずれかを指定してください", f"must be one of {listed}")
    return allowed[text]


def _read_period(given: Parameters) -> tuple[float | None, float | None]:
    """Of start_date, end_date, date, hour and minute, all that are given must hold (ours)."""
    try:
        begin, end = read_days(given.get("start_date"), given.get("end_date"), ZONE)
        if "date" not in given:
            _check_no_clock(given)
            return begin, end
        first, last = read_moment(given["date"], given.get("hour"), given.get("minute"), ZONE)
    except BadPeriod as bad:
        reason = str(bad).partition(": ")[2].partition(" (given")[0]
        raise refuse_value(bad.field, JAPANESE.get(reason, reason), reason) from None
    return max(first, begin or first), min(last, end or last)


def _check_no_clock(given: Parameters) -> None:
    needed = both("hour と minute には date も指定してください", "is required where hour or minute is given")
    if "hour" in given or "minute" in given:
        raise CmcRefused(400, [CmcError(REQUIRED, "date", needed)])


def _read_options(given: Parameters) -> frozenset[str]:
    """search_option `{"from": "full"}`: the columns whose whole value is compared."""
    text = given.get("search_option")
    if text is None:
        return frozenset()
    try:
        options = json.loads(text)
    except (ValueError, RecursionError):
        options = None
    if not isinstance(options, dict) or any(name not in TEXTS or how != "full" for name, how in options.items()):
        raise refuse_value(
            "search_option",
            'from・to・api_data を名前とする {"from": "full"} の形のオブジェクトを指定してください',
            'must be an object such as {"from": "full"}, its names from, to or api_data',
        )
    return frozenset(TEXTS[name] for name in options)
