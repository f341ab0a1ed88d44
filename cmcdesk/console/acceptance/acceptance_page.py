"""受入試験: choose scenarios, play them with progress, keep each report as one file to save, show and print."""

import json
import subprocess
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from cmcdesk.console.acceptance.acceptance_run import AcceptanceRuns, AcceptanceUnderWay
from cmcdesk.console.frame.current import Services
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.stream import Hub
from cmcdesk.processes.child import module_command

LIST_SECONDS = 20.0
REPORT_LANGUAGES = ("ja", "en")  # of `cmcsim accept --language`
#: A report has its styles and script within; it runs in a sandbox, with an origin of its own.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; sandbox allow-scripts allow-modals"
)

acceptance = Blueprint("acceptance", __name__)


def install_acceptance(app: Flask, services: Services, hub: Hub) -> None:
    """Give `app` its acceptance runs; `stop_streams` ends them."""
    app.extensions["acceptance"] = AcceptanceRuns(services.folder, lambda: hub.publish("acceptance"))


def current_acceptance() -> AcceptanceRuns:
    """The runs of the application that serves this request."""
    runs: AcceptanceRuns = current_app.extensions["acceptance"]
    return runs


@acceptance.get("/acceptance")
def show_acceptance() -> str:
    """The scenarios to choose, the run under way, and the reports."""
    return _render()


@acceptance.get("/acceptance/now")
def show_now() -> str:
    """The run and the reports alone, for the live page."""
    return render_template("acceptance/now.html", **_list_shown())


@acceptance.post("/acceptance")
def start() -> ResponseReturnValue:
    """Play what was chosen."""
    known = [one["name"] for one in list_known_scenarios()]
    chosen = [name for name in known if name in request.form.getlist("scenario")]
    if not chosen:
        return _render(problem=_("Choose at least one scenario.")), 422
    language = str(get_locale())
    try:
        current_acceptance().start(chosen, language if language in REPORT_LANGUAGES else "en")
    except AcceptanceUnderWay:
        return _render(problem=_("Scenarios are being played. Wait for their end, or stop them.")), 409
    return redirect(url_for("acceptance.show_acceptance"), 303)


@acceptance.post("/acceptance/stop")
def stop() -> ResponseReturnValue:
    """End the run."""
    current_acceptance().stop()
    return show_now() if request.headers.get("HX-Request") else redirect(url_for("acceptance.show_acceptance"), 303)


@acceptance.get("/acceptance/reports/<name>")
def show_report(name: str) -> Response:
    """A report as a page of its own, to read and to print; `?save=1`: as the file that it is."""
    path = current_acceptance().find_report(name) or abort(404)
    answer = Response(path.read_bytes(), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = REPORT_POLICY
    if request.args.get("save"):
        answer.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return answer


@acceptance.post("/acceptance/reports/<name>/remove")
def remove_report(name: str) -> ResponseReturnValue:
    """Delete one."""
    if not current_acceptance().remove_report(name):
        abort(404)
    flash(_("The report was deleted."), "success")
    return redirect(url_for("acceptance.show_acceptance"), 303)


def list_known_scenarios() -> list[dict[str, Any]]:
    """The scenarios as the simulator itself tells them; asked once."""
    scenarios: list[dict[str, Any]] | None = current_app.extensions.get("acceptance_scenarios")
    if scenarios is None:
        said = subprocess.run(
            module_command("simulator.cli", "accept", "--list", "--details"),
            capture_output=True,
            timeout=LIST_SECONDS,
            check=False,
        )
        scenarios = json.loads(said.stdout) if said.returncode == 0 else []
        current_app.extensions["acceptance_scenarios"] = scenarios
    return scenarios


def _render(problem: str = "") -> str:
    chosen = request.form.getlist("scenario") if request.method == "POST" else None
    return render_template(
        "acceptance/acceptance.html",
        scenarios=[
            {"name": one["name"], "title": pick_text(one["title"]), "about": pick_text(one["about"])}
            for one in list_known_scenarios()
        ],
        chosen=chosen,
        problem=problem,
        **_list_shown(),
    )


def _list_shown() -> dict[str, Any]:
    runs = current_acceptance()
    titles = {one["name"]: pick_text(one["title"]) for one in list_known_scenarios()}
    return {"run": runs.run, "reports": runs.list_reports(), "titles": titles}
