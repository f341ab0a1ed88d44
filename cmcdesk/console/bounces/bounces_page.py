"""配信レポート → エラーログ: failed recipients as read from bounces, one in detail, a person's word on it, CSV."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cmcdesk.console.bounces.error_status import OURS, advise, list_statuses, name_status
from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import page_zone, pick_text, write_instant
from cmcdesk.console.frame.request import read_number
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.store.desk.bounce_lists import (
    MOST_COUNTED,
    BounceQuery,
    count_bounces,
    count_by_domain,
    count_by_status,
    list_bounces,
)
from cmcdesk.store.desk.bounces import get_bounce, override_bounce, shown_status
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import BounceRow

PAGE_LENGTH = 50
BATCH = 500
REASON_LENGTH = 300  # characters; a diagnosis that is longer is a whole text

bounces = Blueprint("bounces", __name__)


@dataclass(frozen=True)
class WantedBounces:
    """What the fields of the log hold; days: a day of the page's time zone (ISO), both inclusive."""

    composition: str | None
    search: str | None
    status: int | None
    since: str | None
    until: str | None
    delays: bool
    before: int | None
    mail_id: int | None

    @classmethod
    def from_request(cls) -> "WantedBounces":
        """The fields of this request."""
        given = request.args
        return cls(
            given.get("composition") or None,
            given.get("search", "").strip()[:200] or None,
            read_number(given.get("status")),
            _read_day(given.get("since")),
            _read_day(given.get("until")),
            bool(given.get("delays")),
            read_number(given.get("before")),
            read_number(given.get("mail_id")),
        )

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same, with `more` changed."""
        query = vars(self) | {"delays": "yes" if self.delays else None} | more
        return {key: value for key, value in query.items() if value is not None}

    def as_bounce_query(self) -> BounceQuery:
        """For the store."""
        return BounceQuery(
            composition=self.composition,
            mail_id=self.mail_id,
            search=self.search,
            error_status=self.status,
            final=None if self.delays else True,
            created_from=_start_of(self.since, 0),
            created_until=_start_of(self.until, 1),
        )


@bounces.get("/report/errors")
def show_log() -> str:
    """The log, newest first; with HX-Request only its body."""
    wanted = WantedBounces.from_request()
    query = wanted.as_bounce_query()
    rows = list_bounces(db.session(), query, wanted.before, PAGE_LENGTH)
    template = "bounces/rows.html" if request.headers.get("HX-Request") else "bounces/log.html"
    every = replace(query, error_status=None)
    return render_template(
        template,
        rows=rows,
        wanted=wanted,
        names=list_names(),
        statuses=list_statuses(),
        name=lambda status: pick_text(name_status(status)),
        shown=shown_status,
        reason=tell_reason,
        counts=count_by_status(db.session(), every),
        domains=count_by_domain(db.session(), query, 5),
        total=count_bounces(db.session(), query),
        most=MOST_COUNTED,
        unread=current_services().telemetry()["worker"].get("bounces_waiting", 0),
        following=rows[-1].id if len(rows) == PAGE_LENGTH else None,
    )


@bounces.get("/report/errors/<int:bounce_id>")
def show_bounce(bounce_id: int) -> str:
    """One failed recipient in detail, as a dialog."""
    return _render_bounce(get_bounce(db.session(), bounce_id) or abort(404))


@bounces.post("/report/errors/override")
def override_several() -> ResponseReturnValue:
    """The same word on all that were chosen."""
    text = request.form.get("override", "")
    chosen = [number for number in map(read_number, request.form.getlist("bounce")[:PAGE_LENGTH]) if number is not None]
    try:
        with transaction(current_services().engine) as session:
            known = sum(override_bounce(session, number, int(text) if text else None) for number in chosen)
    except ValueError:
        abort(400)
    current_hub().publish("bounces")
    flash(
        ngettext("One bounce was classed.", "%(num)s bounces were classed.", known), "success" if known else "warning"
    )
    return redirect(url_for("bounces.show_log", **WantedBounces.from_request().as_query()), 303)


@bounces.post("/report/errors/<int:bounce_id>/override")
def override(bounce_id: int) -> ResponseReturnValue:
    """A person's word on the error status; "" takes it back."""
    text = request.form.get("status", "")
    try:
        with transaction(current_services().engine) as session:
            if not override_bounce(session, bounce_id, int(text) if text else None):
                abort(404)
    except ValueError:
        abort(400)
    current_hub().publish("bounces")
    return show_bounce(bounce_id)


@bounces.get("/report/errors.csv")
def download() -> Response:
    """All that is searched for, as CSV for spreadsheets."""
    query = WantedBounces.from_request().as_bounce_query()
    heads = (_("Time"), _("Recipient"), _("Subject"), _("Error status"), _("Sender address"), "Return-Path",
             _("Message-ID"), "X-Api-Data", _("Reason"), _("Server composition"))  # fmt: skip
    return answer_csv(name_export("errors", query.composition, "csv"), heads, map(_describe, _each_bounce(query)))


def _each_bounce(query: BounceQuery) -> Iterator[BounceRow]:
    before = None
    while rows := list_bounces(db.session(), query, before, BATCH):
        before = rows[-1].id
        yield from rows


def _describe(row: BounceRow) -> list[str]:
    status = shown_status(row)
    named = f"{status} {pick_text(name_status(status))}"
    return [write_instant(row.created_at), row.recipient, row.subject, named, row.header_from, row.return_path,
            row.message_id, row.api_data, row.diagnostic, row.composition]  # fmt: skip


def _render_bounce(row: BounceRow) -> str:
    log = current_mail_log()
    is_stored = log is not None and log.log_id == row.log_id and log.get_mail(row.mail_id) is not None
    return render_template(
        "bounces/bounce.html",
        row=row,
        shown=shown_status(row),
        statuses=list_statuses(),
        ours=OURS,
        name=lambda status: pick_text(name_status(status)),
        reason=tell_reason(row),
        advice=pick_text(advise(shown_status(row))),
        is_stored=is_stored,
    )


def tell_reason(row: BounceRow) -> str:
    """エラー理由 in one line: the diagnosis where it is one, else the line of it that decided."""
    whole = row.diagnostic.strip()
    if len(whole) <= REASON_LENGTH and "\n" not in whole:
        return whole
    return (row.evidence.strip() or whole).splitlines()[0][:REASON_LENGTH]


def _read_day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None


def _start_of(day: str | None, later: int) -> float | None:
    """When a day of the page's time zone starts, `later` days on, in unix seconds."""
    if day is None:
        return None
    try:
        moved = date.fromisoformat(day) + timedelta(days=later)
        return datetime(moved.year, moved.month, moved.day, tzinfo=page_zone()).timestamp()
    except (OverflowError, ValueError):
        return None
