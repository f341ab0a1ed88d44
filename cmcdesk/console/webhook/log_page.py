"""MENU → API設定 → Webhook → ログ: deliveries with every attempt, and 再送."""

import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.request import choose_part, read_number
from cmcdesk.console.mails.mails_page import write_hits
from cmcdesk.console.webhook.deliveries_api import send_again
from cmcdesk.console.webhook.upcoming import foresee, is_writable, list_events, write_curl, write_request
from cmcdesk.store.desk.deliveries import (
    FAILING,
    MOST_COUNTED,
    STATES,
    count_events,
    count_listed,
    get_delivery,
    list_attempts,
    list_backlogs,
    list_deliveries,
    list_last_attempts,
)

PAGE_LENGTH = 50

webhook_log = Blueprint("webhook_log", __name__)


@dataclass(frozen=True)
class WantedDeliveries:
    """What the fields of the log hold."""

    state: str | None
    composition: str | None
    mail_id: int | None
    before: int | None

    @classmethod
    def from_request(cls) -> "WantedDeliveries":
        """The fields of this request."""
        given = request.args
        return cls(
            choose_part(given.get("state"), (*STATES, FAILING)),
            given.get("composition") or None,
            read_number(given.get("mail_id")),
            read_number(given.get("before")),
        )

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same, with `more` changed."""
        return {key: value for key, value in (vars(self) | more).items() if value is not None}


@webhook_log.get("/api-settings/webhook/log")
def show_log() -> str:
    """Deliveries, newest first; with HX-Request only the rows."""
    wanted = WantedDeliveries.from_request()
    only = {"state": wanted.state, "composition": wanted.composition, "mail_id": wanted.mail_id}
    rows = list_deliveries(db.session(), wanted.before, PAGE_LENGTH, **only)
    count = count_listed(db.session(), MOST_COUNTED + 1, **only)
    template = "webhook/log_rows.html" if request.headers.get("HX-Request") else "webhook/log.html"
    following = rows[-1].number if len(rows) == PAGE_LENGTH else None
    return render_template(
        template,
        rows=rows,
        hits=write_hits(min(count, MOST_COUNTED), count > MOST_COUNTED),
        event_counts=count_events(db.session(), rows),
        last=list_last_attempts(db.session(), rows),
        backlogs=list_backlogs(db.session(), time.time()),
        most_counted=MOST_COUNTED,
        waiting=current_services().telemetry()["worker"].get("waiting", 0),
        wanted=wanted,
        names=list_names(),
        states=STATES,
        following=following,
    )


@webhook_log.get("/api-settings/webhook/log/<delivery_id>")
def show_delivery(delivery_id: str) -> str:
    """One delivery: its attempts with request and answer as they were sent; before the first, what it will send."""
    row = get_delivery(db.session(), delivery_id) or abort(404)
    attempts = list_attempts(db.session(), row.number)
    template = "webhook/delivery_body.html" if request.headers.get("HX-Request") else "webhook/delivery.html"
    return render_template(
        template,
        row=row,
        attempts=attempts[::-1],
        upcoming=None if attempts else foresee(row),
        events=list_events(row),
        curl=write_curl(prepared, name_content(row.id)) if (prepared := write_request(row)) else "",
        has_file=prepared is not None and isinstance(prepared.body, bytes) and not is_writable(prepared.body),
        status_name=lambda status: pick_text(name_status(status)),
    )


@webhook_log.post("/api-settings/webhook/log/retry")
def retry_several() -> ResponseReturnValue:
    """再送 of all that were chosen."""
    sent = sum(map(send_again, request.form.getlist("delivery")[:PAGE_LENGTH]))
    flash(
        ngettext("One delivery is sent again.", "%(num)s deliveries are sent again.", sent),
        "success" if sent else "warning",
    )
    wanted = WantedDeliveries.from_request()
    return redirect(url_for("webhook_log.show_log", **wanted.as_query()), 303)


@webhook_log.get("/api-settings/webhook/log/<delivery_id>/content")
def download_content(delivery_id: str) -> Response:
    """The content of its next request, secrets masked, for curl."""
    row = get_delivery(db.session(), delivery_id) or abort(404)
    prepared = write_request(row) or abort(404)
    answer = Response(prepared.body or b"", mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=name_content(delivery_id))
    return answer


@webhook_log.post("/api-settings/webhook/log/<delivery_id>/retry")
def retry(delivery_id: str) -> ResponseReturnValue:
    """再送: due now, whatever became of it."""
    if not send_again(delivery_id):
        abort(404)
    return show_delivery(delivery_id)


def name_content(delivery_id: str) -> str:
    """The file's name."""
    return f"webhook-{delivery_id}.bin"
