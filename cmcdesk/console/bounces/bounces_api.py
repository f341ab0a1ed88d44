"""Bounces over the API: failed recipients as read from bounce mails; may be waited for."""

from typing import Literal

from pydantic import Field

from cmcdesk.console.frame.api_errors import wait_until_enough
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.mails.mail_shapes import PAGE_LIMIT, Waiting
from cmcdesk.store.desk.bounce_lists import BounceQuery, list_bounces, list_bounces_after
from cmcdesk.store.desk.bounces import shown_status
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.models import BounceRow

bounces = ApiPart("api_bounces", __name__, "bounces")


class BouncesQuery(Waiting):
    """Which bounces: newest first before `before`, or oldest first after `after`."""

    before: int | None = None
    after: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    composition: str | None = None
    mail_id: int | None = Field(None, description="the bounce mail that they were read from")
    recipient: str | None = Field(None, max_length=320, description="the whole address, in whatever case")
    subject: str | None = Field(None, max_length=200, description="a part of the original mail's, in whatever case")
    message_id: str | None = Field(None, max_length=998, description="the original mail's, with or without brackets")
    error_status: int | None = Field(None, description="CMC's 1 to 11, or 99")
    final: Literal["yes", "no", "all"] = Field("yes", description="no: notices of a delay")


class Bounce(Shape):
    """One failed recipient; subject, message_id and header From are the original mail's."""

    id: int
    mail_id: int
    composition: str
    created_at: str = Field(description="ISO 8601, UTC")
    final: bool
    recipient: str
    error_status: int = Field(description="a person's word where there is one")
    status: str | None = Field(description="RFC 3463")
    reply: str | None
    diagnostic: str
    evidence: str
    header_from: str = Field(alias="from")
    message_id: str
    return_path: str
    subject: str
    api_data: str


class Bounces(Shape):
    """One page of bounces; `next` is the `before` (or `after`) of the next page, null at the end."""

    bounces: list[Bounce]
    next: int | None


@bounces.get("/bounces", responses={200: Bounces, 503: Errors})
def list_all(query: BouncesQuery) -> Bounces:
    """List bounces; with wait, as soon as there are count of them."""
    rows = wait_until_enough(query, lambda: _find(query), list)
    following = rows[-1].id if len(rows) == query.limit else None
    return Bounces(bounces=[shape_bounce(row) for row in rows], next=following)


def shape_bounce(row: BounceRow) -> Bounce:
    """A row as the API gives it."""
    told = {"created_at": format_instant(row.created_at) or "", "error_status": shown_status(row)}
    return Bounce(**{name: getattr(row, name) for name in Bounce.model_fields if name not in told}, **told)


def _find(query: BouncesQuery) -> list[BounceRow]:
    wanted = BounceQuery(
        composition=query.composition,
        mail_id=query.mail_id,
        recipient=query.recipient,
        subject=query.subject,
        message_id=query.message_id and query.message_id.strip("<> "),
        exactly=frozenset({"recipient"}),
        error_status=query.error_status,
        final={"yes": True, "no": False, "all": None}[query.final],
    )
    with reading(current_services().engine) as session:
        if query.after is None:
            return list_bounces(session, wanted, query.before, query.limit)
        return list_bounces_after(session, wanted, query.after, query.limit)
