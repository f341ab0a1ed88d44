"""Services that send for others tell of bounces in JSON too: Amazon SES by SNS, and SNS by mail; the web hooks of
Mailgun, Postmark, SendGrid, SparkPost, Mandrill, Brevo and Mailjet where somebody passes them on by mail.

Their documents agree in this: an object that says "bounce" or "failed" of one address, and gives the remote answer.
"""

import json
import re
from typing import Any

from cmcdesk.mail.bounce.codes import read_status_field
from cmcdesk.mail.bounce.report import RecipientReport, read_address

MAX_JSON = 64 * 1024
MAX_EVENTS = 200
_BEGINS = re.compile(r"[\[{]\s*(?:\{\s*)?\"")
_EVENT = ("notificationType", "eventType", "event", "type", "Type", "RecordType", "event-data", "msys", "_type")
_ADDRESS = ("emailAddress", "recipient", "rcpt_to", "Email", "email")
_STATUS = ("status", "enhanced_status_code")
_WORDS = ("diagnosticCode", "raw_reason", "Details", "message", "diag", "reason", "error", "Description", "description")
_FAILED = re.compile(r"bounce|fail|reject|drop|undeliver|invalid|blocked", re.I)
_LATE = re.compile(r"delay|defer|temporary|soft|transient", re.I)


def read_notification(text: str) -> list[RecipientReport] | None:
    """The bounced recipients; [] for a notification of another kind (delivery, complaint); None: no notification."""
    start = _BEGINS.search(text)
    if start is None or text[: start.start()].count("\n") > 20:
        return None
    try:
        content = json.JSONDecoder().raw_decode(text[start.start() : start.start() + MAX_JSON].replace("\n", ""))[0]
    except (ValueError, RecursionError):
        return None
    events = content if isinstance(content, list) else [content]
    if not any(isinstance(event, dict) and any(name in event for name in _EVENT) for event in events):
        return None
    reports = [report for event in events[:MAX_EVENTS] if isinstance(event, dict) for report in _read_event(event)]
    return [report for report in reports if report.final_recipient]


def _read_event(event: dict[str, Any]) -> list[RecipientReport]:
    bounce = event.get("bounce")
    if isinstance(bounce, dict) and isinstance(bounce.get("bouncedRecipients"), list):
        return [_read_recipient(item, "failed") for item in bounce["bouncedRecipients"] if isinstance(item, dict)]
    inner = _flatten(event, 3)
    kind = " ".join(str(inner.get(name, "")) for name in _EVENT if isinstance(inner.get(name), str))
    if not _FAILED.search(kind):
        return []
    late = _LATE.search(f"{kind} {inner.get('severity', '')}") is not None
    return [_read_recipient(inner, "delayed" if late else "failed")]


def _flatten(event: dict[str, Any], depth: int) -> dict[str, Any]:
    """The values of an event and of the objects within it, the outer ones first."""
    found = {name: value for name, value in event.items() if not isinstance(value, dict)}
    if depth:
        for value in event.values():
            if isinstance(value, dict):
                found = _flatten(value, depth - 1) | found
    return found


def _read_recipient(item: dict[str, Any], action: str) -> RecipientReport:
    address = next((item[name] for name in _ADDRESS if isinstance(item.get(name), str)), "")
    words = next((item[name] for name in _WORDS if isinstance(item.get(name), str) and item[name]), "")
    code = str(item.get("code") or item.get("error_code") or "")
    said = words.partition(";")[2].strip() if words[:8].lower().startswith("smtp;") else words.strip()
    if re.fullmatch(r"[45]\d\d", code) and not said.startswith(code):
        said = f"{code} {said}"
    status = next((item[name] for name in _STATUS if isinstance(item.get(name), str)), "")
    return RecipientReport(
        final_recipient=read_address(address),
        action=str(item.get("action") or action).lower(),
        status=read_status_field(status),
        diagnostic_code=said,
    )
