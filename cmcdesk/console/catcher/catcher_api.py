"""The webhook catcher over the API: its endpoints, their answers, and what came."""

import base64
from typing import Literal

from pydantic import Field

from cmcdesk.console.catcher import catching
from cmcdesk.console.catcher.caught_view import read_caught
from cmcdesk.console.frame.api_errors import refuse_missing, refuse_told, wait_until_enough
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.mails.mail_shapes import PAGE_LIMIT, Waiting
from cmcdesk.store.desk import catcher as store
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.models import CatcherRow, CaughtRow

catcher = ApiPart("api_catcher", __name__, "webhook catcher", prefix="/api/v1/catcher")


class EndpointPath(Shape):
    """An endpoint of the catcher by its number."""

    id: int


class Endpoint(Shape):
    """One endpoint: post to its `url`, whatever follows it."""

    id: int
    name: str
    url: str
    answer: str = Field(description='A status, "200@10" for 10 seconds before it, or "hang_up"')
    created_at: str
    kept: int = Field(description="How many requests are kept of it")


class Endpoints(Shape):
    """All, the first made first."""

    endpoints: list[Endpoint]


class NewEndpoint(Shape):
    """A new endpoint; it answers 200."""

    name: str = ""


class AnswerChange(Shape):
    """What an endpoint answers from now on: a status from 200 to 599, "200@10" after 10 seconds (at most 120), or
    "hang_up"."""

    answer: str


class RequestsQuery(Waiting):
    """Which requests: newest first before `before`, or oldest first after `after`."""

    before: int | None = None
    after: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)


class CaughtRequest(Shape):
    """One request that came. `path`: what followed the endpoint's token, with the query."""

    id: int
    endpoint: int
    at: str
    method: str
    path: str
    headers: list[tuple[str, str]]
    size: int = Field(description="octets of the content")
    answered: int = Field(description="status sent; 0: the connection was closed without an answer")


class CaughtRequests(Shape):
    """One page; `next` is the `before` (or `after`) of the next page, null at the end."""

    requests: list[CaughtRequest]
    next: int | None


class CaughtFile(Shape):
    """One file of a form."""

    field: str
    filename: str
    content_type: str
    size: int
    sha256: str


class FormField(Shape):
    """One field of a form."""

    name: str
    value: str


class CaughtDetail(CaughtRequest):
    """One request taken apart, and its content as it came (base64)."""

    fields: list[FormField]
    files: list[CaughtFile]
    content: str
    content_encoding: Literal["base64"] = "base64"


@catcher.get("/endpoints", responses={200: Endpoints})
def list_all() -> Endpoints:
    """List the endpoints."""
    counts = store.count_caught(db.session())
    rows = store.list_endpoints(db.session())
    return Endpoints(endpoints=[_shape_endpoint(row, counts.get(row.id, 0)) for row in rows])


@catcher.post("/endpoints", responses={201: Endpoint, 422: Errors})
def create(body: NewEndpoint) -> tuple[Endpoint, int]:
    """Make an endpoint; its address is ready at once."""
    try:
        row = catching.add_endpoint(body.name)
    except Refused as refused:
        refuse_told(422, refused.errors)
    return _shape_endpoint(row, 0), 201


@catcher.put("/endpoints/<int:id>/answer", responses={200: Endpoint, 404: Errors, 422: Errors})
def change_answer(path: EndpointPath, body: AnswerChange) -> Endpoint:
    """Set what an endpoint answers from now on."""
    try:
        if not catching.set_answer(path.id, body.answer):
            refuse_missing("id", path.id)
    except Refused as refused:
        refuse_told(422, refused.errors)
    row = _find(path.id)
    return _shape_endpoint(row, store.count_caught(db.session()).get(row.id, 0))


@catcher.delete("/endpoints/<int:id>", responses={204: None, 404: Errors})
def remove(path: EndpointPath) -> tuple[str, int]:
    """Remove an endpoint with all that came."""
    if not catching.remove_endpoint(path.id):
        refuse_missing("id", path.id)
    return "", 204


@catcher.get("/endpoints/<int:id>/requests", responses={200: CaughtRequests, 404: Errors, 503: Errors})
def list_requests(path: EndpointPath, query: RequestsQuery) -> CaughtRequests:
    """What came to one endpoint; with wait, as soon as there are count requests."""
    number = _find(path.id).id

    def look() -> list[CaughtRow]:
        with reading(current_services().engine) as session:  # each look at what is written by then
            return store.list_caught(session, number, query.limit, before=query.before, after=query.after)

    found = wait_until_enough(query, look, list)
    following = found[-1].id if len(found) == query.limit else None
    return CaughtRequests(requests=[_shape_caught(each) for each in found], next=following)


@catcher.delete("/endpoints/<int:id>/requests", responses={204: None, 404: Errors})
def clear(path: EndpointPath) -> tuple[str, int]:
    """Forget what came to one endpoint."""
    catching.clear_endpoint(_find(path.id).id)
    return "", 204


@catcher.get("/requests/<int:id>", responses={200: CaughtDetail, 404: Errors})
def get_request(path: EndpointPath) -> CaughtDetail:
    """One request in full."""
    row = store.get_caught(db.session(), path.id)
    if row is None:
        refuse_missing("id", path.id)
    shown = read_caught(row)
    files = [CaughtFile.model_validate(each) for each in shown.files]
    fields = [FormField(name=name, value=value) for name, value in shown.fields]
    content = base64.b64encode(row.body).decode()
    return CaughtDetail(**dict(_shape_caught(row)), fields=fields, files=files, content=content)


def _find(number: int) -> CatcherRow:
    row = store.get_endpoint(db.session(), number)
    return row if row is not None else refuse_missing("id", number)


def _shape_endpoint(row: CatcherRow, kept: int) -> Endpoint:
    return Endpoint(
        id=row.id,
        name=row.name,
        url=catching.write_url(row),
        answer=row.answer,
        created_at=format_instant(row.created_at) or "",
        kept=kept,
    )


def _shape_caught(row: CaughtRow) -> CaughtRequest:
    return CaughtRequest(
        id=row.id,
        endpoint=row.catcher_id,
        at=format_instant(row.at) or "",
        method=row.method,
        path=row.path,
        headers=[(name, value) for name, value in row.headers],
        size=row.size,
        answered=row.answered,
    )
