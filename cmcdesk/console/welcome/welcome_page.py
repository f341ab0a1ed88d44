"""ようこそ: the first page on fresh data, with three doors (learn, show, test my program), each one click from what
moves; and the page that hands a program what it needs to speak with this cmcdesk.
"""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import View, list_deaf, list_views
from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.request import choose_part
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.simulator import lessons
from cmcdesk.console.simulator.lessons import default_traffic, preset_traffic
from cmcdesk.console.simulator.runs_page import start_run
from cmcdesk.console.simulator.simulator_page import choose_view, tell_set_up
from cmcdesk.console.welcome.examples import LANGUAGES, list_tasks, read_given

FIRST_LESSON = "domain"
SHOWN = 5  # mails and refusals below the examples
LESSONS_PAGE = "/lessons"

welcome = Blueprint("welcome", __name__)


@welcome.get("/welcome")
def show_welcome() -> str:
    """Three doors, and what can be done by hand."""
    views = list_views()
    return render_template("welcome/welcome.html", views=views, deaf=list_deaf(views))


@welcome.post("/welcome/learn")
def learn() -> ResponseReturnValue:
    """The first lesson under way: mails to a domain that is not acceptable."""
    if any(rule.rule.rstrip("/") == LESSONS_PAGE for rule in current_app.url_map.iter_rules()):
        return redirect(LESSONS_PAGE, 303)
    view = choose_view()
    try:
        start_run(preset_traffic(FIRST_LESSON, view), view, FIRST_LESSON)
    except Refused:
        pass  # the page says that it does not receive, or that four runs are under way
    return redirect(url_for("simulator.show_panel", preset=FIRST_LESSON), 303)


@welcome.get("/welcome/program")
def show_program() -> str:
    """Places, token, examples, and what came."""
    return _render(choose_view())


@welcome.get("/welcome/program/arrived")
def show_arrived() -> str:
    """What came alone, for the live page."""
    return render_template("welcome/arrived.html", **_list_arrived(choose_view()))


@welcome.post("/welcome/program/domain")
def allow_domain() -> ResponseReturnValue:
    """Make a domain acceptable for form mails, and reflect that."""
    view = choose_view()
    try:
        said = tell_set_up(view, lessons.set_up(view, "spam"))
    except Refused as refused:
        return _render(view, ("warning", refused.errors[0].message)), 409
    return _render(choose_view(), said)


@welcome.post("/welcome/program/send")
def send_one() -> ResponseReturnValue:
    """One mail by the simulator, for whoever wants to see the page move first."""
    view = choose_view()
    try:
        start_run(default_traffic(view, count="1"), view, "")
    except Refused as refused:
        return _render(view, ("warning", refused.errors[0].message)), 409
    return redirect(url_for("welcome.show_program", composition=view.name, example=_choose_language()), 303)


def _choose_language() -> str:
    return choose_part(request.values.get("example"), tuple(LANGUAGES)) or next(iter(LANGUAGES))


def _render(view: View, said: tuple[str, str] = ("", "")) -> str:
    given = read_given(view)
    return render_template(
        "welcome/program.html",
        view=view,
        views=list_views(),
        given=given,
        rows=[
            (_("Receiving server"), "receiving", [given.host, str(given.port)] if given.host else []),
            (_("Recipient (Inbound)"), "inbound", [given.inbound] if given.inbound else []),
            (_("Recipient (Bounce)"), "bounce", [given.bounce] if given.bounce else []),
            (_("Relay server"), "relay", [given.relay_host, str(given.relay_port)] if given.relay_host else []),
            ("API", "api", [given.api]),
            (_("API token"), "token", [given.token]),
        ],
        tasks=list_tasks(given),
        languages={name: label for name, (label, _file, _command) in LANGUAGES.items()},
        chosen=_choose_language(),
        said=said,
        **_list_arrived(view),
    )


def _list_arrived(view: View) -> dict[str, object]:
    log = current_mail_log()
    found = log.list_mails(limit=SHOWN, composition=view.name) if log else []
    refused = log.list_refusals(limit=SHOWN, composition=view.name) if log else []
    return {"mails": found, "refusals": refused}
