"""Trying a filter before it is live: the pattern tester and the test notification."""

import secrets
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import regex
from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from cmcdesk.console.drafting import check_draft
from cmcdesk.console.maillog import current_mail_log
from cmcdesk.console.pages.compositions import get_view
from cmcdesk.console.pages.webhook_filters import read_filter
from cmcdesk.console.pattern_test import try_mails, try_value
from cmcdesk.console.trouble import Refused
from cmcdesk.mail.message import read_message
from cmcdesk.webhook.courier import Courier
from cmcdesk.webhook.payload import Addressing, Format, build_payload, take_parts
from cmcdesk.webhook.target import find_target

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
        return render_template("webhook/tested.html", problem=_("Not a regular expression: %(reason)s", reason=error))
    log = current_mail_log()
    return render_template(
        "webhook/tested.html",
        header=header,
        typed=try_value(pattern, value) if value else None,
        mails=try_mails(log, header, pattern) if log else [],
    )


@trials.post("/api-settings/webhook/inbound/<name>/test-notification")
def send_test(name: str) -> str:
    """Send a sample mail to the endpoint as typed, in the form that a real one has, once and without the queue."""
    one = read_filter(request.form)
    view = get_view(name)
    try:
        settings = check_draft(view.draft | {"inbound_webhook": [one]})
    except Refused as refused:
        return render_template("webhook/sent.html", errors=refused.errors)
    data = settings.as_data()
    target = find_target(data, one["name"])
    assert target is not None
    addressing = Addressing(name, one["name"], "info@mailform.example.com", target.api_key)
    parts = take_parts("sender@example.com", read_message(write_sample()))
    form: Format = "json" if target.format == "json" else "multipart"
    payload = build_payload(form, parts, addressing, secrets.token_hex(16))
    courier = Courier(TRIAL_SECONDS)
    try:
        attempted = courier.attempt(target, f"test-{secrets.token_hex(4)}", payload)
    finally:
        courier.close()
    return render_template("webhook/sent.html", attempted=attempted, endpoint=target.endpoint)


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
