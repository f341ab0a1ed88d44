"""Trying a filter before it is live: the pattern tester and the test notification."""

import json
import secrets
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import regex
from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from cmcdesk.console.compositions.compositions_page import get_view
from cmcdesk.console.compositions.drafting import check_draft
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.console.settings.forms import list_setting_fields, merge_settings
from cmcdesk.console.webhook.filter_verdict import try_mails, try_value
from cmcdesk.console.webhook.filters_page import read_filter
from cmcdesk.mail.mime.message import read_message
from cmcdesk.rules.runaway import warn_pattern
from cmcdesk.rules.settings import Composition, read_form
from cmcdesk.rules.settings.reasons import explain_pattern
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.webhook_reach import load_reach
from cmcdesk.webhook.courier import Courier
from cmcdesk.webhook.events import EVENT_TYPE
from cmcdesk.webhook.payload import (
    Addressing,
    Payload,
    build_event_payload,
    build_payload,
    shape_event_bounce,
    take_parts,
)
from cmcdesk.webhook.target import Format, Target, find_event_target, find_target

TRIAL_SECONDS = 10.0

trials = Blueprint("trials", __name__)


@trials.post("/api-settings/webhook/test-pattern")
def test_pattern() -> str:
    """What one condition would match: the typed value, and the newest stored mails."""
    header, text = request.form.get("header", "").strip(), request.form.get("pattern", "")
    value = request.form.get("value", "")
    if not header or not text:
        return render_template("webhook/tested.html", problem=_("Give a header name and a pattern."))
    try:
        pattern = regex.compile(text)
    except (regex.error, RecursionError, OverflowError) as error:
        reason = pick_text(explain_pattern(getattr(error, "msg", str(error))))
        return render_template("webhook/tested.html", problem=_("Not a regular expression: %(reason)s", reason=reason))
    log = current_mail_log()
    typed = try_value(pattern, value) if value else None
    mails = try_mails(log, header, pattern) if log else []
    warned = warn_pattern(text)
    differs = any(found.differs for found in [*([typed] if typed else []), *(each.found for each in mails)])
    return render_template(
        "webhook/tested.html",
        header=header,
        typed=typed,
        mails=mails,
        differs=differs,
        warning=pick_text(warned) if warned else "",
    )


@trials.post("/api-settings/webhook/inbound/<name>/test-notification")
def send_test(name: str) -> str:
    """Send a sample mail to the endpoint as typed, in the form that a real one has, once and without the queue."""
    one = read_filter(request.form)
    view = get_view(name)
    try:
        settings = _check_alone(view.draft, one)
    except Refused as refused:
        return render_template("webhook/sent.html", errors=refused.errors)
    data = settings.as_data()
    target = find_target(data, one["name"])
    assert target is not None
    addressing = Addressing(name, one["name"], "info@mailform.example.com", target.api_key)
    parts = take_parts("sender@example.com", read_message(write_sample()))
    form: Format = "json" if target.format == "json" else "multipart"
    return attempt(target, build_payload(form, parts, addressing, secrets.token_hex(16)))


@trials.post("/api-settings/webhook/event/<name>/test-notification")
def send_test_event(name: str) -> str:
    """Send one made-up bounce to the endpoint as typed, as a real event goes out."""
    view = get_view(name)
    given = merge_settings(view.draft, read_form(list_setting_fields(request.form)))
    try:
        settings = check_draft(given, view.draft).as_data()
    except Refused as refused:
        return render_template("webhook/sent.html", errors=refused.errors)
    settings["event_webhook"]["bounces"] = True  # the test goes out whether or not the real ones do
    target = find_event_target(settings) if settings["event_webhook"]["endpoint"] else None
    if target is None:
        told = Told("event_webhook.endpoint", "", _("Give an endpoint URL."))
        return render_template("webhook/sent.html", errors=[told])
    asked = settings["event_webhook"]
    record = write_sample_record(datetime.now(ZoneInfo(asked["time_zone"])))
    event = json.dumps({EVENT_TYPE: [shape_event_bounce(record, asked["version"])]}, ensure_ascii=False)
    return attempt(target, build_event_payload(target, name, EVENT_TYPE, event))


def _check_alone(draft: Mapping[str, Any], one: Mapping[str, Any]) -> Composition:
    """One notification as typed; a masked secret is that of the saved one of its name. Raises Refused."""
    saved = [each for each in draft["inbound_webhook"] if each["name"] == one.get("name")]
    return check_draft({**draft, "inbound_webhook": [one]}, {**draft, "inbound_webhook": saved})


def attempt(target: Target, payload: Payload) -> str:
    """Post it once, and say what came of it."""
    with reading(current_services().engine) as session:
        reach = load_reach(session)
    with closing(Courier(TRIAL_SECONDS, lambda: reach)) as courier:
        attempted = courier.attempt(target, f"test-{secrets.token_hex(4)}", payload)
    return render_template("webhook/sent.html", attempted=attempted, endpoint=target.endpoint)


def write_sample_record(at: datetime) -> dict[str, str]:
    """A bounce of nobody's, with the nine keys of the bounces API, that says that it is a test."""
    return {
        "created": at.strftime("%Y-%m-%d %H:%M:%S"),
        "status": "2",
        "from": "sender@example.com",
        "to": "nobody@destination.example",
        "messageId": f"<{secrets.token_hex(8)}@cmcdesk.invalid>",
        "returnPath": "sender@return.example.com",
        "subject": "テスト通知 / Test notification",
        "apiData": "",
        "reason": "550 5.1.1 <nobody@destination.example>: test notification of cmcdesk, no such bounce came",
    }


def write_sample() -> bytes:
    """A small mail of our own that says that it is a test."""
    message = EmailMessage()
    message["From"] = "sender@example.com"
    message["To"] = "info@mailform.example.com"
    message["Subject"] = "テスト通知 / Test notification"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{secrets.token_hex(8)}@cmcdesk.invalid>"
    message.set_content("これは cmcdesk のテスト通知です。\nThis is a test notification of cmcdesk.\n")
    return message.as_bytes().replace(b"\n", b"\r\n")
