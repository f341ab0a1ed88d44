"""研修: the lessons, one of them, the panel that stands beside every page while one is played, and the trainer's
overview of all learners.
"""

import sqlite3
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.request import read_own_path
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.console.lessons.places import OpenPage, find_open_page
from cmcdesk.console.lessons.playing import (
    LEARNER,
    RUN,
    Playing,
    advance,
    begin,
    bring_back,
    choose_learner,
    find_neighbours,
    find_playing,
    list_practisable,
    start_over,
    write_step_address,
)
from cmcdesk.console.lessons.shelf import look_at_shelf, name_own_folder
from cmcdesk.rules.training import Lesson
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.lesson_runs import (
    LessonRecord,
    delete_learner,
    find_open_run,
    list_learners,
    list_progress,
)
from cmcdesk.store.maillog.schema import NewerMailLog

FAULTS = (SQLAlchemyError, sqlite3.Error, NewerMailLog)  # told by the page itself; the panel waits

lessons = Blueprint("lessons", __name__)


@dataclass(frozen=True)
class LessonPanel:
    """What the panel shows. path: of the page beside it; page: which one that is."""

    playing: Playing
    path: str
    page: OpenPage

    @property
    def address(self) -> str:
        """The page of the step that is next, "" where it is the open one or nothing is next."""
        step = self.playing.step
        if step is None:
            return ""
        is_here = not step.traffic and self.page.is_at(step.places[0], self.playing.name_of(step))
        return "" if is_here else write_step_address(self.playing, step)

    @property
    def controls(self) -> str:
        """A selector for the controls to use on the open page."""
        step = self.playing.step
        return self.page.write_controls(step.places, self.playing.name_of(step)) if step else ""

    @property
    def neighbours(self) -> str:
        """Who else plays on the same composition, "" for nobody."""
        return ", ".join(find_neighbours(self.playing))

    @property
    def following(self) -> Lesson | None:
        """The lesson after this one."""
        return look_at_shelf().find_next(self.playing.lesson.key)

    @property
    def green(self) -> int:
        """How many steps are green."""
        return sum(self.playing.passed_at(number) is not None for number in range(len(self.playing.lesson.all_steps)))


def find_panel() -> LessonPanel | None:
    """The panel beside the page of this request; None where no lesson is played, and where that cannot be read."""
    if not session.get("open") or RUN not in session:
        return None
    try:
        return _look(request.full_path.rstrip("?"))
    except FAULTS:
        return None


def _look(path: str) -> LessonPanel | None:
    playing = find_playing()
    if playing is None:
        return None
    return LessonPanel(advance(playing, path), path, find_open_page(path))


@lessons.get("/lessons/playing/panel")
def show_panel() -> ResponseReturnValue:
    """The inside of the panel, as it is now; `at`: the page beside it."""
    panel = _look(read_own_path(request.args.get("at"), "/"))
    if panel is None:
        return "", 200
    return render_template("lessons/panel_body.html", panel=panel)


@lessons.get("/lessons")
def show_lessons() -> str:
    """All lessons, with how far the learner is; files that are none."""
    return _render_list()


def _render_list(given: str = "", fault: str = "") -> str:
    shelf, learner = look_at_shelf(), str(session.get(LEARNER, ""))
    records = {record.lesson: record for record in list_progress(db.session(), learner)} if learner else {}
    return render_template(
        "lessons/list.html",
        shelf=shelf,
        learner=learner,
        learners=list_learners(db.session()),
        records=records,
        own_folder=name_own_folder(),
        given=given,
        fault=fault,
    )


@lessons.post("/lessons/learner")
def choose() -> ResponseReturnValue:
    """Play under a name."""
    typed = request.form.get("learner", "")
    try:
        choose_learner(typed)
    except Refused as refused:
        return _render_list(typed, refused.errors[0].message), 422
    return redirect(url_for("lessons.show_lessons"), 303)


@lessons.get("/lessons/<key>")
def show_lesson(key: str) -> str:
    """One lesson: its goal, its steps, and where to play it."""
    return _render_lesson(look_at_shelf().find(key) or abort(404))


def _render_lesson(lesson: Lesson, errors: list[Told] | None = None) -> str:
    learner = str(session.get(LEARNER, ""))
    opened = find_open_run(db.session(), learner, lesson.key) if learner else None
    return render_template(
        "lessons/lesson.html",
        lesson=lesson,
        learner=request.form.get("learner", learner or _("Guest")),
        learners=list_learners(db.session()),
        views=list_practisable(lesson.plan),
        practised={plan: list_practisable(plan) for plan in lesson.plans},
        chosen=request.form.get("composition", opened.composition if opened else ""),
        opened=opened,
        is_played=opened is not None and session.get(RUN) == opened.id,
        errors=errors or [],
    )


@lessons.post("/lessons/<key>/begin")
def start(key: str) -> ResponseReturnValue:
    """Begin, or go on with what was begun (`go_on`)."""
    lesson = look_at_shelf().find(key) or abort(404)
    try:
        learner = choose_learner(request.form.get("learner", ""))
        with reading(current_services().engine) as desk:
            opened = find_open_run(desk, learner, key)
        if opened is not None and "go_on" in request.form:
            session[RUN] = opened.id
        else:
            begin(lesson, learner, request.form.get("composition", ""))
    except Refused as refused:
        return _render_lesson(lesson, refused.errors), 422
    return redirect(url_for("lessons.show_lesson", key=key), 303)


@lessons.post("/lessons/playing/leave")
def leave() -> ResponseReturnValue:
    """Put the lesson aside: the panel goes, what is green stays so."""
    session.pop(RUN, None)
    return redirect(url_for("lessons.show_lessons"), 303)


@lessons.post("/lessons/playing/start-over")
def restart() -> ResponseReturnValue:
    """Put the settings back as they were when it began, and begin again."""
    playing = find_playing() or abort(404)
    try:
        made = start_over(playing)
    except Refused as refused:
        return _tell_refused(playing, refused)
    flash(_tell_put_back(made) + " " + _("The lesson begins again."), "success")
    return redirect(url_for("lessons.show_lesson", key=playing.lesson.key), 303)


@lessons.post("/lessons/playing/put-back")
def undo() -> ResponseReturnValue:
    """Put the settings back as they were when it began; the lesson stays as it is."""
    playing = find_playing() or abort(404)
    try:
        made = bring_back(playing.run)
    except Refused as refused:
        return _tell_refused(playing, refused)
    flash(_tell_put_back(made), "success")
    return redirect(url_for("lessons.show_lesson", key=playing.lesson.key), 303)


def _tell_put_back(made: list[int]) -> str:
    if not made:
        return str(_("The settings are as they were when the lesson began."))
    numbers = ", ".join(map(str, made))
    return str(
        _("The settings are as they were when the lesson began; reflected as revision %(numbers)s.", numbers=numbers)
    )


def _tell_refused(playing: Playing, refused: Refused) -> ResponseReturnValue:
    told = _("The settings could not be put back.")
    flash(" ".join([str(told), *(each.message for each in refused.errors)]), "warning")
    return redirect(url_for("lessons.show_lesson", key=playing.lesson.key), 303)


@lessons.get("/lessons/learners/overview")
def show_overview() -> str:
    """All learners and lessons, with times: for the trainer, to print as one page; with HX-Request only the table."""
    rows: dict[str, dict[str, LessonRecord]] = {}
    for record in list_progress(db.session()):
        rows.setdefault(record.learner, {})[record.lesson] = record
    template = "lessons/overview_rows.html" if request.headers.get("HX-Request") else "lessons/overview.html"
    return render_template(template, shelf=look_at_shelf(), rows=rows)


@lessons.post("/lessons/learners/remove")
def remove() -> ResponseReturnValue:
    """Forget a learner."""
    name = request.form.get("learner", "")
    with transaction(current_services().engine) as desk:
        is_gone = delete_learner(desk, name)
    if not is_gone:
        abort(404)
    if session.get(LEARNER) == name:
        session.pop(LEARNER)
        session.pop(RUN, None)
    current_hub().publish("lessons")
    return redirect(url_for("lessons.show_overview"), 303)
