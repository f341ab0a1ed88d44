"""ようこそ: the first page on fresh data, with three doors (learn, show, test my program), each one click from what
moves; and the page that hands a program what it needs to speak with this cmcdesk.
"""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import View, list_deaf, list_views
from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.request import choose_part
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.lessons.playing import (
    LEARNER,
    RUN,
    begin,
    choose_learner,
    find_playing,
    list_practisable,
    write_step_address,
)
from cmcdesk.console.lessons.shelf import look_at_shelf
from cmcdesk.console.simulator import lessons
from cmcdesk.console.simulator.lessons import default_traffic
from cmcdesk.console.simulator.runs_page import start_run
from cmcdesk.console.simulator.simulator_page import choose_view, tell_set_up
from cmcdesk.console.welcome.examples import LANGUAGES, list_tasks, read_given
from cmcdesk.store.desk.lesson_runs import find_open_run

SHOWN = 5  # mails and refusals below the examples

welcome = Blueprint("welcome", __name__)


@welcome.get("/welcome")
def show_welcome() -> str:
    """Three doors, and what can be done by hand."""
    views = list_views()
    return render_template("welcome/welcome.html", views=views, deaf=list_deaf(views))


@welcome.post("/welcome/learn")
def learn() -> ResponseReturnValue:
    """The first lesson, begun (or gone on with) under the name of who learns here, its first page open."""
    shelf = look_at_shelf()
    if not shelf.lessons:
        return redirect(url_for("lessons.show_lessons"), 303)
    first = shelf.lessons[0]
    views = list_practisable(first.plan)
    try:
        learner = choose_learner(str(session.get(LEARNER) or _("Guest")))
        opened = find_open_run(db.session(), learner, first.key)
        if opened is not None:
            session[RUN] = opened.id
        else:
            begin(first, learner, views[0].name if views else "")
    except Refused as refused:
        flash(refused.errors[0].message, "warning")
        return redirect(url_for("lessons.show_lesson", key=first.key), 303)
    playing = find_playing()
    place = write_step_address(playing, playing.step) if playing and playing.step else ""
    return redirect(place or url_for("lessons.show_lesson", key=first.key), 303)


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
