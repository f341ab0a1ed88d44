"""`deliveries/list`, `statistics/list`, `unsubscribes/list`: the delivery report as CMC's API gives it. Ours is said to
be ours.

Dates are read and answered in the time zone of the API user; one who sees only what itself sent gets that alone.
"""

from datetime import datetime

from cmcdesk.console.cmc.actions import Action, Caller, Lists
from cmcdesk.console.cmc.bounce_search import (
    LAST_PAGE,
    LONGEST_PAGE,
    PAGE_LENGTH,
    REQUIRED_NAMES,
    BadPeriod,
    demand_composition,
    read_days,
    read_moment,
    read_options,
)
from cmcdesk.console.cmc.calls import Parameters, read_integer, refuse_value
from cmcdesk.console.frame.current import current_services
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.outbound_counts import COUNTED, Counts, list_counted_compositions, list_days
from cmcdesk.store.desk.outbound_event_lists import OutboundEventQuery, list_event_rows, write_delivery
from cmcdesk.store.desk.outbound_events import OUTBOUND_STATES

DELIVERY_NAMES = (
    *REQUIRED_NAMES, "date", "hour", "minute", "status", "from", "to", "api_data", "p", "r", "search_option",
)  # fmt: skip
DELIVERY_RECORD = (
    "created", "status", "reason", "sourceIp", "senderIp", "from", "returnPath", "to", "messageId", "subject",
    "apiData",
)  # fmt: skip
CALLER_AND_MONTH = ("api_user", "api_key", "year", "month")
TOLD_COUNTS = tuple(name for name in COUNTED if name != "deferred")
EARLIEST_YEAR, LATEST_YEAR = 1971, 9998


def answer_deliveries(caller: Caller, given: Parameters) -> Lists:
    """`{"deliveries": […]}`, an event a record, newest first (ours). Raises CmcRefused."""
    query = read_delivery_query(caller, given)
    demand_composition(query.composition)
    limit = read_integer(given, "r", 1, LONGEST_PAGE, PAGE_LENGTH)
    skip = read_integer(given, "p", 0, LAST_PAGE, 0) * limit
    with reading(current_services().engine) as session:
        found = list_event_rows(session, query, limit, skip)
        return {"deliveries": [write_delivery(event, row, caller.zone) for event, row in found]}


def read_delivery_query(caller: Caller, given: Parameters) -> OutboundEventQuery:
    """Raises CmcRefused."""
    try:
        begin, end = read_moment(given["date"], given.get("hour"), given.get("minute"), caller.zone)
    except BadPeriod as bad:
        raise refuse_value(bad.field, bad.message) from None
    if given["date"] > datetime.now(caller.zone).date().isoformat():
        raise refuse_value("date", tell("must not be in the future"))
    status = given.get("status")
    if status is not None and status not in OUTBOUND_STATES:
        raise refuse_value("status", tell("must be one of %(listed)s", listed=", ".join(OUTBOUND_STATES)))
    return OutboundEventQuery(
        composition=given["server_composition"],
        begin=begin,
        end=end,
        status=status,
        api_user=caller.api_user if caller.own_only else None,
        header_from=given.get("from"),
        recipient=given.get("to"),
        api_data=given.get("api_data"),
        exactly=read_options(given),
    )


def answer_statistics(caller: Caller, given: Parameters) -> Lists:
    """`{"statistics": […]}`: the days of a month up to today, or one record, "total". Raises CmcRefused."""
    month = (
        read_integer(given, "year", EARLIEST_YEAR, LATEST_YEAR, EARLIEST_YEAR),
        read_integer(given, "month", 1, 12, 1),
    )
    name = given.get("server_composition")
    if name is not None:
        demand_composition(name)
    total = given.get("total", "false").lower()
    if total not in ("true", "false"):
        raise refuse_value("total", tell("must be one of %(listed)s", listed="true, false"))
    with reading(current_services().engine) as session:
        names = [name] if name is not None else list_counted_compositions(session)
        days = list_days(session, names, month, caller.zone, caller.api_user if caller.own_only else None)
    today = datetime.now(caller.zone).date()
    if total == "true":
        return {"statistics": [write_statistic("total", sum((counts for _, counts in days), Counts()))]}
    return {"statistics": [write_statistic(day.isoformat(), counts) for day, counts in days if day <= today]}


def write_statistic(date: str, counts: Counts) -> dict[str, str | int]:
    """One record: numbers, not strings."""
    return {"date": date} | {name: getattr(counts, name) for name in TOLD_COUNTS} | {"valid": counts.valid}


def answer_unsubscribes(caller: Caller, given: Parameters) -> Lists:
    """`{"unsubscribes": []}`: nobody unsubscribes here (購読解除 is an option of CMC that is not simulated). What is
    asked is checked nevertheless. Raises CmcRefused."""
    demand_composition(given["server_composition"])
    try:
        read_days(given.get("start_date"), given.get("end_date"), caller.zone)
    except BadPeriod as bad:
        raise refuse_value(bad.field, bad.message) from None
    read_integer(given, "r", 1, LONGEST_PAGE, PAGE_LENGTH)
    read_integer(given, "p", 0, LAST_PAGE, 0)
    return {"unsubscribes": []}


DELIVERIES_LIST = Action(
    "deliveries", "list", "CMC's own deliveries API: list what happened to mails, an event a record, newest first.",
    (*REQUIRED_NAMES, "date"), DELIVERY_NAMES, "deliveries", DELIVERY_RECORD, answer_deliveries,
)  # fmt: skip
STATISTICS_LIST = Action(
    "statistics", "list", "CMC's own statistics API: the days of a month, in numbers.",
    CALLER_AND_MONTH, (*CALLER_AND_MONTH, "server_composition", "total"), "statistics",
    ("date", *TOLD_COUNTS, "valid"), answer_statistics,
)  # fmt: skip
UNSUBSCRIBES_LIST = Action(
    "unsubscribes", "list", "CMC's own unsubscribes API: always an empty list, since nobody unsubscribes here.",
    REQUIRED_NAMES, (*REQUIRED_NAMES, "email", "filter_name", "start_date", "end_date", "p", "r"), "unsubscribes",
    ("created", "email", "filtername"), answer_unsubscribes,
)  # fmt: skip
REPORT_ACTIONS = (DELIVERIES_LIST, STATISTICS_LIST, UNSUBSCRIBES_LIST)
