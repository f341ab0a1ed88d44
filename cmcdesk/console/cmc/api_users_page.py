"""MENU → API設定 → API ユーザ: who may call CMC's own API paths, and relay mails with SMTP AUTH."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.cmc.api_users_api import add_user, change_smtp, explain_bad, remove_user
from cmcdesk.console.compositions.view import list_views
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
    name, has_smtp = request.form.get("api_user", "").strip(), "smtp" in request.form
    try:
        made = add_user(name, request.form.get("api_key", ""), smtp=has_smtp)
    except BadApiUser as bad:
        return _render(given=name, given_smtp=has_smtp, errors={bad.field: explain_bad(bad)}), 422
    return _render(made_user=made.api_user, made_key=made.api_key)


@api_users.post("/api-settings/users/<name>/smtp")
def change(name: str) -> ResponseReturnValue:
    """Say whether one may relay, from the next 設定反映 on."""
    if not change_smtp(name, "smtp" in request.form):
        abort(404)
    flash(_("Saved. It takes effect when the settings are reflected."), "success")
    return redirect(url_for("api_users_page.show_users"), 303)


@api_users.post("/api-settings/users/<name>/remove")
def remove(name: str) -> ResponseReturnValue:
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
