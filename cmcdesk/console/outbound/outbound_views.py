"""配信レポート → 配信ログ: mails on their way out, a row a recipient, with every attempt: page and API."""

import time
from collections.abc import Callable, Sequence
from typing import Literal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import Field

from cmcdesk.console.bounces.error_status import advise, name_status
from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.api_errors import refuse, refuse_missing, wait_until_enough
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.mails.mail_shapes import PAGE_LIMIT, Waiting
from cmcdesk.console.outbound.delivery_log_views import WantedOutbound, find_page, find_subjects
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import (
    count_outbound,
    get_outbound,
    list_outbound,
    list_outbound_attempts,
)
from cmcdesk.store.desk.outbound_events import OutboundEvent, cancel_outbound, try_outbound_now
from cmcdesk.webhook.events import queue_delivery_events

OutboundStateName = Literal["queued", "deferred", "succeeded", "failed"]

outbound_log = Blueprint("outbound_log", __name__)
outbound = ApiPart("api_outbound", __name__, "outbound")


@outbound_log.get("/report")
def show_report() -> ResponseReturnValue:
    """配信レポート, at the part that most come for."""
    return redirect(url_for("bounces.show_log"))


@outbound_log.get("/report/deliveries")
def show_queue() -> str:
    """The log, newest first; with HX-Request only its body."""
    wanted = WantedOutbound.from_request()
    rows, following = find_page(wanted)
    template = "outbound/rows.html" if request.headers.get("HX-Request") else "outbound/log.html"
    return render_template(
        template,
        rows=rows,
        subjects=find_subjects(current_mail_log(), rows),
        wanted=wanted,
        names=list_names(),
        waiting=count_outbound(db.session()),
        has_resolver=current_services().telemetry()["worker"].get("has_resolver", True),
        status_name=lambda status: pick_text(name_status(status)),
        following=following,
    )


@outbound_log.get("/report/deliveries/<int:outbound_id>")
def show_outbound(outbound_id: int) -> str:
    """One recipient: its attempts with the replies as they came; with HX-Request only the body."""
    row = get_outbound(db.session(), outbound_id) or abort(404)
    reports = list_outbound(db.session(), limit=1, own_id=row.report_id) if row.report_id else []
    template = "outbound/row_body.html" if request.headers.get("HX-Request") else "outbound/row.html"
    return render_template(
        template,
        row=row,
        attempts=list_outbound_attempts(db.session(), row.id)[::-1],
        report=reports[0] if reports else None,
        subject=find_subjects(current_mail_log(), [row]).get(row.id, ""),
        status_name=lambda status: pick_text(name_status(status)),
        advice=pick_text(advise(row.error_status)) if row.error_status else "",
    )


@outbound_log.post("/report/deliveries/<int:outbound_id>/<any(try_now, cancel):what>")
def change_outbound(outbound_id: int, what: str) -> ResponseReturnValue:
    """今すぐ配信, or 取り消す; back to the row."""
    done = try_now(outbound_id) if what == "try_now" else cancel(outbound_id)
    if not done:
        flash(_("That is no longer possible: it has ended."), "warning")
    return redirect(url_for("outbound_log.show_outbound", outbound_id=outbound_id), 303)


def try_now(outbound_id: int) -> bool:
    """Make a row due and wake the worker; False where none waits or failed by that id."""
    with transaction(current_services().engine) as session:
        events = try_outbound_now(session, outbound_id, time.time())
        queue_delivery_events(session, events or ())
    return _tell_change(events)


def cancel(outbound_id: int) -> bool:
    """End a row that waits; False where none waits by that id."""
    with transaction(current_services().engine) as session:
        events = cancel_outbound(session, outbound_id, time.time())
        queue_delivery_events(session, events or ())
    return _tell_change(events)


def _tell_change(events: Sequence[OutboundEvent] | None) -> bool:
    """events: those of the change, which is committed; None where nothing was changed."""
    if events is None:
        return False
    current_services().wake_worker()
    current_hub().publish("outbound")
    return True


class OutboundQuery(Waiting):
    """Which rows, newest first; `before` is the `next` of the page before."""

    before: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    state: OutboundStateName | None = None
    composition: str | None = None
    mail_id: int | None = Field(None, description="the relayed or forwarded mail")
    recipient: str | None = Field(None, max_length=320, description="a part of the address")


class OutboundPath(Shape):
    """A row by its number."""

    id: int


class OutboundShape(Shape):
    """One recipient of a mail on its way out. code, enhanced, text, command: the last reply, and what it answered."""

    id: int
    mail_id: int | None = Field(description="null: a report of the MTA's own")
    composition: str
    revision: int
    sender: str = Field(description="as MAIL says it, rewritten; empty: the null sender")
    recipient: str
    domain: str
    forwarded_by: str
    api_user: str = Field(description="who submitted the mail with SMTP AUTH or by the send API; empty: nobody did so")
    state: OutboundStateName
    attempts: int
    due_at: str | None
    queued_at: str
    ended_at: str | None
    host: str
    code: int | None
    enhanced: str
    text: str
    command: str
    error_status: int | None = Field(description="CMC's 1 to 11, or 99, of one that failed")


class OutboundList(Shape):
    """One page of rows."""

    outbound: list[OutboundShape]
    next: int | None


class OutboundAttemptShape(Shape):
    """One try: the last mail server that was asked, and its reply."""

    number: int
    at: str
    milliseconds: int
    host: str
    address: str
    code: int | None
    enhanced: str
    text: str
    command: str
    outcome: Literal["delivered", "transient", "permanent"]


class OutboundDetail(OutboundShape):
    """One row and all its tries, oldest first."""

    attempt_log: list[OutboundAttemptShape]


@outbound.get("/outbound", responses={200: OutboundList, 503: Errors})
def list_all(query: OutboundQuery) -> OutboundList:
    """List mails on their way out, a row a recipient, newest first; with `wait`, as soon as there are `count`."""
    rows = wait_until_enough(query, lambda: _find(query), list)
    following = rows[-1].id if len(rows) == query.limit else None
    return OutboundList(outbound=[shape_outbound(row) for row in rows], next=following)


@outbound.get("/outbound/<int:id>", responses={200: OutboundDetail, 404: Errors})
def get_one(path: OutboundPath) -> OutboundDetail:
    """One row and its attempts."""
    row = _get(path.id)
    log = [
        OutboundAttemptShape(
            at=format_instant(each.at) or "",
            **{name: getattr(each, name) for name in OutboundAttemptShape.model_fields if name != "at"},
        )
        for each in list_outbound_attempts(db.session(), row.id)
    ]
    return OutboundDetail(**dict(shape_outbound(row)), attempt_log=log)


@outbound.post("/outbound/<int:id>/try-now", responses={202: OutboundShape, 404: Errors, 409: Errors})
def try_one_now(path: OutboundPath) -> tuple[OutboundShape, int]:
    """Try now, one that waits or has failed."""
    return _change(path.id, try_now)


@outbound.post("/outbound/<int:id>/cancel", responses={202: OutboundShape, 404: Errors, 409: Errors})
def cancel_one(path: OutboundPath) -> tuple[OutboundShape, int]:
    """End one that waits; its sender gets no report."""
    return _change(path.id, cancel)


def _change(outbound_id: int, change: Callable[[int], bool]) -> tuple[OutboundShape, int]:
    _get(outbound_id)
    if not change(outbound_id):
        refuse(409, "id", str(outbound_id), _("It has ended; nothing was changed."))
    db.session().rollback()  # on to a new snapshot: this one was begun before the change
    db.session().expire_all()
    return shape_outbound(_get(outbound_id)), 202


def shape_outbound(row: OutboundRow) -> OutboundShape:
    """A row as the API gives it."""
    instants = ("due_at", "queued_at", "ended_at")
    fields = {name: getattr(row, name) for name in OutboundShape.model_fields if name not in instants}
    return OutboundShape(**fields, **{name: format_instant(getattr(row, name)) for name in instants})


def _find(query: OutboundQuery) -> list[OutboundRow]:
    with reading(current_services().engine) as session:  # each look at what is written by then
        return list_outbound(session, **query.model_dump(exclude={"wait", "count"}))


def _get(outbound_id: int) -> OutboundRow:
    row = get_outbound(db.session(), outbound_id)
    return row if row is not None else refuse_missing("id", outbound_id)
