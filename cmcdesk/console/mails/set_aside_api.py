"""Mails that are set aside over the API: the list, and reading one again."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse_missing
from cmcdesk.console.frame.api_shapes import COMMON, Errors, Shape, format_instant
from cmcdesk.console.mails.mail_shapes import MailPath
from cmcdesk.console.mails.setting_aside import current_set_aside, is_set_aside, request_again
from cmcdesk.store.desk.set_aside import SetAside

set_aside = APIBlueprint(
    "api_set_aside", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="mails")], abp_responses=COMMON
)


class SetAsideMail(Shape):
    """A mail that ended the worker, or failed to be read, twice: no follower reads it."""

    id: int
    readers: list[str] = Field(description="bounces, webhooks, search: what read it then")
    failures: int
    at: str = Field(description="ISO 8601, UTC: the last time")
    is_asked: bool = Field(description="it is about to be read again")


class SetAsideMails(Shape):
    """All of them, newest mail first."""

    mails: list[SetAsideMail]


@set_aside.get("/mails/set-aside", responses={200: SetAsideMails})
def list_all() -> dict[str, Any]:
    """List the mails that are set aside."""
    return SetAsideMails(mails=[shape_set_aside(one) for one in current_set_aside()]).as_json()


@set_aside.post("/mails/<int:id>/again", responses={202: SetAsideMail, 404: Errors})
def read_again(path: MailPath) -> tuple[dict[str, Any], int]:
    """Let the worker read a mail once more that is set aside."""
    one = is_set_aside(path.id) if request_again(path.id) else None
    if one is None:
        refuse_missing("id", path.id)
    return shape_set_aside(one).as_json(), 202


def shape_set_aside(one: SetAside) -> SetAsideMail:
    """One as the API gives it."""
    at = format_instant(one.at) or ""
    return SetAsideMail(id=one.mail_id, readers=list(one.readers), failures=one.strikes, at=at, is_asked=one.is_asked)
