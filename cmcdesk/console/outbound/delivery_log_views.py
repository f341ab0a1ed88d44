"""配信レポート → 配信ログ: one delivery as a dialog, with all that CMC's log tells and every event of it; the log as
CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import pick_text, write_instant
from cmcdesk.console.frame.request import choose_part, dialog_of, read_number
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import OUTBOUND_STATES, get_outbound, list_outbound, newest_outbound
from cmcdesk.store.desk.outbound_event_lists import list_events_of
from cmcdesk.store.desk.outbound_events import write_reason
from cmcdesk.store.maillog.log import MailLog

BATCH = 500
PAGE_LENGTH = 50
LOOKED_AT = 200_000  # rows of a page that is searched for; some 30 ms

delivery_log = Blueprint("delivery_log", __name__)


@dataclass(frozen=True)
class WantedOutbound:
    """What the fields of the delivery log hold."""

    state: str | None
    composition: str | None
    recipient: str | None
    mail_id: int | None
    before: int | None

    @classmethod
    def from_request(cls) -> "WantedOutbound":
        """The fields of this request."""
        given = request.args
        return cls(
            choose_part(given.get("state"), OUTBOUND_STATES),
            given.get("composition") or None,
            given.get("recipient", "").strip()[:200] or None,
            read_number(given.get("mail_id")),
            read_number(given.get("before")),
        )

    def as_query(self, **more: Any) -> dict[str, object]:
        """For url_for: the same, with `more` changed."""
        return {key: value for key, value in (vars(self) | more).items() if value is not None}


def find_page(wanted: WantedOutbound) -> tuple[list[OutboundRow], int | None]:
    """A page, and the `before` of the next. A part of an address is looked for in LOOKED_AT rows at a time: a page that
    is not full goes on behind them."""
    only = {name: value for name, value in vars(wanted).items() if name != "before"}
    newest = newest_outbound(db.session())
    after = (wanted.before or newest + 1) - LOOKED_AT - 1 if wanted.recipient else 0
    rows = list_outbound(db.session(), wanted.before, PAGE_LENGTH, after=max(after, 0), **only)
    if len(rows) == PAGE_LENGTH:
        return rows, rows[-1].id
    return rows, after + 1 if after > 0 else None


def find_subjects(mail_log: MailLog | None, rows: list[OutboundRow]) -> dict[int, str]:
    """The subject of each row's mail: as it was queued, or, for a row of an earlier version, of the stored mail."""
    subjects = {row.id: row.subject for row in rows if row.subject}
    for row in rows:
        if row.id in subjects:
            continue
        same_log = mail_log is not None and row.log_id == mail_log.log_id
        mail = mail_log.get_mail(row.mail_id) if mail_log and same_log and row.mail_id else None
        if mail:
            subjects[row.id] = mail.subject
    return subjects


@delivery_log.get("/report/deliveries/<int:outbound_id>/detail")
@dialog_of("outbound_log.show_queue")
def show_detail(outbound_id: int) -> ResponseReturnValue:
    """What CMC's dialog tells, and the events as its API lists them."""
    row = get_outbound(db.session(), outbound_id) or abort(404)
    events = list_events_of(db.session(), row.id)
    return render_template(
        "outbound/detail.html",
        row=row,
        subject=find_subjects(current_mail_log(), [row]).get(row.id, ""),
        events=events,
        reason=tell_reason_of(row),
        sender_ip=next((event.sender_ip for event in events if event.sender_ip), ""),
        status_name=lambda status: pick_text(name_status(status)),
    )


@delivery_log.get("/report/deliveries.csv")
def download() -> Response:
    """All that is searched for, a line a recipient with its present state."""
    wanted = WantedOutbound.from_request()
    heads = (_("Time"), _("Recipient"), _("Subject"), _("Delivery status"), _("Sender address"), "Return-Path",
             _("Message-ID"), "X-Api-Data", _("Relay source IP"), _("Reason"), _("API user"),
             _("Server composition"))  # fmt: skip
    return answer_csv(name_export("deliveries", wanted.composition, "csv"), heads, map(_describe_row, _each(wanted)))


def _each(wanted: WantedOutbound) -> Iterator[OutboundRow]:
    """Newest first, however many."""
    only = {name: value for name, value in vars(wanted).items() if name != "before"}
    before = None
    while rows := list_outbound(db.session(), before, BATCH, **only):
        yield from rows
        before = rows[-1].id
        db.session().expunge_all()


def _describe_row(row: OutboundRow) -> list[str]:
    return [write_instant(row.queued_at), row.recipient, row.subject, row.state, row.header_from,
            row.sender, row.message_id, row.api_data, row.source_ip, tell_reason_of(row), row.api_user,
            row.composition]  # fmt: skip


def tell_reason_of(row: OutboundRow) -> str:
    """Why it failed or is sent again; "" for others."""
    if row.state not in ("failed", "deferred"):
        return ""
    return write_reason(row.code, row.enhanced, row.text, row.command)
