"""`auditlogs/list` and `auditlogs/download`: the operation log by CMC's API, for API group administrators.

Every value is a string; what the values say is ours, their names are CMC's."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from cmcdesk.console.audit.audit_page import FUNCTIONS, LONGEST_SPAN_DAYS, OPERATIONS
from cmcdesk.console.cmc.actions import CALLER_NAMES, Action, Caller, Download, Lists
from cmcdesk.console.cmc.bounce_search import LAST_PAGE, LONGEST_PAGE, PAGE_LENGTH, BadPeriod, read_days
from cmcdesk.console.cmc.calls import Parameters, choose_answer_language, read_integer, refuse_value
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.spreadsheet import write_csv
from cmcdesk.rules.texts import tell, translate
from cmcdesk.store.desk.audit import AuditQuery, LoginRow, OperationRow, list_audit
from cmcdesk.store.desk.bounce_lists import write_created
from cmcdesk.store.desk.database import reading

REQUIRED_NAMES = (*CALLER_NAMES, "type")
PERIOD_NAMES = (*REQUIRED_NAMES, "account", "start_date", "end_date")
NAMES = (*PERIOD_NAMES, "p", "r")
LOGIN_RECORD = ("account", "code", "created", "ipaddress", "reason", "result")
OPERATION_RECORD = ("account", "created", "name", "function", "operation")
BATCH = 500
TYPES = ("login", "operation")


def answer_audit_logs(caller: Caller, given: Parameters) -> Lists:
    """`{"loginlogs": […]}` or `{"operationlogs": […]}`, newest first (ours). Raises CmcRefused."""
    check_type(given)
    query = read_audit_query(given, caller.zone)
    limit = read_integer(given, "r", 1, LONGEST_PAGE, PAGE_LENGTH)
    skip = read_integer(given, "p", 0, LAST_PAGE, 0) * limit
    with reading(current_services().engine) as session:
        if given["type"] == "login":
            logins = list_audit(session, LoginRow, query, limit, skip)
            return {"loginlogs": write_logins(logins, caller.zone)}
        operations = list_audit(session, OperationRow, query, limit, skip)
        return {"operationlogs": write_operations(operations, caller.zone, choose_answer_language())}


def download_audit_logs(caller: Caller, given: Parameters) -> Download:
    """All that is searched for, as one CSV in a ZIP file, packed while it is read. Raises CmcRefused."""
    check_type(given)
    query = read_audit_query(given, caller.zone)
    name = f"{given['type']}logs-{datetime.now(caller.zone):%Y%m%d-%H%M}"
    heads = LOGIN_RECORD if given["type"] == "login" else OPERATION_RECORD
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(f"{name}.csv", "w") as file:
        for piece in write_csv(heads, _list_records(given["type"], query, caller.zone, heads)):
            file.write(piece.encode())
    return Download(f"{name}.zip", "application/zip", packed.getvalue())


def _list_records(kind: str, query: AuditQuery, zone: tzinfo, heads: Sequence[str]) -> Iterator[list[str]]:
    language = choose_answer_language()
    with reading(current_services().engine) as session:
        while True:
            rows: Sequence[LoginRow | OperationRow]
            if kind == "login":
                logins = list_audit(session, LoginRow, query, BATCH)
                rows, records = logins, write_logins(logins, zone)
            else:
                operations = list_audit(session, OperationRow, query, BATCH)
                rows, records = operations, write_operations(operations, zone, language)
            yield from ([record[head] for head in heads] for record in records)
            if len(rows) < BATCH:
                return
            query = replace(query, before=rows[-1].id)
            session.expunge_all()


def check_type(given: Parameters) -> None:
    """That there is such a log. Raises CmcRefused."""
    if given["type"] not in TYPES:
        raise refuse_value("type", tell("must be one of %(listed)s", listed=", ".join(TYPES)))


def read_audit_query(given: Parameters, zone: tzinfo) -> AuditQuery:
    """Whole days of the caller's time zone; without them the last 31 (ours). Raises CmcRefused."""
    try:
        since, until = read_days(given.get("start_date"), given.get("end_date"), zone)
    except BadPeriod as bad:
        raise refuse_value(bad.field, bad.message) from None
    span = timedelta(days=LONGEST_SPAN_DAYS + 1)  # 31 days lie between the first and the last, both inclusive
    if until is None:
        first = datetime.fromtimestamp(since, zone) if since is not None else None
        until = (first + span if first else datetime.now(zone)).timestamp()
    last = datetime.fromtimestamp(until, zone)
    if since is None:
        since = (last - span).timestamp()
    elif last - datetime.fromtimestamp(since, zone) > span:
        told = tell("the period must be %(days)s days or less", days=LONGEST_SPAN_DAYS)
        raise refuse_value("end_date" if "end_date" in given else "start_date", told)
    return AuditQuery(since, until, given.get("account"))


def write_logins(rows: Sequence[LoginRow], zone: tzinfo) -> list[dict[str, str]]:
    """The records of the login log."""
    return [
        {
            "account": row.account,
            "code": str(row.code),
            "created": write_created(row.at, zone),
            "ipaddress": row.peer,
            "reason": f"{row.via}: {row.reason}" + (f" (x{row.count})" if row.count > 1 else ""),
            "result": row.result,
        }
        for row in rows
    ]


def write_operations(rows: Sequence[OperationRow], zone: tzinfo, language: str) -> list[dict[str, str]]:
    """The records of the operation log."""
    records = []
    for row in rows:
        operation = translate(language, OPERATIONS.get(row.operation, row.operation))
        record = {
            "account": row.account,
            "created": write_created(row.at, zone),
            "name": row.name,
            "function": translate(language, FUNCTIONS.get(row.function, row.function)),
            "operation": f"{operation} ({row.detail})" if row.detail else operation,
        }
        records.append(record)
    return records


AUDITLOGS_LIST = Action(
    "auditlogs", "list", "CMC's own audit logs: list logins (loginlogs) or operations (operationlogs), newest first.",
    REQUIRED_NAMES, NAMES, "loginlogs", LOGIN_RECORD, answer_audit_logs, roles=("admin",),
)  # fmt: skip
AUDITLOGS_DOWNLOAD = Action(
    "auditlogs", "download", "The same as one CSV in a ZIP file.",
    REQUIRED_NAMES, PERIOD_NAMES, "loginlogs", LOGIN_RECORD, download_audit_logs, roles=("admin",),
)  # fmt: skip
AUDIT_ACTIONS = (AUDITLOGS_LIST, AUDITLOGS_DOWNLOAD)
