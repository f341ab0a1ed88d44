"""API users, over our own API and as page MENU → API設定 → API ユーザ: made, listed, changed, removed. They call CMC's
API paths, never /api/v1; those with SMTP relay mails with SMTP AUTH and by the send API.
"""

import time
from typing import Literal, Unpack

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import Field

from cmcdesk.console.compositions.view import list_views
from cmcdesk.console.frame.api_errors import refuse, refuse_missing
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.rules.texts import DEFAULT_TIME_ZONE
from cmcdesk.store.desk.api_users import (
    ApiUserTerms,
    BadApiUser,
    NewApiUser,
    change_api_key,
    change_api_user,
    create_api_user,
    get_api_user,
    list_api_users,
    list_time_zones,
    remove_api_user,
)
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import ApiUserRow

api_users = ApiPart("api_users", __name__, "API users")
RoleName = Literal["admin", "user"]
SMTP = "relays with SMTP AUTH and calls the send API; takes effect when settings are reflected"
HTTP_API = "calls the transaction API; takes effect at once"
ROLE = "admin: API group administrator, who sees the audit logs too; user: API user"
OWN_ONLY = "in lists it sees only what itself sent"
TIME_ZONE = "IANA name; of the dates of its calls and their answers"


class ApiUserPath(Shape):
    """An API user by its name."""

    api_user: str


class ApiUser(Shape):
    """Who may call CMC's API paths and, with smtp, relay mails."""

    api_user: str
    created_at: str
    role: RoleName = Field(description=ROLE)
    http_api: bool = Field(description=HTTP_API)
    smtp: bool = Field(description=SMTP)
    time_zone: str = Field(description=TIME_ZONE)
    own_only: bool = Field(description=OWN_ONLY)


class ApiUsers(Shape):
    """All, by name."""

    api_users: list[ApiUser]


class ApiUserRequest(Shape):
    """A new API user; without api_key one is made."""

    api_user: str = Field(description="an e-mail address, as at CMC, or another name")
    api_key: str = Field("", description="8-255 printable ASCII characters; made where it is left out")
    role: RoleName = Field("user", description=ROLE)
    http_api: bool = Field(True, description=HTTP_API)
    smtp: bool = Field(False, description=SMTP)
    time_zone: str = Field(DEFAULT_TIME_ZONE, description=TIME_ZONE)
    own_only: bool = Field(False, description=OWN_ONLY)


class ApiUserChange(Shape):
    """What may be changed of an API user; what is left out stays."""

    role: RoleName | None = Field(None, description=ROLE)
    http_api: bool | None = Field(None, description=HTTP_API)
    smtp: bool | None = Field(None, description=SMTP)
    time_zone: str | None = Field(None, description=TIME_ZONE)
    own_only: bool | None = Field(None, description=OWN_ONLY)


class ApiKeyRequest(Shape):
    """Another key; made where it is left out."""

    api_key: str = Field("", description="8-255 printable ASCII characters")


class MadeApiUser(Shape):
    """An API user with its new key, which is not shown again."""

    api_user: str
    api_key: str


@api_users.get("/api-users", responses={200: ApiUsers})
def list_all() -> ApiUsers:
    """List the API users."""
    return ApiUsers(api_users=[_show(row) for row in list_api_users(db.session())])


@api_users.post("/api-users", responses={201: MadeApiUser, 422: Errors})
def create(body: ApiUserRequest) -> tuple[MadeApiUser, int]:
    """Add an API user; the answer alone holds its key."""
    terms: ApiUserTerms = {
        "role": body.role, "http_api": body.http_api, "smtp": body.smtp, "time_zone": body.time_zone,
        "own_only": body.own_only,
    }  # fmt: skip
    try:
        made = add_user(body.api_user, body.api_key, **terms)
    except BadApiUser as bad:
        given = {"api_user": body.api_user, "time_zone": body.time_zone}
        refuse(422, bad.field, given.get(bad.field, "********"), explain_bad(bad))
    return MadeApiUser(api_user=made.api_user, api_key=made.api_key), 201


@api_users.patch("/api-users/<api_user>", responses={200: ApiUser, 404: Errors})
def change(path: ApiUserPath, body: ApiUserChange) -> ApiUser:
    """Change what is given; SMTP from the next reflecting on, all else at once."""
    terms: ApiUserTerms = body.model_dump(exclude_none=True)  # type: ignore[assignment]
    try:
        if not change_user(path.api_user, **terms):
            refuse_missing("api_user", path.api_user)
    except BadApiUser as bad:
        refuse(422, bad.field, str(body.time_zone), explain_bad(bad))
    return next(_show(row) for row in list_api_users(db.session()) if row.api_user == path.api_user)


@api_users.post("/api-users/<api_user>/key", responses={200: MadeApiUser, 404: Errors, 422: Errors})
def change_key(path: ApiUserPath, body: ApiKeyRequest) -> MadeApiUser:
    """Give it another key; the answer alone holds it. At the relay the old one counts until settings are reflected."""
    try:
        key = renew_key(path.api_user, body.api_key)
    except BadApiUser as bad:
        refuse(422, bad.field, "********", explain_bad(bad))
    return MadeApiUser(api_user=path.api_user, api_key=key) if key else refuse_missing("api_user", path.api_user)


@api_users.delete("/api-users/<api_user>", responses={204: None, 404: Errors})
def remove(path: ApiUserPath) -> tuple[str, int]:
    """Remove an API user: its next call is refused."""
    if not remove_user(path.api_user):
        refuse_missing("api_user", path.api_user)
    return "", 204


def add_user(api_user: str, api_key: str = "", **terms: Unpack[ApiUserTerms]) -> NewApiUser:
    """For page and API. Raises BadApiUser."""
    with transaction(current_services().engine) as session:
        made = create_api_user(session, api_user, time.time(), api_key, **terms)
    current_hub().publish("settings", "state")  # one with SMTP waits to be reflected
    return made


def change_user(api_user: str, **terms: Unpack[ApiUserTerms]) -> bool:
    """For page and API; False: there is none of that name. Raises BadApiUser."""
    with transaction(current_services().engine) as session:
        is_known = change_api_user(session, api_user, **terms)
    current_hub().publish("settings", "state")
    return is_known


def renew_key(api_user: str, api_key: str = "") -> str | None:
    """For page and API; None: there is none of that name. Raises BadApiUser."""
    with transaction(current_services().engine) as session:
        key = change_api_key(session, api_user, api_key)
    current_hub().publish("settings", "state")
    return key


def remove_user(api_user: str) -> bool:
    """For page and API; False: there was none."""
    with transaction(current_services().engine) as session:
        is_known = remove_api_user(session, api_user)
    current_hub().publish("settings", "state")
    return is_known


def _show(row: ApiUserRow) -> ApiUser:
    fields = {name: getattr(row, name) for name in ApiUser.model_fields if name != "created_at"}
    return ApiUser(created_at=format_instant(row.created_at) or "", **fields)


def explain_bad(bad: BadApiUser) -> str:
    """What is wrong with a name or key, in the language of the request."""
    if bad.reason == "taken":
        return str(_("Another API user has this name."))
    told = {
        "api_user": _("Give 1 to 254 letters, digits or . _ @ + = ~ -, beginning with a letter or digit."),
        "api_key": _("Give 8 to 255 printable ASCII characters without spaces."),
        "time_zone": _("Give the name of a time zone, such as Asia/Tokyo."),
        "role": _("Give admin or user."),
    }
    return str(told[bad.field])


api_users_pages = Blueprint("api_users_page", __name__)


@api_users_pages.get("/api-settings/users")
def show_users() -> str:
    """The list."""
    return _render()


@api_users_pages.post("/api-settings/users")
def add() -> ResponseReturnValue:
    """Add one; its key is shown this once."""
    name = request.form.get("api_user", "").strip()
    try:
        made = add_user(name, request.form.get("api_key", ""), **_read_terms())
    except BadApiUser as bad:
        return _render(given=name, terms=_read_terms(), errors={bad.field: explain_bad(bad)}), 422
    return _render(made_user=made.api_user, made_key=made.api_key)


@api_users_pages.get("/api-settings/users/<name>")
def show_user(name: str) -> ResponseReturnValue:
    """One, to be changed."""
    return _render_one(name)


@api_users_pages.post("/api-settings/users/<name>")
def change_from_page(name: str) -> ResponseReturnValue:
    """Save what may be changed; with `new_key` a key instead, which is shown this once."""
    try:
        if "new_key" in request.form:
            key = renew_key(name, request.form.get("api_key", ""))
            return _render_one(name, made_key=key)
        if not change_user(name, **_read_terms()):
            abort(404)
    except BadApiUser as bad:
        return _render_one(name, errors={bad.field: explain_bad(bad)}), 422
    flash(_("Saved. SMTP takes effect when the settings are reflected, all else at once."), "success")
    return redirect(url_for("api_users_page.show_users"), 303)


@api_users_pages.post("/api-settings/users/<name>/smtp")
def change_smtp_from_page(name: str) -> ResponseReturnValue:
    """Say whether one may relay, from the next 設定反映 on."""
    if not change_user(name, smtp="smtp" in request.form):
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


def _read_terms() -> ApiUserTerms:
    """Of the form; one that is shorter, as programs may send it, has the first values of a new user."""
    form = request.form
    return {
        "role": form.get("role", "user"),
        "http_api": "http_api" in form or "shown" not in form,
        "smtp": "smtp" in form,
        "time_zone": form.get("time_zone", DEFAULT_TIME_ZONE),
        "own_only": "own_only" in form,
    }


def _render(errors: dict[str, str] | None = None, **shown: object) -> str:
    users = list_api_users(db.session())
    may_relay = {user.api_user: user.api_key for user in users if user.smtp}
    waiting = [view.name for view in list_views() if view.live_smtp_users != may_relay]
    given: dict[str, object] = {"errors": errors or {}, "terms": {"http_api": True, "time_zone": DEFAULT_TIME_ZONE}}
    return render_template("webhook/users.html", users=users, waiting=waiting, zones=list_time_zones(), **given | shown)


def _render_one(name: str, **shown: object) -> str:
    db.session().expire_all()
    user = get_api_user(db.session(), name) or abort(404)
    given: dict[str, object] = {"errors": {}}
    return render_template("webhook/user.html", user=user, zones=list_time_zones(), **given | shown)
