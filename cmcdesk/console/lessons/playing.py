"""A lesson as one learner plays it: begun on a composition whose settings are kept, its steps turned green one after
the other by what is seen, and the settings put back through 設定反映. Who plays what stands in the browser's session.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from flask import Flask, Response, request, session
from flask_babel import gettext as _

from cmcdesk.console.catcher.catching import set_answer
from cmcdesk.console.compositions.drafting import DraftChanged, apply_draft, save_draft
from cmcdesk.console.compositions.view import View, find_view, list_views
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.console.lessons.checking import Scene, is_seen
from cmcdesk.console.lessons.places import OpenPage, find_open_page, find_screen, write_place_address
from cmcdesk.console.lessons.shelf import look_at_shelf
from cmcdesk.console.simulator.lessons import default_traffic, preset_traffic
from cmcdesk.rules.settings import is_same
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.rules.training import Lesson, LessonStep, PracticePlan
from cmcdesk.store.desk import lesson_runs as store
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.lesson_runs import KeptSettings, LessonRunRow

LEARNER, RUN = "learner", "lesson_run"  # keys of the browser's session
LONGEST_LEARNER = 60
DAY = 86400.0


@dataclass(frozen=True)
class Playing:
    """The lesson that this browser plays."""

    lesson: Lesson
    run: LessonRunRow

    @property
    def current(self) -> int | None:
        """The number of the step that is next, of all_steps; None at the end."""
        numbers = range(len(self.lesson.all_steps))
        return next((number for number in numbers if str(number) not in self.run.passed), None)

    @property
    def step(self) -> LessonStep | None:
        """The step that is next."""
        return None if self.current is None else self.lesson.all_steps[self.current]

    def name_of(self, step: LessonStep) -> str:
        """The composition that a step is about: the practised one, else the first of the step's plan."""
        if step.plan == self.lesson.plan:
            return self.run.composition
        return next((view.name for view in list_views() if view.plan == step.plan), self.run.composition)

    def passed_at(self, number: int) -> float | None:
        """When a step turned green."""
        return self.run.passed.get(str(number))

    def fill(self, words: str, step: LessonStep) -> str:
        """A text of the lesson with the names that it stands for."""
        return fill_names(words, find_view(self.name_of(step)))


def fill_names(words: str, view: View | None) -> str:
    """{composition}, {subdomain} and {host} by their names."""
    if view is None:
        return words
    named = {"composition": view.name, "subdomain": view.subdomain, "host": f"{view.subdomain}.smtps.jp"}
    for key, value in named.items():
        words = words.replace(f"{{{key}}}", value)
    return words


def find_playing() -> Playing | None:
    """What this browser plays; None where nothing is, and where the lesson or the composition is gone."""
    number = session.get(RUN)
    if not isinstance(number, int):
        return None
    with reading(current_services().engine) as desk:
        run = store.get_run(desk, number)
    lesson = look_at_shelf().find(run.lesson) if run else None
    if run is None or lesson is None or find_view(run.composition) is None:
        session.pop(RUN, None)
        return None
    return Playing(lesson, run)


def advance(playing: Playing, path: str) -> Playing:
    """Look at the steps in their order as far as they hold, and keep when each turned green. path: of the open page."""
    page = find_open_page(path)
    moved = False
    while (number := playing.current) is not None and _is_done(playing, number, page):
        is_last = number == len(playing.lesson.all_steps) - 1
        with transaction(current_services().engine) as desk:
            store.pass_step(desk, playing.run.id, number, time.time(), is_last)
        with reading(current_services().engine) as desk:
            run = store.get_run(desk, playing.run.id)
        if run is None or str(number) not in run.passed:
            break
        playing, moved = Playing(playing.lesson, run), True
    if playing.current is None and playing.run.ended_at is None:  # its file has fewer steps now
        with transaction(current_services().engine) as desk:
            run = store.end_run(desk, playing.run.id, time.time())
        playing, moved = Playing(playing.lesson, run or playing.run), True
    if moved:
        current_hub().publish("lessons")
    return playing


def _is_done(playing: Playing, number: int, page: OpenPage) -> bool:
    step, run = playing.lesson.all_steps[number], playing.run
    view = find_view(playing.name_of(step))
    if view is None:
        return False
    before = run.passed.get(str(number - 1), run.began_at)
    since = before if step.check.arguments.get("fresh") else run.began_at
    return is_seen(step.check, Scene(run, view, since, page))


def list_practisable(plan: PracticePlan) -> list[View]:
    """The compositions that such a lesson can be played on."""
    return [view for view in list_views() if view.plan == plan]


def begin(lesson: Lesson, learner: str, name: str) -> None:
    """Keep the settings as they are, and begin. Raises Refused."""
    view = next((view for view in list_practisable(lesson.plan) if view.name == name), None)
    if view is None:
        told = _("This lesson is played on a composition of the plan %(plan)s.", plan=lesson.plan.capitalize())
        raise Refused([Told("composition", name, told)])
    others = [list_practisable(plan)[:1] for plan in lesson.plans if plan != lesson.plan]
    kept: dict[str, KeptSettings] = {
        one.name: _keep(one) for one in (view, *(each for some in others for each in some))
    }
    with transaction(current_services().engine) as desk:
        run = store.insert_run(desk, learner, lesson.key, kept, time.time())
    session[RUN] = run.id
    current_hub().publish("lessons")


def _keep(view: View) -> KeptSettings:
    return {"draft": view.draft, "live": view.applied, "revision": view.applied_revision}


def bring_back(run: LessonRunRow) -> list[int]:
    """Make live and draft of the kept compositions what they were, through 設定反映; the numbers of the revisions that
    this made; and what the catcher answers. Raises Refused: what was put back until then stays so."""
    made = []
    for name, kept in run.kept.items():
        view = find_view(name)
        if view is not None and (number := _put_back_one(view, kept)) is not None:
            made.append(number)
    for endpoint, answer in run.answers.items():
        set_answer(int(endpoint), answer)
    current_hub().publish("settings", "state", "lessons")
    return made


def _put_back_one(view: View, kept: KeptSettings) -> int | None:
    number, live = None, kept["live"]
    if live is not None and not is_same(view.applied, live):
        mine = view.draft
        _save(view.name, live)
        try:
            number = apply_draft(view.name)
        except Refused:
            with suppress(Refused, DraftChanged):
                _save(view.name, mine)
            raise
    now = find_view(view.name)
    if now is not None and not is_same(now.draft, kept["draft"]):
        _save(view.name, kept["draft"])
    return number


def _save(name: str, settings: StoredSettings) -> None:
    try:
        save_draft(name, settings, None)
    except DraftChanged:  # not without a version
        raise Refused(
            [Told("composition", name, _("These settings were saved in another window meanwhile."))]
        ) from None


def start_over(playing: Playing) -> list[int]:
    """Put the settings back, and begin the same lesson again. Raises Refused."""
    made = bring_back(playing.run)
    begin(playing.lesson, playing.run.learner, playing.run.composition)
    return made


def choose_learner(typed: str) -> str:
    """Play under this name from now on. Raises Refused."""
    name = " ".join(typed.split())
    if not 0 < len(name) <= LONGEST_LEARNER or not name.isprintable():
        told = _("Give a name of 1 to %(most)s characters.", most=LONGEST_LEARNER)
        raise Refused([Told("learner", name[:LONGEST_LEARNER], told)])
    if session.get(LEARNER) != name:
        session.pop(RUN, None)
    session[LEARNER] = name
    return name


def find_neighbours(playing: Playing) -> list[str]:
    """Other learners who play on the same composition today: what they do counts here too."""
    with reading(current_services().engine) as desk:
        return store.find_others(desk, playing.run.learner, playing.run.composition, time.time() - DAY)


def write_step_address(playing: Playing, step: LessonStep) -> str:
    """The page of a step, the simulator's form filled with its traffic."""
    name = playing.name_of(step)
    view = find_view(name)
    return write_place_address(step.places[0], name, write_traffic(step.traffic, view) if view else None)


def write_traffic(wanted: Mapping[str, str], view: View) -> dict[str, str]:
    """The fields of the simulator's form, as its address carries them; {} where the step sends nothing."""
    if not wanted:
        return {}
    preset = wanted.get("preset", "")
    traffic = preset_traffic(preset, view) if preset else default_traffic(view, wanted.get("mail", "plain"))
    fields = {key: fill_names(value, view) for key, value in wanted.items() if key != "preset"}
    return {**asdict(replace(traffic, **fields)), "preset": preset}


def install_lessons(app: Flask) -> None:
    """Note what the console refuses to save while a lesson is played: a step may ask for it."""

    @app.after_request
    def note_refused_save(answer: Response) -> Response:
        screen = find_screen(request.endpoint or "") if answer.status_code == 422 else None
        number = session.get(RUN) if screen else None
        if screen and isinstance(number, int) and "restores" not in request.form:
            with transaction(current_services().engine) as desk:
                is_noted = store.note_refused_save(desk, number, screen, time.time())
            if is_noted:
                current_hub().publish("lessons")
        return answer
