"""`bounces/list`: the parameters of CMC's bounces API as a query of our bounces. Ours is said to be ours.

Dates are read and answered in the time zone of the API user.

Periods are named in CMC's ways: whole days, or one day narrowed to an hour and a minute.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from cmcdesk.console.cmc.actions import Action, Caller, Lists
from cmcdesk.console.cmc.calls import (
    REQUIRED,
    UNKNOWN_COMPOSITION,
    CmcError,
    CmcRefused,
    Parameters,
    read_integer,
    refuse_value,
)
from cmcdesk.console.frame.current import current_services
from cmcdesk.rules.texts import Text, tell
from cmcdesk.store.desk.bounce_lists import BounceQuery, list_bounces, write_record
from cmcdesk.store.desk.bounces import ERROR_STATUSES
from cmcdesk.store.desk.compositions import list_compositions
from cmcdesk.store.desk.database import reading

LAST_PAGE = 10_000_000

REQUIRED_NAMES = ("api_user", "api_key", "server_composition")
NAMES = (
    *REQUIRED_NAMES, "from", "to", "email", "api_data", "status", "start_date", "end_date", "date", "hour", "minute",
    "p", "r", "search_option",
)  # fmt: skip
RECORD = ("created", "status", "from", "to", "messageId", "returnPath", "subject", "apiData", "reason")
TEXTS = {"from": "header_from", "to": "recipient", "api_data": "api_data"}


class BadPeriod(ValueError):
    """A parameter that names no period. field: its name at CMC; given: its value; message: what is allowed."""

    def __init__(self, field: str, given: str, message: Text) -> None:
        super().__init__(f"{field}: {message['en']} (given: {given!r})")
        self.field, self.given, self.message = field, given, message


def read_days(start: str | None, end: str | None, zone: tzinfo) -> tuple[float | None, float | None]:
    """start_date and end_date (yyyy-mm-dd, both inclusive, in the zone) → unix seconds from, until (exclusive)."""
    first = _read_day("start_date", start) if start else None
    last = _read_day("end_date", end) if end else None
    if first and last and first > last:
        raise BadPeriod("start_date", start or "", tell("is after end_date"))
    return (
        _midnight(first, zone) if first else None,
        _midnight(last + timedelta(days=1), zone) if last else None,
    )


def read_moment(day: str, hour: str | None, minute: str | None, zone: tzinfo) -> tuple[float, float]:
    """date, hour (0-23) and minute (0-59) → unix seconds from, until (exclusive). A minute needs an hour."""
    at = _read_day("date", day)
    if minute and not hour:
        raise BadPeriod("minute", minute, tell("needs an hour"))
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
        raise BadPeriod(field, given, tell("is no date of the form yyyy-mm-dd")) from error
    if not 1970 < found.year < 9999:
        raise BadPeriod(field, given, tell("is no date between 1971 and 9998"))
    return found


def _read_number(field: str, given: str, highest: int) -> int:
    if not (given.isascii() and given.isdigit() and int(given[:4]) <= highest and len(given) <= 2):
        raise BadPeriod(field, given, tell("is no number from 0 to %(highest)s", highest=highest))
    return int(given)


PAGE_LENGTH, LONGEST_PAGE = 10, 100  # CMC's (documented for blocks)


@dataclass(frozen=True)
class BounceSearch:
    """What is looked for, and which rows of it: `limit` after the first `skip`."""

    query: BounceQuery
    skip: int
    limit: int


def answer_bounces(caller: Caller, given: Parameters) -> Lists:
    """`{"bounces": […]}`, newest first (ours); an empty list where nothing is found. Raises CmcRefused."""
    search = read_search(given, caller.zone)
    demand_composition(search.query.composition or "")
    query = replace(search.query, sent_by=caller.api_user if caller.own_only else None)
    with reading(current_services().engine) as session:
        rows = list_bounces(session, query, limit=search.limit, skip=search.skip)
        return {"bounces": [write_record(row, caller.zone) for row in rows]}


def demand_composition(name: str) -> None:
    """That there is such a composition. Raises CmcRefused."""
    with reading(current_services().engine) as session:
        if all(row.name != name for row in list_compositions(session)):
            message = tell("there is no such server composition")
            raise CmcRefused(400, [CmcError(UNKNOWN_COMPOSITION, "server_composition", message)])


BOUNCES_LIST = Action(
    "bounces", "list", "CMC's own bounces API: list the final bounces, newest first.",
    REQUIRED_NAMES, NAMES, "bounces", RECORD, answer_bounces,
)  # fmt: skip


def read_search(given: Parameters, zone: tzinfo) -> BounceSearch:
    """zone: of the dates. Raises CmcRefused."""
    created_from, created_until = _read_period(given, zone)
    limit = read_integer(given, "r", 1, LONGEST_PAGE, PAGE_LENGTH)
    query = BounceQuery(
        composition=given["server_composition"],
        header_from=given.get("from"),
        recipient=given.get("to", given.get("email")),  # older clients say email; that it is the recipient is ours
        api_data=given.get("api_data"),
        exactly=read_options(given),
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
        raise refuse_value("status", tell("must be one of %(listed)s", listed=listed))
    return allowed[text]


def _read_period(given: Parameters, zone: tzinfo) -> tuple[float | None, float | None]:
    """Of start_date, end_date, date, hour and minute, all that are given must hold (ours)."""
    try:
        begin, end = read_days(given.get("start_date"), given.get("end_date"), zone)
        if "date" not in given:
            _check_no_clock(given)
            return begin, end
        first, last = read_moment(given["date"], given.get("hour"), given.get("minute"), zone)
    except BadPeriod as bad:
        raise refuse_value(bad.field, bad.message) from None
    return max(first, begin or first), min(last, end or last)


def _check_no_clock(given: Parameters) -> None:
    needed = tell("is required where hour or minute is given")
    if "hour" in given or "minute" in given:
        raise CmcRefused(400, [CmcError(REQUIRED, "date", needed)])


def read_options(given: Parameters) -> frozenset[str]:
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
            tell('must be an object such as {"from": "full"}, its names from, to or api_data'),
        )
    return frozenset(TEXTS[name] for name in options)
