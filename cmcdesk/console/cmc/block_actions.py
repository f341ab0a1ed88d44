"""`blocks/list`, `download`, `delete`, `cancel`: CMC's API of 配信停止.

CMC documents the record, the search by email, removed, p and r, and that delete exempts for good where cancel lifts
this time only. What delete and cancel take, and answer, is ours: email or id, and the records of what was lifted; so is
the form of the download (CSV with the keys of the record, CRLF, UTF-8 with a mark for spreadsheets).
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import partial

from cmcdesk.console.cmc.actions import CALLER_NAMES, Action, Caller, Download, Lists
from cmcdesk.console.cmc.bounce_search import (
    LAST_PAGE,
    LONGEST_PAGE,
    PAGE_LENGTH,
    BadPeriod,
    demand_composition,
    read_days,
)
from cmcdesk.console.cmc.calls import (
    NOT_ALLOWED,
    REQUIRED,
    CmcError,
    CmcRefused,
    Parameters,
    read_integer,
    refuse_value,
)
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.spreadsheet import write_csv
from cmcdesk.console.suppression.suppression_api import lift
from cmcdesk.rules.suppression import fold_address
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import BlockQuery, Removal, find_active, get_block, list_blocks
from cmcdesk.store.desk.bounce_lists import write_block
from cmcdesk.store.desk.compositions import find_draft
from cmcdesk.store.desk.database import reading

BLOCK_REQUIRED = (*CALLER_NAMES, "server_composition")
SEARCHED = (*BLOCK_REQUIRED, "email", "removed", "start_date", "end_date")
BLOCK_RECORD = ("created", "email", "id", "occurred", "status")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
BATCH = 500


def answer_blocks(caller: Caller, given: Parameters) -> Lists:
    """`{"blocks": […]}`, newest first (ours). Raises CmcRefused."""
    limit = read_integer(given, "r", 1, LONGEST_PAGE, PAGE_LENGTH)
    skip = read_integer(given, "p", 0, LAST_PAGE, 0) * limit
    query = read_block_search(caller, given)
    with reading(current_services().engine) as session:
        rows = list_blocks(session, query, limit=limit, skip=skip)
    return {"blocks": [write_block(row, caller.zone) for row in rows]}


def download_blocks(caller: Caller, given: Parameters) -> Download:
    """All that is searched for, as CSV. Raises CmcRefused."""
    query = read_block_search(caller, given)
    lines = "".join(write_csv(BLOCK_RECORD, _list_records(query, caller.zone)))
    name = f"blocks-{query.composition}-{datetime.now(caller.zone):%Y%m%d-%H%M}.csv"
    return Download(name, "text/csv; charset=utf-8", lines.encode())


def _list_records(query: BlockQuery, zone: tzinfo) -> Iterator[list[str]]:
    with reading(current_services().engine) as session:
        before = None
        while rows := list_blocks(session, query, before, BATCH):
            before = rows[-1].number
            yield from (list(write_block(row, zone).values()) for row in rows)


def lift_block(how: Removal, caller: Caller, given: Parameters) -> Lists:
    """Free one address; the record of what was freed. Raises CmcRefused."""
    _demand_all(caller, given)
    composition = given["server_composition"]
    if "email" not in given and "id" not in given:
        raise CmcRefused(400, [CmcError(REQUIRED, "email", tell("is required, or id"))])
    with reading(current_services().engine) as session:
        draft = find_draft(session, composition)
        if draft is not None and draft.get("plan") == "standard":
            message = tell("addresses of the standard plan are freed by application")
            raise CmcRefused(403, [CmcError(NOT_ALLOWED, "server_composition", message)])
        by_id = get_block(session, given["id"]) if "id" in given else None
        row = by_id if "id" in given else find_active(session, composition, given["email"])
    if row is None or not _is_meant(row, given):
        raise refuse_value("id" if "id" in given else "email", tell("is not suppressed at this server composition"))
    return {"blocks": [write_block(one, caller.zone) for one in lift([row.id], how)]}


def _is_meant(row: BlockRow, given: Parameters) -> bool:
    """Whether a row is suppressed now, of that composition, and of that address where both are named."""
    same = "email" not in given or row.email == fold_address(given["email"])
    return row.removed_at is None and row.composition == given["server_composition"] and same


def read_block_search(caller: Caller, given: Parameters) -> BlockQuery:
    """Raises CmcRefused."""
    _demand_all(caller, given)
    removed = given.get("removed", "false").lower()
    if removed not in TRUTHS:
        raise refuse_value("removed", tell("must be one of %(listed)s", listed="true, false"))
    try:
        begin, end = read_days(given.get("start_date"), given.get("end_date"), caller.zone)
    except BadPeriod as bad:
        raise refuse_value(bad.field, bad.message) from None
    return BlockQuery(
        given["server_composition"], given.get("email"), removed=TRUTHS[removed], created_from=begin, created_until=end
    )


def _demand_all(caller: Caller, given: Parameters) -> None:
    demand_composition(given["server_composition"])
    if caller.own_only:
        message = tell("sees its own sent data only; suppressed addresses are those of the whole server composition")
        raise CmcRefused(403, [CmcError(NOT_ALLOWED, "api_user", message)])


BLOCK_ACTIONS = (
    Action(
        "blocks", "list", "CMC's own blocks API: list suppressed addresses, newest first.",
        BLOCK_REQUIRED, (*SEARCHED, "p", "r"), "blocks", BLOCK_RECORD, answer_blocks,
    ),
    Action(
        "blocks", "download", "The same list as CSV, all of it.",
        BLOCK_REQUIRED, SEARCHED, "blocks", BLOCK_RECORD, download_blocks,
    ),
    Action(
        "blocks", "delete", "Free an address for good: later errors never suppress it again.",
        BLOCK_REQUIRED, (*BLOCK_REQUIRED, "email", "id"), "blocks", BLOCK_RECORD, partial(lift_block, "deleted"),
    ),
    Action(
        "blocks", "cancel", "Free an address this time: later errors may suppress it again.",
        BLOCK_REQUIRED, (*BLOCK_REQUIRED, "email", "id"), "blocks", BLOCK_RECORD, partial(lift_block, "cancelled"),
    ),
)  # fmt: skip
