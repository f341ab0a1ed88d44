"""Webhook deliveries over the API: list, one with its tries, send again."""

import time

from cmcdesk.console.frame.api_errors import refuse_missing, wait_until_enough
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, format_instant
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.mails.mail_shapes import (
    Attempt,
    Deliveries,
    Delivery,
    DeliveryDetail,
    DeliveryPath,
    DeliveryQuery,
)
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.deliveries import (
    get_delivery,
    list_attempts,
    list_deliveries,
    list_deliveries_after,
    retry_delivery,
)
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

deliveries = ApiPart("api_deliveries", __name__, "deliveries")


@deliveries.get("/deliveries", responses={200: Deliveries, 503: Errors})
def list_all(query: DeliveryQuery) -> Deliveries:
    """List deliveries, newest first (with after: oldest first); with wait, as soon as there are count of them."""
    rows = wait_until_enough(query, lambda: _list(query), list)
    following = rows[-1].number if len(rows) == query.limit else None
    return Deliveries(deliveries=[shape_delivery(row) for row in rows], next=following)


@deliveries.get("/deliveries/<id>", responses={200: DeliveryDetail, 404: Errors})
def get_one(path: DeliveryPath) -> DeliveryDetail:
    """One delivery and its attempts, as sent and as answered."""
    row = _find(path.id)
    log = [shape_attempt(attempt) for attempt in list_attempts(db.session(), row.number)]
    return DeliveryDetail(**dict(shape_delivery(row)), attempt_log=log)


@deliveries.post("/deliveries/<id>/retry", responses={202: Delivery, 404: Errors})
def retry(path: DeliveryPath) -> tuple[Delivery, int]:
    """Send again, now, whatever became of it."""
    if not send_again(path.id):
        refuse_missing("id", path.id)
    return shape_delivery(_find(path.id)), 202


def send_again(delivery_id: str) -> bool:
    """Make one delivery due and wake the worker; False where there is no such delivery."""
    with transaction(current_services().engine) as session:
        found = retry_delivery(session, delivery_id, time.time())
    if found:
        current_services().wake_worker()
        current_hub().publish("deliveries")
    return found


def shape_delivery(row: DeliveryRow) -> Delivery:
    """A row as the API gives it."""
    instants = ("due_at", "created_at", "finished_at")
    fields = {name: getattr(row, name) for name in Delivery.model_fields if name not in instants}
    return Delivery(**fields, **{name: format_instant(getattr(row, name)) for name in instants})


def shape_attempt(row: AttemptRow) -> Attempt:
    """A row as the API gives it."""
    fields = {name: getattr(row, name) for name in Attempt.model_fields if name != "at"}
    return Attempt(**fields, at=format_instant(row.at) or "")


def _list(query: DeliveryQuery) -> list[DeliveryRow]:
    with reading(current_services().engine) as session:  # each look at what is written by then
        if query.after is None:
            return list_deliveries(session, **query.model_dump(exclude={"wait", "count", "after"}))
        only = query.model_dump(exclude={"wait", "count", "after", "before", "limit"})
        rows = list_deliveries_after(session, query.after, query.limit, **only)
        return rows if query.before is None else [row for row in rows if row.number < query.before]


def _find(delivery_id: str) -> DeliveryRow:
    row = get_delivery(db.session(), delivery_id)
    return row if row is not None else refuse_missing("id", delivery_id)
