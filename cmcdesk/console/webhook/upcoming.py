"""What a delivery will send before it has sent anything: the events in it, and the request of its first attempt."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import requests

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.webhook.curl import hide_secrets
from cmcdesk.processes import paths
from cmcdesk.store.desk.delivery_queue import read_due
from cmcdesk.store.desk.models import DeliveryRow
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.webhook.courier import prepare_request
from cmcdesk.webhook.dispatcher import look_up_target
from cmcdesk.webhook.errand import Errand, preview, write_payload
from cmcdesk.webhook.mails import MailGone, MailReader, PartsCache


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
                return Upcoming(target.endpoint, preview(Errand(delivery, target), reader))
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
            return prepare_request(hidden, delivery.id, write_payload(Errand(delivery, hidden), reader))
        except (MailGone, MailLogMissing, OSError, ValueError):
            return None


def list_events(row: DeliveryRow) -> list[dict[str, Any]]:
    """The events that a delivery carries, as they go over the wire; none for a mail's delivery."""
    if row.kind != "event" or not row.payload:
        return []
    events: list[dict[str, Any]] = json.loads(row.payload).get(row.filter, [])
    return events
