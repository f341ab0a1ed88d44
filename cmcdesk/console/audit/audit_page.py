"""MENU → 操作ログ with its two parts, and as CSV. CMC keeps 90 days, and searches 31 of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import page_zone, pick_text, write_instant
from cmcdesk.console.frame.request import read_number
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.rules.texts import N_
from cmcdesk.store.desk.audit import AuditQuery, LoginRow, OperationRow, list_accounts, list_audit

LONGEST_SPAN_DAYS = 31  # CMC's (from its public client)
PAGE_LENGTH = 50
BATCH = 500
MINUTE = "%Y-%m-%dT%H:%M"  # as a field for date and time has it
Part = Literal["logins", "operations"]

#: What was used, and what was done with it; CMC's words are not known (ours).
FUNCTIONS = {
    "settings": N_("Settings of a server composition"),
    "composition": N_("Server composition"),
    "api_user": N_("API user"),
    "mails": N_("Mails"),
    "error_status": N_("Error status"),
    "delivery": N_("Webhook delivery"),
    "outbound": N_("Mail on its way out"),
    "webhook_reach": N_("Hosts that webhooks may go to"),
    "retention": N_("Retention"),
    "connected_ip": N_("Connected IPs"),
    "suppression": N_("Suppressed addresses"),
    "suppression_terms": N_("Run settings of suppression"),
}
OPERATIONS = {
    "save": N_("saved"),
    "reflect": N_("reflected"),
    "reflect_refused": N_("reflecting was refused"),
    "replace": N_("replaced and reflected"),
    "roll_back": N_("taken back from the history"),
    "import": N_("imported"),
    "add": N_("added"),
    "change": N_("changed"),
    "remove": N_("removed"),
    "reorder": N_("put into another order"),
    "delete": N_("deleted"),
    "class": N_("classed by hand"),
    "resend": N_("sent again"),
    "try_now": N_("tried now"),
    "cancel": N_("cancelled"),
    "run": N_("run at once"),
    "lift": N_("freed"),
    "lift_for_good": N_("freed and exempted for good"),
}
#: Where somebody logged in: the first word of `via`; and what is known of the console's doors. SMTP replies stand as
#: they were sent.
WAYS = {
    "console": N_("Console"),
    "relay": N_("SMTP AUTH at the relay server"),
    "receiving": N_("SMTP AUTH at the receiving server"),
}
REASONS = {
    "launch token": N_("launch token"),
    "wrong launch token": N_("wrong launch token"),
    "one-time code": N_("one-time code"),
    "wrong one-time code": N_("one-time code that is wrong, used or too old"),
}
RESULTS = {"success": N_("Success"), "failure": N_("Failure")}


def tell_function(code: str) -> str:
    """In the language of the request; one that has no name here is told by its code."""
    return pick_text(FUNCTIONS.get(code, code))


def tell_operation(row: OperationRow) -> str:
    """What was done, with what is known beside it, in the language of the request."""
    done = pick_text(OPERATIONS.get(row.operation, row.operation))
    return f"{done} ({row.detail})" if row.detail else done


def tell_login_reason(row: LoginRow) -> str:
    """How, where, and for what it stands, in the language of the request."""
    server, _space, name = row.via.partition(" ")
    way = pick_text(WAYS.get(server, server)) + (f" ({name})" if name else "")
    told = f"{way}: {pick_text(REASONS.get(row.reason, row.reason))}" if row.reason else way
    return told + (" " + ngettext("(and one more)", "(and %(num)s more)", row.count - 1) if row.count > 1 else "")


# -- the page --------------------------------------------------------------------------------------------------------

audit = Blueprint("audit", __name__)


@dataclass(frozen=True)
class WantedAudit:
    """What the fields hold: minutes of the page's time zone, an account; before: a row's id."""

    since: str
    until: str
    account: str | None
    before: int | None

    @classmethod
    def from_request(cls) -> "WantedAudit":
        """The fields of this request; without any the last 31 days, today included."""
        given = request.args
        now = datetime.now(page_zone())
        first = (now - timedelta(days=LONGEST_SPAN_DAYS - 1)).replace(hour=0, minute=0)
        return cls(
            given.get("since", "").strip()[:40] or first.strftime(MINUTE),
            given.get("until", "").strip()[:40] or now.replace(hour=23, minute=59).strftime(MINUTE),
            given.get("account", "").strip()[:200] or None,
            read_number(given.get("before")),
        )

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same, with `more` changed."""
        return {key: value for key, value in (vars(self) | more).items() if value is not None}

    def read(self) -> tuple[AuditQuery, dict[str, str]]:
        """For the store; and field → what is wrong with it, then nothing is to be shown."""
        wrong: dict[str, str] = {}
        times = {name: _read_minute(getattr(self, name), page_zone()) for name in ("since", "until")}
        for name, at in times.items():
            if at is None:
                told = _("%(given)s is no time of the form 2026-01-31T09:00.", given=getattr(self, name))
                wrong[name] = told
        since, until = times["since"], times["until"]
        if since is None or until is None:
            return AuditQuery(), wrong
        until += timedelta(minutes=1)  # the minute itself belongs to it
        if since >= until:
            wrong["since"] = _("The beginning is after the end.")
        elif until - since > timedelta(days=LONGEST_SPAN_DAYS):
            wrong["until"] = _("At most %(days)s days can be searched at once.", days=LONGEST_SPAN_DAYS)
        return AuditQuery(since.timestamp(), until.timestamp(), self.account, self.before), wrong


@audit.get("/operation-log")
def show_operations() -> ResponseReturnValue:
    """Who changed what, newest first."""
    return _render("operations")


@audit.get("/operation-log/logins")
def show_logins() -> ResponseReturnValue:
    """Who logged in, to the console and with SMTP AUTH, newest first."""
    return _render("logins")


@audit.get("/operation-log/<any(operations, logins):part>.csv")
def download(part: Part) -> ResponseReturnValue:
    """All that is searched for, as CSV for spreadsheets, written while it is read."""
    query, wrong = WantedAudit.from_request().read()
    if wrong:
        return Response("\n".join(wrong.values()), 422, mimetype="text/plain")
    heads = (
        [_("Time"), _("Account"), _("Result"), _("Code"), _("IP address"), _("How, and why not")]
        if part == "logins"
        else [_("Time"), _("Account"), _("Function"), _("Name"), _("Operation")]
    )
    return answer_csv(name_export(part, None, "csv"), heads, _list_cells(part, query))


def _list_rows(part: Part, query: AuditQuery, limit: int) -> Sequence[LoginRow] | Sequence[OperationRow]:
    if part == "logins":
        return list_audit(db.session(), LoginRow, query, limit)
    return list_audit(db.session(), OperationRow, query, limit)


def _list_accounts(part: Part) -> list[str]:
    session = db.session()
    return list_accounts(session, LoginRow) if part == "logins" else list_accounts(session, OperationRow)


def _render(part: Part) -> ResponseReturnValue:
    wanted = WantedAudit.from_request()
    query, wrong = wanted.read()
    rows = [] if wrong else _list_rows(part, query, PAGE_LENGTH)
    page = render_template(
        "audit/log.html",
        part=part,
        rows=rows,
        wanted=wanted,
        wrong=wrong,
        accounts=_list_accounts(part),
        function=tell_function,
        operation=tell_operation,
        reason=tell_login_reason,
        results=RESULTS,
        following=rows[-1].id if len(rows) == PAGE_LENGTH else None,
    )
    return page, 422 if wrong else 200


def _read_minute(text: str, zone: tzinfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=zone)
        at.timestamp()
    except (ValueError, OverflowError):
        return None
    return at if 1970 < at.year < 9998 else None


def _list_cells(part: Part, query: AuditQuery) -> Iterator[list[str]]:
    query = replace(query, before=None)
    while rows := _list_rows(part, query, BATCH):
        query = replace(query, before=rows[-1].id)
        yield from map(_describe, rows)


def _describe(row: LoginRow | OperationRow) -> list[str]:
    at = write_instant(row.at)
    if isinstance(row, OperationRow):
        return [at, row.account, tell_function(row.function), row.name, tell_operation(row)]
    result = pick_text(RESULTS.get(row.result, row.result))
    return [at, row.account, result, str(row.code), row.peer, tell_login_reason(row)]
