"""シミュレータ: traffic from the page, which starts and stops the simulator as the separate program it is."""

import json
import subprocess
import time
from typing import Any

from flask import Blueprint, Flask, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.child import module_command
from cmcdesk.console.maillog import current_services
from cmcdesk.console.reading import View, list_views
from cmcdesk.console.services import Services
from cmcdesk.console.simulator_runs import Counts, Run, SimulatorRuns, TooManyRuns
from cmcdesk.console.stream import Hub
from cmcdesk.console.traffic_form import (
    CHARSETS,
    KINDS,
    PRESETS,
    SHAPES,
    Traffic,
    default_traffic,
    explain_presets,
    find_faults,
    name_presets,
    preset_traffic,
    write_arguments,
)

LIST_SECONDS = 20.0

simulator = Blueprint("simulator", __name__)


def install_runs(app: Flask, services: Services, hub: Hub) -> None:
    """Give `app` the runs of the simulator; `stop_streams` ends them."""
    app.extensions["simulator_runs"] = SimulatorRuns(
        lambda name: count_received(services.telemetry(), name), lambda: hub.publish("simulator")
    )


def current_runs() -> SimulatorRuns:
    """The runs of the application that serves this request."""
    runs: SimulatorRuns = current_app.extensions["simulator_runs"]
    return runs


@simulator.get("/simulator")
def show_panel() -> str:
    """The panel: form, presets, runs."""
    view = choose_view()
    preset = request.args.get("preset", "")
    traffic = preset_traffic(preset, view) if preset in PRESETS else default_traffic(view)
    return _render(view, traffic, {}, preset)


@simulator.post("/simulator")
def start() -> ResponseReturnValue:
    """Start one run."""
    view = choose_view()
    traffic = Traffic.from_form(request.form)
    faults = find_faults(traffic)
    if not view.placement.receiving:
        faults["composition"] = str(_("This composition does not receive at the moment."))
    if faults:
        return _render(view, traffic, faults), 422
    preset = request.form.get("preset", "")
    title = name_presets().get(preset) or name_kinds()[traffic.mail if traffic.mail in KINDS else "plain"]
    try:
        arguments = write_arguments(traffic, str(view.placement.receiving))
        current_runs().start(title, arguments, view.name, traffic.goal)
    except TooManyRuns:
        return _render(view, traffic, {"composition": str(_("Four runs are under way. Stop one first."))}), 409
    return _render(view, traffic, {}, preset)


@simulator.get("/simulator/runs")
def show_runs() -> str:
    """The runs alone, for the live page."""
    return render_template("simulator/runs.html", runs=_list_shown())


@simulator.post("/simulator/runs/<int:number>/stop")
def stop(number: int) -> ResponseReturnValue:
    """End one run."""
    if not current_runs().stop(number):
        abort(404)
    return show_runs()


def choose_view() -> View:
    """The composition to send to: the one asked for, else the first."""
    views = list_views()
    wanted = request.values.get("composition")
    return next((view for view in views if view.name == wanted), None) or (views[0] if views else abort(404))


def count_received(telemetry: dict[str, Any], name: str) -> Counts:
    """What the receiver counted for one composition since it started."""
    server = telemetry.get("mail_server", {})
    counts = server.get("compositions", {}).get(name, {})
    return Counts(counts.get("mails", 0), sum(counts.get("refused", {}).values()), server.get("at", 0.0))


def measure_progress(run: Run, now: Counts, at: float) -> float:
    """How far a run is, 0 to 1: by what the receiver saw of it, or by the time."""
    if not run.is_running:
        return 1.0
    mails, seconds = run.goal
    seen = now.mails + now.refused - run.before.mails - run.before.refused
    by_count = seen / mails if mails else 0.0
    by_time = (at - run.started_at) / seconds if seconds else 0.0
    return min(0.99, max(by_count, by_time))


def name_kinds() -> dict[str, str]:
    """Kind of mail → its label."""
    return {"plain": _("Plain mails"), "form": _("Form mails"), "bounce": _("Bounces")}


def list_bounce_kinds() -> list[str]:
    """The catalogue, as the simulator itself names it; asked once."""
    kinds: list[str] | None = current_app.extensions.get("bounce_kinds")
    if kinds is None:
        said = subprocess.run(
            module_command("simulator.cli", "bounce", "--list", "--json"),
            capture_output=True,
            timeout=LIST_SECONDS,
            check=False,
        )
        kinds = json.loads(said.stdout) if said.returncode == 0 else [Traffic.kind]
        current_app.extensions["bounce_kinds"] = kinds
    return kinds


def _list_shown() -> list[dict[str, Any]]:
    telemetry, at = current_services().telemetry(), time.time()
    shown = []
    for run in current_runs().list_runs():
        counts = run.after or count_received(telemetry, run.composition)
        seen = Counts(counts.mails - run.before.mails, counts.refused - run.before.refused)
        shown.append({"run": run, "progress": measure_progress(run, counts, at), "seen": seen})
    return shown


def _render(view: View, traffic: Traffic, faults: dict[str, str], preset: str = "") -> str:
    template = "simulator/panel_body.html" if request.headers.get("HX-Request") else "simulator/panel.html"
    return render_template(
        template,
        view=view,
        views=list_views(),
        traffic=traffic,
        faults=faults,
        presets=name_presets(),
        preset=preset,
        lesson=explain_presets().get(preset),
        kinds=name_kinds(),
        bounce_kinds=list_bounce_kinds(),
        shapes=SHAPES,
        charsets=CHARSETS,
        runs=_list_shown(),
    )
