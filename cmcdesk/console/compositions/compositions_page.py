"""サーバ構成: the list with states and what came today, 設定反映 with the diff, adding and removing a composition."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.drafting import (
    UnknownComposition,
    UnknownRevision,
    add_composition,
    apply_draft,
    list_changes,
    list_differences,
    list_history,
    remove_composition,
    take_back,
)
from cmcdesk.console.compositions.view import View, find_view, list_views
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.language import page_zone, pick_text, write_number
from cmcdesk.console.frame.request import dialog_of
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.rules.settings import Change
from cmcdesk.rules.texts import Text
from cmcdesk.store.maillog.counts import Received, count_received, count_relayed


def count_today(now: Callable[[], float] = time.time) -> dict[str, Received]:
    """Composition → mails stored and refused since midnight by its receiving server and its relay, as the lists show
    them; one that got nothing is not in it."""
    log = current_mail_log()
    if log is None:
        return {}
    day = find_day(now(), page_zone())
    received, relayed = count_received(log, *day), count_relayed(log, *day)
    both = {name: (received.get(name, Received()), relayed.get(name, Received())) for name in received | relayed}
    return {name: Received(one.mails + two.mails, one.refused + two.refused) for name, (one, two) in both.items()}


def find_day(now: float, zone: tzinfo) -> tuple[float, float]:
    """The beginning and the end of the day that `now` is in, all in seconds since 1970.

    A day has 23 to 25 hours where the clocks change. Where midnight itself is passed over it begins with the change:
    PEP 495 lets a time that does not exist (fold=0) be counted from the offset before.
    """
    today = datetime.fromtimestamp(now, zone).date()
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (today, today + timedelta(days=1)))
    return begin.timestamp(), end.timestamp()


compositions = Blueprint("compositions", __name__)


@dataclass(frozen=True)
class ToldChange:
    """A change in this request's language."""

    label: str
    old: str
    new: str
    effect: str
    added: list[str]
    removed: list[str]


@compositions.get("/compositions")
def show_list() -> str:
    """The tab; with HX-Request only the table."""
    template = "compositions/rows.html" if request.headers.get("HX-Request") else "compositions/list.html"
    return render_template(template, views=list_views(), today=count_today())


@compositions.get("/compositions/<name>/apply")
@dialog_of("compositions.show_list")
def ask_apply(name: str) -> str:
    """The 設定反映 dialog: every change with its effect."""
    return _render_apply(get_view(name))


@compositions.post("/compositions/<name>/apply")
def apply(name: str) -> ResponseReturnValue:
    """「反映する」: all of it or nothing, and what came of it."""
    try:
        revision = apply_draft(name)
    except Refused as refused:
        return _render_apply(get_view(name), refused=refused), 422
    current_hub().publish("settings", "state")
    return render_template("compositions/applied.html", view=get_view(name), revision=revision)


@compositions.get("/compositions/<name>/state")
@dialog_of("compositions.show_list")
def show_state(name: str) -> str:
    """状態 and whether something waits to be reflected: the part of a page that follows both."""
    return render_template("compositions/state_now.html", view=get_view(name))


@compositions.get("/compositions/<name>/history")
def show_history(name: str) -> str:
    """履歴: what was reflected when, to look at and to take back into the draft; with HX-Request only the list."""
    view, revisions = get_view(name), list_history(name)
    older = [*revisions[1:], None]
    changes = {
        new.number: tell_changes(list_differences(old.settings, new.settings)) if old else []
        for new, old in zip(revisions, older, strict=True)
    }
    template = "compositions/history_rows.html" if request.headers.get("HX-Request") else "compositions/history.html"
    return render_template(template, view=view, revisions=revisions, changes=changes)


@compositions.post("/compositions/<name>/history/<int:number>/rollback")
def roll_back(name: str, number: int) -> ResponseReturnValue:
    """Take an old revision's settings into the draft."""
    try:
        take_back(name, number)
    except (UnknownComposition, UnknownRevision):
        abort(404)
    except Refused as refused:
        flash(" ".join(each.message for each in refused.errors), "warning")
        return redirect(url_for("compositions.show_history", name=name), 303)
    current_hub().publish("settings", "state")
    flash(
        _("The settings of revision %(number)s are saved. They take effect when they are reflected.", number=number),
        "success",
    )
    return redirect(url_for("compositions.show_list"), 303)


@compositions.get("/compositions/new")
@dialog_of("compositions.show_list")
def ask_new() -> str:
    """The dialog for a new Pro composition."""
    return render_template("compositions/new.html", given="", errors=[])


@compositions.post("/compositions/new")
def add() -> ResponseReturnValue:
    """Add a Pro composition with the plan's defaults and open its settings."""
    subdomain = request.form.get("subdomain", "").strip()
    try:
        add_composition(subdomain)
    except Refused as refused:
        return render_template("compositions/new.html", given=subdomain, errors=refused.errors), 422
    current_hub().publish("settings", "state")
    return _go_to(url_for("settings.show_receiving", name=subdomain))


@compositions.get("/compositions/<name>/remove")
@dialog_of("compositions.show_list")
def ask_remove(name: str) -> str:
    """The dialog that asks to type the name."""
    return render_template("compositions/remove.html", view=get_view(name))


@compositions.post("/compositions/<name>/remove")
def remove(name: str) -> ResponseReturnValue:
    """Remove a composition whose name was typed; its mails and logs stay."""
    if request.form.get("word") != name:
        abort(400)
    try:
        remove_composition(name)
    except Refused as refused:
        return render_template("compositions/remove.html", view=get_view(name), errors=refused.errors), 422
    current_hub().publish("settings", "state")
    return _go_to(url_for("compositions.show_list"))


def get_view(name: str) -> View:
    """The composition of that name; 404 if there is none."""
    return find_view(name) or abort(404)


def tell_changes(changes: list[Change]) -> list[ToldChange]:
    """Changes as the dialogs show them."""
    return [
        ToldChange(
            pick_text(each.label), write_value(each.old, each.unit), write_value(each.new, each.unit),
            pick_text(each.effect), each.added, each.removed,
        )
        for each in changes
    ]  # fmt: skip


def write_value(value: Any, unit: Text | None = None) -> str:
    """A setting's value for people, with its unit if it has one."""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, list):
        return ", ".join(map(write_value, value)) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {write_value(each)}" for key, each in value.items() if each not in ("", [], None))
    if value in (None, ""):
        return "–"
    return f"{write_number(value)} {pick_text(unit)}" if unit else str(value)


def _render_apply(view: View, refused: Refused | None = None) -> str:
    telemetry = current_services().telemetry()
    return render_template(
        "compositions/apply.html",
        view=view,
        changes=tell_changes(list_changes(view.name)),
        errors=refused.errors if refused else [],
        server_state=telemetry["mail_server"]["state"],
    )


def _go_to(place: str) -> Response:
    return Response(status=204, headers={"HX-Redirect": place})
