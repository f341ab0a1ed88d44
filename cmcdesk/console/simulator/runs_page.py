"""The runs of the simulator on its page: how far they are, what they met, whether a lesson's promise was kept."""

from typing import Any

from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import View, find_view
from cmcdesk.console.frame.current import Services, current_mail_log
from cmcdesk.console.frame.stream import Hub
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.console.simulator.lessons import explain_reasons, name_kinds, name_presets
from cmcdesk.console.simulator.run_verdict import judge_run, tell_run_error
from cmcdesk.console.simulator.runs import Order, RefusalCount, Run, SimulatorRuns, TooManyRuns
from cmcdesk.console.simulator.traffic_form import Traffic, write_arguments
from cmcdesk.processes import paths
from cmcdesk.store.desk.run_facts import count_stored
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing

runs = Blueprint("runs", __name__)


def install_runs(app: Flask, services: Services, hub: Hub) -> None:
    """Give `app` the runs of the simulator; `stop_streams` ends them."""

    def count(run: Run) -> int:
        try:
            with MailLog(paths.mail_db(services.folder)) as log:
                return count_stored(log, run.name, run.order.after_mail)
        except MailLogMissing:
            return 0

    def count_refused(name: str) -> RefusalCount:
        server = services.telemetry()["mail_server"]
        counts = server.get("compositions", {}).get(name)
        return RefusalCount(sum(counts["refused"].values()) if counts else 0, server.get("at", 0.0))

    app.extensions["simulator_runs"] = SimulatorRuns(count, count_refused, lambda: hub.publish("simulator"))


def current_runs() -> SimulatorRuns:
    """The runs of the application that serves this request."""
    found: SimulatorRuns = current_app.extensions["simulator_runs"]
    return found


@runs.get("/simulator/runs")
def show_runs() -> str:
    """The runs alone, for the live page."""
    return render_template("simulator/runs.html", **list_shown(), is_live=True)


@runs.post("/simulator/runs/<int:number>/stop")
def stop(number: int) -> ResponseReturnValue:
    """End one run."""
    if not current_runs().stop(number):
        abort(404)
    return show_runs()


@runs.post("/simulator/runs/<int:number>/pause")
def pause(number: int) -> ResponseReturnValue:
    """Begin no further mail, or go on."""
    if not current_runs().pause(number):
        abort(404)
    return show_runs()


@runs.post("/simulator/runs/<int:number>/again")
def run_again(number: int) -> ResponseReturnValue:
    """The same once more, to where its composition receives now."""
    run = current_runs().find(number) or abort(404)
    view = find_view(run.order.composition) or abort(404)
    try:
        start_run(run.order.traffic, view, run.order.lesson)
    except Refused as refused:
        return render_template("simulator/runs.html", **list_shown(), problem=refused.errors[0].message), 409
    return show_runs() if request.headers.get("HX-Request") else redirect(url_for("simulator.show_panel"), 303)


def start_run(traffic: Traffic, view: View, lesson: str) -> Run:
    """Start one run. Raises Refused."""
    if not view.placement.receiving:
        raise Refused([Told("composition", view.name, _("This composition does not receive at the moment."))])
    log = current_mail_log()
    arguments = write_arguments(traffic, view.placement.receiving)
    interval = float(view.live["receiving"]["interval_ms"])
    order = Order(traffic, arguments, view.name, lesson, log.newest_mail() if log else 0, interval)
    try:
        return current_runs().start(order)
    except TooManyRuns:
        raise Refused([Told("composition", view.name, _("Four runs are under way. Stop one first."))]) from None


def list_shown() -> dict[str, Any]:
    """What the list of runs needs: each with its title, its verdict and how far it is."""
    presets, kinds, reasons = name_presets(), name_kinds(), explain_reasons()
    shown = []
    for run in current_runs().list_runs():
        judged = judge_run(run)
        title = presets.get(run.order.lesson) or kinds[run.order.traffic.mail]
        reason = reasons.get(judged.verdict.reason, "") if judged.verdict else ""
        shown.append(
            {
                "run": run,
                "title": title,
                "verdict": judged.verdict,
                "reason": reason,
                "error": tell_run_error(run.error),
                "met": judged.met,
                "percent": int(run.measure_progress() * 100),
                "turned_away": list_turned_away(run),
            }
        )
    return {"runs": shown}


def list_turned_away(run: Run) -> list[tuple[str, str, int]]:
    """(code, text, connections) of the greetings that were no welcome; code "" for a connection closed without one."""
    figures = run.figures
    texts = figures.get("greetings", {})
    counted = figures.get("connections", {})
    return [(code.strip("0"), texts.get(code, ""), count) for code, count in counted.items() if code != "220"]
