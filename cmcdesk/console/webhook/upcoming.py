"""What a delivery will send before it has sent anything: the events in it, the request of its first attempt, and that
as a command line of curl for whoever wants to try the endpoint by hand, without its secrets.
"""

import json
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import requests
from requests import PreparedRequest

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.processes import paths
from cmcdesk.rules.settings.errors import SECRET_MASK
from cmcdesk.store.desk.delivery_queue import read_due
from cmcdesk.store.desk.models import DeliveryRow
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.webhook.courier import prepare_request
from cmcdesk.webhook.dispatcher import look_up_target
from cmcdesk.webhook.job import Job, preview, write_payload
from cmcdesk.webhook.mails import MailGone, MailReader, PartsCache
from cmcdesk.webhook.target import Target

LONGEST_CONTENT = 65536  # octets that are written into the command; longer ones are a file beside it
LEFT_OUT = ("content-length", "connection", "host", "accept-encoding")  # curl's own


def hide_secrets(target: Target) -> Target:
    """The same target with masks in place of its secrets."""
    user, colon, _password = target.basic.partition(":")
    return replace(
        target,
        api_key=SECRET_MASK if target.api_key else "",
        basic=f"{user}{colon}{SECRET_MASK}" if target.basic else "",
        bearer=SECRET_MASK if target.bearer else "",
    )


def write_curl(request: PreparedRequest, file: str) -> str:
    """The command for bash and zsh. file: the name of the file that holds content which cannot stand in a command."""
    content = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    words = ["curl", "-X", "POST", quote((request.url or "").encode())]
    for name, value in request.headers.items():
        if name.lower() not in LEFT_OUT:
            words += ["-H", quote(f"{name}: {value}".encode())]
    words += ["--data-binary", quote(content) if is_writable(content) else quote(f"@{file}".encode())]
    return " ".join(words)


def is_writable(content: bytes) -> bool:
    """Whether a command may hold it: a shell's words end at a NUL, and curl takes a leading @ for a file."""
    return len(content) <= LONGEST_CONTENT and b"\0" not in content and not content.startswith(b"@")


def quote(octets: bytes) -> str:
    """One word of a shell: as it is, in single quotes, or with escapes where there is more than printable ASCII."""
    text = octets.decode("latin-1")
    if text.isascii() and text.isprintable() and "'" not in text:
        return text if text and all(each.isalnum() or each in "-_./:@=%+" for each in text) else f"'{text}'"
    return "$'" + "".join(map(_escape, octets)) + "'"


def _escape(octet: int) -> str:
    named = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x27: "\\'", 0x5C: "\\\\"}
    if octet in named:
        return named[octet]
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}"


@dataclass(frozen=True)
class Upcoming:
    """endpoint, request: of the first attempt, secrets masked; reason: why there will be none."""

    endpoint: str = ""
    request: str = ""
    reason: str = ""


def foresee(row: DeliveryRow) -> Upcoming:
    """What the worker will send for a delivery that was not attempted yet, by the settings of this moment."""
    delivery = read_due(row)
    target = look_up_target(db.session(), delivery)
    if target is None:
        return Upcoming(reason="no_target")
    with closing(MailReader(paths.mail_db(current_services().folder), PartsCache())) as reader:
        try:
            with current_services().room.take(reader.measure(delivery.mail_id)):
                return Upcoming(target.endpoint, preview(Job(delivery, target), reader))
        except (MailGone, MailLogMissing):
            return Upcoming(target.endpoint, reason="mail_gone")
        except (OSError, ValueError):  # requests' own errors are OSErrors
            return Upcoming(target.endpoint, reason="no_request")


def write_request(row: DeliveryRow) -> requests.PreparedRequest | None:
    """The request of its next attempt, but with masks in place of secrets; None where there is none."""
    delivery = read_due(row)
    target = look_up_target(db.session(), delivery)
    if target is None:
        return None
    hidden = hide_secrets(target)
    with closing(MailReader(paths.mail_db(current_services().folder), PartsCache())) as reader:
        try:
            return prepare_request(hidden, delivery.id, write_payload(Job(delivery, hidden), reader))
        except (MailGone, MailLogMissing, OSError, ValueError):
            return None


def list_events(row: DeliveryRow) -> list[dict[str, Any]]:
    """The events that a delivery carries, as they go over the wire; none for a mail's delivery."""
    if row.kind != "event" or not row.payload:
        return []
    events: list[dict[str, Any]] = json.loads(row.payload).get(row.filter, [])
    return events
