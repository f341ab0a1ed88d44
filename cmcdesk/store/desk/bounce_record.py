"""CMC's record of one bounce: the nine keys of its bounces API, which the event webhook (inferred) carries as well."""

import re
from datetime import datetime, tzinfo

from cmcdesk.store.desk.bounces import shown_status
from cmcdesk.store.desk.models import BounceRow

_REPLY = re.compile(r"[245]\d\d[ -]")


def write_record(row: BounceRow, zone: tzinfo) -> dict[str, str]:
    """Nine keys, every value a string, as CMC's clients demand. A person's override is the status.

    zone: of `created`; CMC writes no offset."""
    return {
        "created": write_created(row.created_at, zone),
        "status": str(shown_status(row)),
        "from": row.header_from,
        "to": row.recipient,
        "messageId": row.message_id,
        "returnPath": row.return_path,
        "subject": row.subject,
        "apiData": row.api_data,
        "reason": choose_reason(row),
    }


def choose_reason(row: BounceRow) -> str:
    """The response of the destination in one line (ours; CMC: エラー理由, Response Message): an SMTP reply that the
    notice gives first, else the line that decided the error status, else the notice's first line."""
    first = row.diagnostic.partition("\n")[0]
    return first if _REPLY.match(first) else row.evidence or first


def write_created(at: float, zone: tzinfo) -> str:
    """Unix seconds as `YYYY-MM-DD HH:MM:SS`."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")
