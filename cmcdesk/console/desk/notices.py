"""Notices for the desktop: a flood that is refused, a webhook that begins to fail, a run of the simulator or of an
acceptance test that ended.

They are seen in the telemetry, kept while the program runs, and told twice: the window's desktop by `on_notice`, pages
in a browser by the stream (`static/notices.js` shows them, where the user allowed it). 表示設定 switches each kind off.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, Flask, current_app, request
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from cmcdesk.console.acceptance.acceptance_run import AcceptanceRun
from cmcdesk.console.frame.current import Services
from cmcdesk.console.frame.database import load_desk_setting
from cmcdesk.console.frame.language import SETTING_KEY, Display, pick_text
from cmcdesk.console.frame.stream import Hub
from cmcdesk.console.simulator.runs import Run
from cmcdesk.console.webhook.failures import tell_failure
from cmcdesk.pipe import CompositionCounts, ProcessStates
from cmcdesk.rules.texts import Text, tell
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

log = logging.getLogger(__name__)

Kind = Literal["flood", "webhook", "run"]

FLOOD, FLOOD_SECONDS = 50, 10.0  # refusals of one composition within so many seconds (ours)
QUIET_SECONDS = 60.0  # a flood that goes on is told once
KEPT = 50


@dataclass(frozen=True)
class DesktopNotice:
    """number: rises by one; place: the page that says more."""

    number: int
    kind: Kind
    title: Text
    body: Text
    place: str


@dataclass
class FloodWatch:
    """The refusals of one composition: (when, how many since the mail server started)."""

    seen: deque[tuple[float, int]] = field(default_factory=deque)
    quiet_until: float = 0.0

    def note(self, at: float, count: int) -> int:
        """How many came within FLOOD_SECONDS if that is a flood which was not told yet, else 0."""
        if self.seen and count < self.seen[-1][1]:
            self.seen.clear()  # the mail server was started again
        self.seen.append((at, count))
        while at - self.seen[0][0] > FLOOD_SECONDS:
            self.seen.popleft()
        came = count - self.seen[0][1]
        if came < FLOOD:
            return 0
        is_new = at >= self.quiet_until
        self.quiet_until = at + QUIET_SECONDS
        return came if is_new else 0


class NoticeBoard:
    """What was told since the program started; from any thread."""

    def __init__(self, engine: Engine, publish: Callable[[], None]) -> None:
        """`publish` tells the pages that there is something new."""
        self._engine = engine
        self._publish = publish
        self._lock = threading.Lock()
        self._kept: deque[DesktopNotice] = deque(maxlen=KEPT)
        self._number = 0
        self._listeners: list[Callable[[DesktopNotice], None]] = []
        self._following = threading.Lock()
        self._floods: dict[tuple[str, str], FloodWatch] = {}
        self._failing = 0
        self._ended: set[int | str] = set()

    @property
    def newest(self) -> int:
        """The number of the last one, 0 for none."""
        return self._number

    def on_notice(self, listener: Callable[[DesktopNotice], None]) -> None:
        """Call back with each, on the thread that saw it."""
        self._listeners.append(listener)

    def list_after(self, number: int) -> list[DesktopNotice]:
        """Those that came after it, the oldest first."""
        with self._lock:
            return [each for each in self._kept if each.number > number]

    def follow(self, telemetry: ProcessStates, runs: Iterable[Run], played: AcceptanceRun | None, at: float) -> None:
        """Look at one tick of the telemetry, and which runs are over; at: a clock that only goes forward."""
        with self._following:
            self._follow_telemetry(telemetry, at)
            for run in runs:
                if not run.is_running and run.number not in self._ended:
                    self._ended.add(run.number)
                    self._tell_run(run)
            if played and played.is_over and played.name not in self._ended:
                self._ended.add(played.name)
                if not played.was_stopped:
                    self._tell_played(played)

    def _follow_telemetry(self, telemetry: ProcessStates, at: float) -> None:
        server, worker = telemetry["mail_server"], telemetry["worker"]
        self._watch_floods("receiving", server.get("compositions", {}), at)
        self._watch_floods("relay", server.get("relays", {}), at)
        failing = worker.get("failing", 0)
        if failing > self._failing:
            self._tell_failing()
        self._failing = failing

    def _watch_floods(self, server: str, counts: dict[str, CompositionCounts], at: float) -> None:
        for name, each in counts.items():
            watch = self._floods.setdefault((server, name), FloodWatch())
            came = watch.note(at, sum(each["refused"].values()))
            if came:
                self._post(
                    "flood",
                    tell("%(name)s refuses many mails", name=name),
                    tell("%(count)s refusals within %(seconds)s seconds", count=came, seconds=int(FLOOD_SECONDS)),
                    "/refusals",
                )

    def _tell_failing(self) -> None:
        failed = (
            select(DeliveryRow.composition, DeliveryRow.filter, AttemptRow.status, AttemptRow.error)
            .join(AttemptRow, AttemptRow.delivery_number == DeliveryRow.number)
            .where(AttemptRow.outcome != "delivered")
            .order_by(AttemptRow.id.desc())
            .limit(1)
        )
        with reading(self._engine) as session:
            row = session.execute(failed).first()
        if row is None:
            return
        composition, name, status, error = row
        title = tell("Webhook %(name)s of %(composition)s fails", name=name, composition=composition)
        answered = tell("It answered HTTP %(status)s. It is tried again.", status=status)
        silent = tell("It gave no answer (%(error)s). It is tried again.", error=tell_failure(error))
        self._post("webhook", title, answered if status else silent, "/api-settings/webhook/log")

    def _tell_run(self, run: Run) -> None:
        figures = run.summary or {}
        counts = {name: figures.get(name, 0) for name in ("accepted", "mails")}
        self._post(
            "run",
            tell("The simulator's run %(number)s to %(name)s ended", number=run.number, name=run.order.composition),
            tell("mails accepted: %(accepted)s of %(mails)s", **counts) if run.summary else tell("It failed."),
            "/simulator",
        )

    def _tell_played(self, run: AcceptanceRun) -> None:
        passed = sum(word == "passed" for word in run.outcomes.values())
        counts = {"passed": passed, "played": len(run.outcomes)}
        self._post(
            "run",
            tell("The acceptance test ended"),
            tell("It failed.") if run.error else tell("%(passed)s of %(played)s passed", **counts),
            "/acceptance",
        )

    def _post(self, kind: Kind, title: Text, body: Text, place: str) -> None:
        if not getattr(Display.model_validate(load_desk_setting(self._engine, SETTING_KEY)), f"notify_{kind}"):
            return
        with self._lock:
            self._number += 1
            notice = DesktopNotice(self._number, kind, title, body, place)
            self._kept.append(notice)
        self._publish()
        for listener in self._listeners:
            listener(notice)


notices = Blueprint("notices", __name__)


@notices.get("/notices")
def list_new() -> dict[str, Any]:
    """Those after `?after=`, in the language of the page."""
    board: NoticeBoard = current_app.extensions["notices"]
    found = board.list_after(request.args.get("after", 0, type=int))
    shown = [
        {"number": each.number, "title": pick_text(each.title), "body": pick_text(each.body), "place": each.place}
        for each in found
    ]
    return {"notices": shown}


def install_notices(app: Flask, services: Services, hub: Hub) -> NoticeBoard:
    """Give `app` its board; the pages get the number of the newest."""
    board = app.extensions["notices"] = NoticeBoard(services.engine, lambda: hub.publish("notices"))
    app.register_blueprint(notices)
    app.context_processor(lambda: {"newest_notice": board.newest})

    def follow() -> None:
        try:
            runs, played = app.extensions["simulator_runs"].list_runs(), app.extensions["acceptance"].run
            board.follow(services.telemetry(), runs, played, time.monotonic())
        except SQLAlchemyError:  # pages say what is wrong with the database
            log.warning("a notice could not be made", exc_info=True)

    services.subscribe(follow)
    return board
