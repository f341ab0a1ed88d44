"""サーバ設定: the screens of one composition. Each is saved by 保存する and by moving to another screen."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.compositions_page import ToldChange, get_view, tell_changes
from cmcdesk.console.compositions.drafting import DraftChanged, check_draft, list_differences, save_draft
from cmcdesk.console.compositions.view import View
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.request import read_number, read_own_path
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.frame.trouble import Told as Trouble
from cmcdesk.console.settings.forms import (
    Form,
    fill_form,
    list_setting_fields,
    list_user_rows,
    mark_seen,
    merge_settings,
    pick_settings,
    read_user_rows,
    refill_form,
)
from cmcdesk.processes.certificates import read_ca_certificate
from cmcdesk.rules.settings import read_form

settings = Blueprint("settings", __name__)


@dataclass(frozen=True)
class Screen:
    """One screen that saves: its place, the template of its fields, the settings on it, where 次へ goes ("": nowhere),
    and the page around it."""

    endpoint: str
    template: str
    paths: tuple[str, ...]
    next_endpoint: str = ""
    frame: str = "settings/frame.html"


RECEIVING = Screen(
    "settings.show_receiving",
    "settings/receiving_fields.html",
    tuple(
        f"receiving.{name}" for name in ("max_sessions", "interval_ms", "size_kb", "bounce_domains", "inbound_domains")
    ),
    "settings.show_envelope_from",
)
SECURITY = Screen(
    "settings.show_security",
    "settings/security_fields.html",
    tuple(f"security.{name}" for name in ("starttls", "implicit_tls", "auth", "auth_users")),
)
ENVELOPE_FROM = Screen(
    "settings.show_envelope_from",
    "settings/envelope_from_fields.html",
    ("advanced.envelope_from.rewrite", "advanced.envelope_from.domain"),
    "compositions.show_list",
)


@settings.get("/compositions/<name>/settings/receiving")
def show_receiving(name: str) -> str:
    """受信サーバ設定."""
    return show_screen(RECEIVING, get_view(name))


@settings.post("/compositions/<name>/settings/receiving")
def save_receiving(name: str) -> ResponseReturnValue:
    """Save 受信サーバ設定."""
    return save_screen(RECEIVING, name)


@settings.get("/compositions/<name>/settings/envelope-from")
def show_envelope_from(name: str) -> str:
    """高度な設定 → エンベロープFrom."""
    return show_screen(ENVELOPE_FROM, get_view(name))


@settings.post("/compositions/<name>/settings/envelope-from")
def save_envelope_from(name: str) -> ResponseReturnValue:
    """Save 高度な設定 → エンベロープFrom."""
    return save_screen(ENVELOPE_FROM, name)


@settings.get("/compositions/<name>/settings/security")
def show_security(name: str) -> str:
    """TLS and AUTH of the receiving server (ours)."""
    return show_screen(SECURITY, get_view(name))


@settings.post("/compositions/<name>/settings/security")
def save_security(name: str) -> ResponseReturnValue:
    """Save TLS and AUTH."""
    return save_screen(SECURITY, name)


@settings.get("/tls/ca.pem")
def download_ca() -> Response:
    """The certificate of the own CA, which clients have to trust."""
    pem = read_ca_certificate(current_services().folder)
    disposition = {"Content-Disposition": "attachment; filename=cmcdesk-ca.pem"}
    return Response(pem, mimetype="application/x-pem-file", headers=disposition)


def save_screen(screen: Screen, name: str) -> ResponseReturnValue:
    """Save what the screen holds, then go on to where the person was going; or stay, with what is wrong."""
    view = get_view(name)
    given = merge_settings(view.draft, _read_given(view.draft))
    if "restores" in request.form:
        return restore_screen(screen, view, given)
    try:
        save_draft(name, given, choose_version(view, pick_settings(view.draft, screen.paths)))
    except Refused as refused:
        return _stay(screen, view, refill_form(request.form, view.draft, refused.errors)), 422
    except DraftChanged:
        view = get_view(name)
        mine = tell_changes(list_differences(view.draft, merge_settings(view.draft, given)))
        return _stay(screen, view, refill_form(request.form, view.draft, []), mine), 409
    current_hub().publish("settings", "state")
    return _go_on(screen, name)


def _read_given(draft: dict[str, Any]) -> dict[str, Any]:
    """What the form holds; users of SMTP AUTH come line by line beside the list."""
    given = read_form(list_setting_fields(request.form))
    users = given.get("security", {}).get("auth_users")
    if users is not None:
        users += read_user_rows(request.form, _list_stored_users(draft))
    return given


def _list_stored_users(draft: dict[str, Any]) -> list[str]:
    return draft.get("security", {}).get("auth_users", [])  # type: ignore[no-any-return]


def choose_version(view: View, stored: Any) -> int | None:
    """The version of the draft that a save builds on: the one that the form was opened with; the newest where what the
    form is about still stands as it was seen, for then nothing that somebody else saved is lost."""
    if request.form.get("seen") == mark_seen(stored):
        return view.draft_version
    return read_number(request.form.get("version"))


def restore_screen(screen: Screen, view: View, given: dict[str, Any]) -> str:
    """Input that was kept unsaved in the browser, back in the form with what is wrong about it; nothing is saved."""
    errors = find_errors(given, view.draft)
    is_saved = not errors and not list_differences(view.draft, given)
    form = fill_form(view.draft) if is_saved else refill_form(request.form, view.draft, errors)
    return _render_form(screen, view, form, restored=not is_saved)


def find_errors(given: dict[str, Any], stored: dict[str, Any]) -> list[Trouble]:
    """What is wrong with settings over what is stored; [] for nothing."""
    try:
        check_draft(given, stored)
    except Refused as refused:
        return refused.errors
    return []


def _go_on(screen: Screen, name: str) -> ResponseReturnValue:
    place = read_own_path(request.form.get("next"), "")
    if not request.headers.get("HX-Request"):
        flash(_("Saved."), "success")
        return redirect(place or url_for(screen.endpoint, name=name), 303)
    if place:
        return Response(status=204, headers={"HX-Redirect": place})
    view = get_view(name)
    return _render_form(screen, view, fill_form(view.draft), saved=True)


def show_screen(screen: Screen, view: View) -> str:
    """The page of a screen with what is saved; with HX-Request only its form."""
    if request.headers.get("HX-Request"):
        return _render_form(screen, view, fill_form(view.draft))
    return render_template(screen.frame, **_describe(screen, view, fill_form(view.draft)))


def _stay(screen: Screen, view: View, form: Form, theirs: list[ToldChange] | None = None) -> str:
    """The form as it was typed: nothing of it is lost."""
    if request.headers.get("HX-Request"):
        return _render_form(screen, view, form, theirs=theirs)
    return render_template(screen.frame, **_describe(screen, view, form), theirs=theirs)


def _render_form(screen: Screen, view: View, form: Form, **told: Any) -> str:
    return render_template("settings/form.html", **_describe(screen, view, form), **told)


def _describe(screen: Screen, view: View, form: Form) -> dict[str, object]:
    tabs = ("bounce", "inbound")
    wrong = [tab for tab in tabs if form.errors_of(f"receiving.{tab}_domains")]
    asked = request.values.get("tab")
    locked_bounce = form.is_locked("receiving.bounce_domains")
    shown = asked if asked in tabs and not wrong else (wrong or ["inbound" if locked_bounce else "bounce"])[0]
    seen = mark_seen(pick_settings(view.draft, screen.paths))
    users = list_user_rows(form.values, _list_stored_users(view.draft))
    return {"screen": screen, "view": view, "form": form, "tab": shown, "seen": seen, "mail_users": users}
