"""MENU → API設定 → API ユーザ: who may call CMC's own API paths."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.cmc.api_users_api import add_user, explain_bad, remove_user
from cmcdesk.console.frame.database import db
from cmcdesk.store.desk.api_users import BadApiUser, list_api_users

api_users = Blueprint("api_users_page", __name__)


@api_users.get("/api-settings/users")
def show_users() -> str:
    """The list."""
    return _render()


@api_users.post("/api-settings/users")
def add() -> ResponseReturnValue:
    """Add one; its key is shown this once."""
    name = request.form.get("api_user", "").strip()
    try:
        made = add_user(name, request.form.get("api_key", ""))
    except BadApiUser as bad:
        return _render(given=name, errors={bad.field: explain_bad(bad)}), 422
    return _render(made_user=made.api_user, made_key=made.api_key)


@api_users.post("/api-settings/users/<name>/remove")
def remove(name: str) -> ResponseReturnValue:
    """Remove one: its next call is refused."""
    if not remove_user(name):
        abort(404)
    flash(_("Removed."), "success")
    return redirect(url_for("api_users_page.show_users"), 303)


def _render(given: str = "", errors: dict[str, str] | None = None, made_user: str = "", made_key: str = "") -> str:
    return render_template(
        "webhook/users.html",
        users=list_api_users(db.session()),
        given=given,
        errors=errors or {},
        made_user=made_user,
        made_key=made_key,
    )
