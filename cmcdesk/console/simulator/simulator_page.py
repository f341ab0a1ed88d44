"""シミュレータ: traffic from the page, which starts the simulator as the separate program it is, and lessons."""

import json
import subprocess
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import View, list_views
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.simulator import lessons, traffic_form
from cmcdesk.console.simulator.bounce_kinds import group_kinds
from cmcdesk.console.simulator.lessons import (
    PRESETS,
    default_traffic,
    describe_routes,
    explain_presets,
    is_lesson,
    name_kinds,
    name_presets,
    preset_traffic,
    suggest_recipient,
)
from cmcdesk.console.simulator.runs_page import list_shown, start_run
from cmcdesk.console.simulator.traffic_form import CHARSETS, KINDS, SHAPES, Traffic, find_faults
from cmcdesk.processes.child import module_command
from cmcdesk.rules.lessons import Added

LIST_SECONDS = 20.0

simulator = Blueprint("simulator", __name__)


@dataclass(frozen=True)
class Panel:
    """What the panel shows. said: (kind of alert, text) above it."""

    view: View
    traffic: Traffic
    preset: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    said: tuple[str, str] = ("", "")


@simulator.get("/simulator")
def show_panel() -> str:
    """The panel: form, lessons, runs. With the form's fields in the query: what was typed, the recipient following."""
    view = choose_view()
    preset = request.args.get("preset", "")
    mail = request.args.get("mail", "")
    saved = traffic_form.list_saved_traffic().get(request.args.get("saved", ""))
    if saved is not None:
        return _render(Panel(view, saved))
    if "to" in request.args:
        return _render(Panel(view, follow(Traffic.from_form(request.args), view, preset), preset))
    if preset in PRESETS:
        return _render(Panel(view, preset_traffic(preset, view, mail if mail in KINDS else ""), preset))
    return _render(Panel(view, default_traffic(view, mail if mail in KINDS else "plain")))


@simulator.post("/simulator")
def start() -> ResponseReturnValue:
    """Start one run; with `set_up`, put what its lesson needs into the settings and reflect them before."""
    view = choose_view()
    traffic = Traffic.from_form(request.form)
    preset = request.form.get("preset", "")
    faults = find_faults(traffic)
    if faults:
        return _render(Panel(view, traffic, preset, faults)), 422
    lesson = preset if is_lesson(traffic, preset, view) else ""
    said = ("", "")
    try:
        if lesson and request.form.get("set_up"):
            said = tell_set_up(view, lessons.set_up(view, lesson))
            view = choose_view()
        start_run(traffic, view, lesson)
    except Refused as refused:
        return _render(Panel(view, traffic, preset, {"composition": refused.errors[0].message}, said)), 409
    return _render(Panel(view, traffic, preset, said=said))


@simulator.post("/simulator/lessons/<preset>/set-up")
def set_up(preset: str) -> ResponseReturnValue:
    """Put what a lesson needs into the settings, and reflect them."""
    if preset not in PRESETS:
        abort(404)
    return _change(preset, lambda view: lessons.set_up(view, preset))


@simulator.post("/simulator/put-back")
def put_back() -> ResponseReturnValue:
    """Take what lessons put into the settings out of them, and reflect that."""
    return _change(request.form.get("preset", ""), lessons.put_back)


@simulator.post("/simulator/saved")
def save() -> ResponseReturnValue:
    """Keep the form under a name."""
    view, traffic = choose_view(), Traffic.from_form(request.form)
    faults = find_faults(traffic)
    try:
        name = traffic_form.save_traffic(request.form.get("name", ""), traffic) if not faults else ""
    except Refused as refused:
        faults = {"name": refused.errors[0].message}
    if faults:
        return _render(Panel(view, traffic, faults=faults)), 422
    return _render(Panel(view, traffic, said=("success", _("Saved as “%(name)s”.", name=name))))


@simulator.post("/simulator/saved/remove")
def remove_saved() -> ResponseReturnValue:
    """Forget one."""
    if not traffic_form.remove_traffic(request.form.get("name", "")):
        abort(404)
    return redirect(url_for("simulator.show_panel", composition=request.form.get("composition")), 303)


def follow(traffic: Traffic, view: View, preset: str) -> Traffic:
    """The form with the recipient that fits composition and kind of mail, unless another was typed."""
    if traffic.to not in ("", request.args.get("suggested", "")):
        return traffic
    is_own = preset in PRESETS and preset_traffic(preset, view, traffic.mail).mail == traffic.mail
    return replace(traffic, to=suggest_recipient(view, traffic.mail, preset if is_own else ""))


def choose_view() -> View:
    """The composition to send to: the one asked for, else the first."""
    views = list_views()
    wanted = request.values.get("composition")
    return next((view for view in views if view.name == wanted), None) or (views[0] if views else abort(404))


def tell_set_up(view: View, number: int | None) -> tuple[str, str]:
    """What was done, in words."""
    if number is None:
        return "", ""
    told = _("Saved and reflected: %(name)s is in operation with revision %(number)s.", name=view.name, number=number)
    return "success", str(told)


def list_bounce_kinds() -> list[dict[str, Any]]:
    """The catalogue, as the simulator itself tells it; asked once."""
    kinds: list[dict[str, Any]] | None = current_app.extensions.get("bounce_kinds")
    if kinds is None:
        said = subprocess.run(
            module_command("simulator.cli", "bounce", "--list", "--details"),
            capture_output=True,
            timeout=LIST_SECONDS,
            check=False,
        )
        kinds = json.loads(said.stdout) if said.returncode == 0 else []
        current_app.extensions["bounce_kinds"] = kinds
    return kinds


def _change(preset: str, change: Any) -> ResponseReturnValue:
    view = choose_view()
    try:
        said = tell_set_up(view, change(view))
    except Refused as refused:
        said = ("warning", refused.errors[0].message)
    view = choose_view()
    traffic = preset_traffic(preset, view) if preset in PRESETS else default_traffic(view)
    return _render(Panel(view, traffic, preset, said=said))


def _name_all(added: Added, view: View) -> list[str]:
    """What set-ups put in, in words, each thing once."""
    return sorted({text for text in lessons.name_added(added, view.live).values() if text})


def _render(panel: Panel) -> str:
    template = "simulator/panel_body.html" if request.headers.get("HX-Request") else "simulator/panel.html"
    view, traffic, preset = panel.view, panel.traffic, panel.preset
    needs = lessons.list_needs(preset, view)
    return render_template(
        template,
        view=view,
        views=list_views(),
        traffic=traffic,
        faults=panel.faults,
        said=panel.said,
        presets=name_presets(),
        preset=preset,
        lesson=explain_presets().get(preset),
        needs=needs,
        is_ready=all(need.is_met for need in needs),
        added=_name_all(lessons.find_added(view.name), view),
        suggested=suggest_recipient(view, traffic.mail, preset),
        routes=describe_routes(traffic, view),
        saved=traffic_form.list_saved_traffic(),
        kinds=name_kinds(),
        bounce_kinds=group_kinds(list_bounce_kinds()),
        shapes=SHAPES,
        charsets=CHARSETS,
        **list_shown(),
    )
