"""操作ログ over our own API."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from flask_babel import gettext as _
from pydantic import AwareDatetime, Field

from cmcdesk.console.audit.audit_page import LONGEST_SPAN_DAYS, PAGE_LENGTH
from cmcdesk.console.frame.api_errors import refuse
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.database import db
from cmcdesk.console.mails.mail_shapes import PAGE_LIMIT
from cmcdesk.store.desk.audit import AuditQuery, LoginRow, OperationRow, list_audit

audit_api = ApiPart("api_audit", __name__, "operation log", prefix="/api/v1/operation-log")


class AuditLogQuery(Shape):
    """Which lines, newest first; since and until at most 31 days apart, without them the last 31 days."""

    since: AwareDatetime | None = Field(None, description="ISO 8601 with a zone")
    until: AwareDatetime | None = Field(None, description="likewise, exclusive")
    account: str | None = Field(None, max_length=200, description="the whole name")
    before: int | None = None
    limit: int = Field(PAGE_LENGTH, ge=1, le=PAGE_LIMIT)


class LoginEntry(Shape):
    """One login, or `count` of one second; account, ipaddress: "" where those differ."""

    id: int
    created: str = Field(description="ISO 8601, UTC")
    account: str = Field(description="console, or the user that SMTP AUTH showed")
    via: str = Field(description="console, relay NAME, receiving NAME")
    ipaddress: str
    code: int = Field(description="SMTP reply, or HTTP status")
    result: Literal["success", "failure"]
    reason: str
    count: int


class LoginEntries(Shape):
    """One page; `next` is the `before` of the next page, null at the end."""

    logins: list[LoginEntry]
    next: int | None


class OperationEntry(Shape):
    """One change; account: console, api, cli, cmcdesk (the program itself) or an API user."""

    id: int
    created: str = Field(description="ISO 8601, UTC")
    account: str
    name: str = Field(description="of what was changed")
    function: str
    operation: str
    detail: str


class OperationEntries(Shape):
    """One page; `next` is the `before` of the next page, null at the end."""

    operations: list[OperationEntry]
    next: int | None


@audit_api.get("/logins", responses={200: LoginEntries, 422: Errors})
def list_logins(query: AuditLogQuery) -> LoginEntries:
    """List logins, to the console and with SMTP AUTH, newest first."""
    rows = list_audit(db.session(), LoginRow, _narrow(query), query.limit)
    entries = [
        LoginEntry(
            id=row.id,
            created=format_instant(row.at) or "",
            account=row.account,
            via=row.via,
            ipaddress=row.peer,
            code=row.code,
            result="success" if row.result == "success" else "failure",
            reason=row.reason,
            count=row.count,
        )
        for row in rows
    ]
    return LoginEntries(logins=entries, next=rows[-1].id if len(rows) == query.limit else None)


@audit_api.get("/operations", responses={200: OperationEntries, 422: Errors})
def list_operations(query: AuditLogQuery) -> OperationEntries:
    """List changes, who made them and by which way, newest first."""
    rows = list_audit(db.session(), OperationRow, _narrow(query), query.limit)
    names = ("id", "account", "name", "function", "operation", "detail")
    entries = [
        OperationEntry(created=format_instant(row.at) or "", **{name: getattr(row, name) for name in names})
        for row in rows
    ]
    return OperationEntries(operations=entries, next=rows[-1].id if len(rows) == query.limit else None)


def _narrow(query: AuditLogQuery) -> AuditQuery:
    """Both ends, at most 31 days apart; 422 for anything else."""
    span = timedelta(days=LONGEST_SPAN_DAYS)
    try:
        until = query.until or (query.since + span if query.since else datetime.now(UTC))
        since = query.since or until - span
    except OverflowError:
        refuse(422, "since", str(query.since), _("That is no time that can be searched."))
    if not since < until:
        refuse(422, "since", str(query.since), _("The beginning is after the end."))
    if until - since > span:
        told = _("At most %(days)s days can be searched at once.", days=LONGEST_SPAN_DAYS)
        refuse(422, "until", str(query.until), told)
    return AuditQuery(since.timestamp(), until.timestamp(), query.account, query.before)
