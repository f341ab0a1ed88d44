"""サーバ設定: the screens of one composition. Each is saved by 保存する and by moving to another screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.compositions_page import ToldChange, get_view, tell_changes
from cmcdesk.console.compositions.drafting import DraftChanged, check_draft, list_differences, save_draft
from cmcdesk.console.compositions.view import View
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
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
    take_lists,
)
from cmcdesk.processes.certificates import read_ca_certificate
from cmcdesk.rules.runaway import warn_pattern
from cmcdesk.rules.settings import read_form
from cmcdesk.store.desk.api_users import read_smtp_users

settings = Blueprint("settings", __name__)


@dataclass(frozen=True)
class Screen:
    """One screen that saves: its place, the template of its fields, the settings on it, where 次へ goes ("": nowhere),
    and the page around it. lists: which of the settings are lists of tables; tabs: name → the setting behind it."""

    endpoint: str
    template: str
    paths: tuple[str, ...]
    next_endpoint: str = ""
    frame: str = "settings/frame.html"
    lists: tuple[str, ...] = ()
    tabs: Mapping[str, str] = field(default_factory=dict)


def _list_paths(table: str, *keys: str) -> tuple[str, ...]:
    return tuple(f"{table}.{key}" for key in keys)


FLOW = ("max_sessions", "interval_ms", "size_kb")
RELAY = Screen(
    "settings.show_relay",
    "settings/relay_fields.html",
    _list_paths("relay", *FLOW, "access", "networks"),
    "settings.show_receiving",
)
RECEIVING = Screen(
    "settings.show_receiving",
    "settings/receiving_fields.html",
    _list_paths("receiving", *FLOW, "bounce_domains", "inbound_domains"),
    "settings.show_delivery_speed",
    tabs={"bounce": "receiving.bounce_domains", "inbound": "receiving.inbound_domains"},
)
DELIVERY_SPEED = Screen(
    "settings.show_delivery_speed",
    "settings/delivery_speed_fields.html",
    ("delivery_speed",),
    "settings.show_forwarding",
    lists=("delivery_speed",),
)
FORWARDING = Screen(
    "settings.show_forwarding",
    "settings/forwarding_fields.html",
    ("forwarding.relay", "forwarding.receiving"),
    "settings.show_advanced",
    lists=("forwarding.relay", "forwarding.receiving"),
    tabs={"relay": "forwarding.relay", "receiving": "forwarding.receiving"},
)
ADVANCED = Screen(
    "settings.show_advanced",
    "settings/advanced_fields.html",
    (
        *_list_paths("advanced", "received", "resend_period_min", "resend_interval_min"),
        *_list_paths("advanced.envelope_from", "rewrite", "domain"),
    ),
    "compositions.show_list",
)
SECURITY = Screen(
    "settings.show_security",
    "settings/security_fields.html",
    _list_paths("security", "starttls", "implicit_tls", "auth", "auth_users"),
)
POSTFIX = """\
# /etc/postfix/main.cf
relayhost = {place}
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd
smtp_sasl_security_options = noanonymous
smtp_tls_security_level = may

# /etc/postfix/sasl_passwd (chmod 600)
{place} {user}:API_KEY
"""
# In the order of the menu; TLS and AUTH of the receiving server are ours.
SCREENS = {
    "relay": RELAY,
    "receiving": RECEIVING,
    "delivery-speed": DELIVERY_SPEED,
    "forwarding": FORWARDING,
    "advanced": ADVANCED,
    "security": SECURITY,
}


def _add_views(key: str, screen: Screen) -> None:
    rule, endpoint = f"/compositions/<name>/settings/{key}", screen.endpoint.rpartition(".")[2]
    settings.add_url_rule(rule, endpoint, lambda name: show_screen(screen, get_view(name)))
    settings.add_url_rule(rule, f"save_{key}", lambda name: save_screen(screen, name), methods=["POST"])


for _key, _screen in SCREENS.items():
    _add_views(_key, _screen)


@settings.get("/tls/ca.pem")
def download_ca() -> Response:
    """The certificate of the own CA, which clients have to trust."""
    pem = read_ca_certificate(current_services().folder)
    disposition = {"Content-Disposition": "attachment; filename=cmcdesk-ca.pem"}
    return Response(pem, mimetype="application/x-pem-file", headers=disposition)


def save_screen(screen: Screen, name: str) -> ResponseReturnValue:
    """Save what the screen holds, then go on to where the person was going; or stay, with what is wrong."""
    view = get_view(name)
    read = _read_given(view.draft)
    lists = take_lists(read, screen.lists)
    given = merge_settings(view.draft, read)
    if "restores" in request.form:
        return restore_screen(screen, view, given, lists)
    try:
        save_draft(name, given, choose_version(view, pick_settings(view.draft, screen.paths)))
    except Refused as refused:
        return _stay(screen, view, refill_form(request.form, view.draft, refused.errors, lists)), 422
    except DraftChanged:
        view = get_view(name)
        mine = tell_changes(list_differences(view.draft, merge_settings(view.draft, given)))
        return _stay(screen, view, refill_form(request.form, view.draft, [], lists), mine), 409
    current_hub().publish("settings", "state")
    return _go_on(screen, name)


def _read_given(draft: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds; users of SMTP AUTH come line by line beside the list."""
    given = read_form(list_setting_fields(request.form))
    users = given.get("security", {}).get("auth_users")
    if users is not None:
        users += read_user_rows(request.form, _list_stored_users(draft))
    return given


def _list_stored_users(draft: Mapping[str, Any]) -> list[str]:
    return draft.get("security", {}).get("auth_users", [])  # type: ignore[no-any-return]


def choose_version(view: View, stored: Any) -> int | None:
    """The version of the draft that a save builds on: the one that the form was opened with; the newest where what the
    form is about still stands as it was seen, for then nothing that somebody else saved is lost."""
    if request.form.get("seen") == mark_seen(stored):
        return view.draft_version
    return read_number(request.form.get("version"))


def restore_screen(screen: Screen, view: View, given: Mapping[str, Any], lists: Mapping[str, Any]) -> str:
    """Input that was kept unsaved in the browser, back in the form with what is wrong about it; nothing is saved."""
    errors = find_errors(given, view.draft)
    is_saved = not errors and not list_differences(view.draft, given)
    form = fill_form(view.draft) if is_saved else refill_form(request.form, view.draft, errors, lists)
    return _render_form(screen, view, form, restored=not is_saved)


def find_errors(given: Mapping[str, Any], stored: Mapping[str, Any]) -> list[Trouble]:
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
    wrong = [tab for tab, path in screen.tabs.items() if form.errors_of(path)]
    open_tabs = [tab for tab, path in screen.tabs.items() if not form.is_locked(path)]
    asked = request.values.get("tab")
    return {
        "screen": screen,
        "view": view,
        "form": form,
        "tab": asked if asked in screen.tabs and not wrong else next(iter([*wrong, *open_tabs]), ""),
        "seen": mark_seen(pick_settings(view.draft, screen.paths)),
        "mail_users": list_user_rows(form.values, _list_stored_users(view.draft)),
        "smtp_users": read_smtp_users(db.session()) if screen is RELAY else {},
        "write_postfix": write_postfix,
        "warn_pattern": warn_pattern,
    }


def write_postfix(relay: str, user: str) -> str:
    """What points a Postfix (main.cf, and its file of passwords) at a relay server. relay: host:port; user: an API user
    with SMTP, "" for none."""
    host, _colon, port = relay.rpartition(":")
    place = f"[{host.strip('[]')}]:{port}"  # in brackets: no look-up of an MX
    return POSTFIX.format(place=place, user=user or "API_USER")
