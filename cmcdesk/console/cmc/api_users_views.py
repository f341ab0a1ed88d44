"""API users, over our own API and as page MENU → API設定 → API ユーザ: made, listed, changed, removed. They call CMC's
API paths, never /api/v1; some relay mails with SMTP AUTH.
"""

import time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from cmcdesk.console.compositions.view import list_views
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
def list_all() -> ApiUsers:
    """List the API users."""
    return ApiUsers(api_users=[_show(row) for row in list_api_users(db.session())])


@api_users.post("/api-users", responses={201: MadeApiUser, 422: Errors})
def create(body: ApiUserRequest) -> tuple[MadeApiUser, int]:
    """Add an API user; the answer alone holds its key."""
    try:
        made = add_user(body.api_user, body.api_key, smtp=body.smtp)
    except BadApiUser as bad:
        refuse(422, bad.field, body.api_user if bad.field == "api_user" else "********", explain_bad(bad))
    return MadeApiUser(api_user=made.api_user, api_key=made.api_key), 201


@api_users.patch("/api-users/<api_user>", responses={200: ApiUser, 404: Errors})
def change(path: ApiUserPath, body: ApiUserChange) -> ApiUser:
    """Say whether an API user may relay by SMTP, from the next reflecting on."""
    if not change_smtp(path.api_user, body.smtp):
        refuse_missing("api_user", path.api_user)
    return next(_show(row) for row in list_api_users(db.session()) if row.api_user == path.api_user)


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


api_users_pages = Blueprint("api_users_page", __name__)


@api_users_pages.get("/api-settings/users")
def show_users() -> str:
    """The list."""
    return _render()


@api_users_pages.post("/api-settings/users")
def add() -> ResponseReturnValue:
    """Add one; its key is shown this once."""
    name, has_smtp = request.form.get("api_user", "").strip(), "smtp" in request.form
    try:
        made = add_user(name, request.form.get("api_key", ""), smtp=has_smtp)
    except BadApiUser as bad:
        return _render(given=name, given_smtp=has_smtp, errors={bad.field: explain_bad(bad)}), 422
    return _render(made_user=made.api_user, made_key=made.api_key)


@api_users_pages.post("/api-settings/users/<name>/smtp")
def change_from_page(name: str) -> ResponseReturnValue:
    """Say whether one may relay, from the next 設定反映 on."""
    if not change_smtp(name, "smtp" in request.form):
        abort(404)
    flash(_("Saved. It takes effect when the settings are reflected."), "success")
    return redirect(url_for("api_users_page.show_users"), 303)


@api_users_pages.post("/api-settings/users/<name>/remove")
def remove_from_page(name: str) -> ResponseReturnValue:
    """Remove one: its next call is refused."""
    if not remove_user(name):
        abort(404)
    flash(_("Removed."), "success")
    return redirect(url_for("api_users_page.show_users"), 303)


def _render(errors: dict[str, str] | None = None, **shown: object) -> str:
    users = list_api_users(db.session())
    may_relay = {user.api_user: user.api_key for user in users if user.smtp}
    waiting = [view.name for view in list_views() if view.live_smtp_users != may_relay]
    return render_template("webhook/users.html", users=users, errors=errors or {}, waiting=waiting, **shown)
