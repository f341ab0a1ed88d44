"""API users over our own API: made, listed, changed, removed. They call CMC's API paths, never /api/v1; some relay."""

import time
from typing import Any

from flask_babel import gettext as _
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse, refuse_missing
from cmcdesk.console.frame.api_shapes import COMMON, Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.store.desk.api_users import (
    BadApiUser,
    NewApiUser,
    allow_smtp,
    create_api_user,
    list_api_users,
    remove_api_user,
)
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import ApiUserRow

api_users = APIBlueprint(
    "api_users", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="API users")], abp_responses=COMMON
)


class ApiUserPath(Shape):
    """An API user by its name."""

    api_user: str


class ApiUser(Shape):
    """Who may call CMC's API paths and, with smtp, relay mails."""

    api_user: str
    created_at: str
    smtp: bool = Field(description="may relay with SMTP AUTH; takes effect when settings are reflected")


class ApiUsers(Shape):
    """All, by name."""

    api_users: list[ApiUser]


class ApiUserRequest(Shape):
    """A new API user; without api_key one is made."""

    api_user: str
    api_key: str = Field("", description="8-255 printable ASCII characters; made where it is left out")
    smtp: bool = Field(False, description="may relay with SMTP AUTH; takes effect when settings are reflected")


class ApiUserChange(Shape):
    """What may be changed of an API user."""

    smtp: bool = Field(description="may relay with SMTP AUTH; takes effect when settings are reflected")


class MadeApiUser(Shape):
    """A new API user with its key, which is not shown again."""

    api_user: str
    api_key: str


@api_users.get("/api-users", responses={200: ApiUsers})
def list_all() -> dict[str, Any]:
    """List the API users."""
    return ApiUsers(api_users=[_show(row) for row in list_api_users(db.session())]).as_json()


@api_users.post("/api-users", responses={201: MadeApiUser, 422: Errors})
def create(body: ApiUserRequest) -> tuple[dict[str, Any], int]:
    """Add an API user; the answer alone holds its key."""
    try:
        made = add_user(body.api_user, body.api_key, smtp=body.smtp)
    except BadApiUser as bad:
        refuse(422, bad.field, body.api_user if bad.field == "api_user" else "********", explain_bad(bad))
    return MadeApiUser(api_user=made.api_user, api_key=made.api_key).as_json(), 201


@api_users.patch("/api-users/<api_user>", responses={200: ApiUser, 404: Errors})
def change(path: ApiUserPath, body: ApiUserChange) -> dict[str, Any]:
    """Say whether an API user may relay by SMTP, from the next reflecting on."""
    if not change_smtp(path.api_user, body.smtp):
        refuse_missing("api_user", path.api_user)
    return next(_show(row) for row in list_api_users(db.session()) if row.api_user == path.api_user).as_json()


@api_users.delete("/api-users/<api_user>", responses={204: None, 404: Errors})
def remove(path: ApiUserPath) -> tuple[str, int]:
    """Remove an API user: its next call is refused."""
    if not remove_user(path.api_user):
        refuse_missing("api_user", path.api_user)
    return "", 204


def add_user(api_user: str, api_key: str = "", *, smtp: bool = False) -> NewApiUser:
    """For page and API. Raises BadApiUser."""
    with transaction(current_services().engine) as session:
        made = create_api_user(session, api_user, time.time(), api_key, smtp=smtp)
    current_hub().publish("settings", "state")  # one with SMTP waits to be reflected
    return made


def change_smtp(api_user: str, smtp: bool) -> bool:
    """For page and API; False: there is none of that name."""
    with transaction(current_services().engine) as session:
        is_known = allow_smtp(session, api_user, smtp)
    current_hub().publish("settings", "state")
    return is_known


def remove_user(api_user: str) -> bool:
    """For page and API; False: there was none."""
    with transaction(current_services().engine) as session:
        is_known = remove_api_user(session, api_user)
    current_hub().publish("settings", "state")
    return is_known


def _show(row: ApiUserRow) -> ApiUser:
    return ApiUser(api_user=row.api_user, created_at=format_instant(row.created_at) or "", smtp=row.smtp)


def explain_bad(bad: BadApiUser) -> str:
    """What is wrong with a name or key, in the language of the request."""
    if bad.reason == "taken":
        return str(_("Another API user has this name."))
    if bad.field == "api_key":
        return str(_("Give 8 to 255 printable ASCII characters without spaces."))
    return str(_("Give 1 to 64 letters, digits or . _ @ -, beginning with a letter or digit."))
