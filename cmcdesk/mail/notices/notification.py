"""Amazon SES tells of bounces by SNS too, and SNS by mail: JSON in the text (AWS: "SNS notification contents")."""

import json
from typing import Any

from cmcdesk.mail.notices.codes import read_status_field
from cmcdesk.mail.notices.report import RecipientReport, read_address

MAX_JSON = 64 * 1024


def read_notification(text: str) -> list[RecipientReport] | None:
    """The bounced recipients; [] for a notification of another kind (delivery, complaint); None: no notification."""
    start = text.find('{"notificationType"')
    start = start if start >= 0 else text.find('{"eventType"')
    if start < 0:
        return None
    try:
        content = json.JSONDecoder().raw_decode(text[start : start + MAX_JSON].replace("\n", ""))[0]
    except (ValueError, RecursionError):
        return None
    bounce = content.get("bounce") if isinstance(content, dict) else None
    if not isinstance(bounce, dict):
        return []
    recipients = bounce.get("bouncedRecipients")
    return (
        [_read_recipient(item) for item in recipients if isinstance(item, dict)] if isinstance(recipients, list) else []
    )


def _read_recipient(item: dict[str, Any]) -> RecipientReport:
    diagnostic = str(item.get("diagnosticCode") or "").partition(";")
    return RecipientReport(
        final_recipient=read_address(str(item.get("emailAddress") or "")),
        action=str(item.get("action") or "failed").lower(),
        status=read_status_field(str(item.get("status") or "")),
        diagnostic_code=(diagnostic[2] or diagnostic[0]).strip(),
    )
