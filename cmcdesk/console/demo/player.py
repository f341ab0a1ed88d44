"""Plays the scenes one after the other on a thread of its own, at a pace to talk over: paused, moved on, ended from the
page. What goes wrong in a scene is told on the page, and the story goes on.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Literal

from flask import Flask

from cmcdesk.console.demo.deeds import count_facts, do_act, find_scene_page, halt
from cmcdesk.console.demo.scenes import SCENES, DemoScene, Fact
from cmcdesk.console.frame.current import Services
from cmcdesk.console.simulator.runs_page import current_runs

PATIENCE = 15.0  # seconds for what a scene waits for; then the story goes on all the same
START_PATIENCE = 60.0
GLANCE = 0.1
ENDING = 2.0

State = Literal["playing", "paused", "over"]

log = logging.getLogger(__name__)


class Player:
    """pace: how many times as fast as usual; `changed` is called when the page has something new to show."""

    def __init__(self, app: Flask, pace: float, changed: Callable[[], None]) -> None:
        self.pace = pace
        self.at = 0  # the scene that is on, from 0
        self.state: State = "over"
        self.page = "/compositions"
        self.fault = ""  # why something of this scene is not as told
        self.numbers: dict[Fact, int] = {}
        self.played: list[str] = []  # names of the scenes whose acts were done
        self._app = app
        self._changed = changed
        self._news = threading.Condition()
        self._is_skipped = self._is_ended = False
        self._thread: threading.Thread | None = None

    @property
    def scene(self) -> DemoScene:
        """The one that is on."""
        return SCENES[self.at]

    def start(self) -> None:
        """From the beginning; nothing where it plays already."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._is_ended, self.state, self.at = False, "playing", 0
        self.played.clear()
        self._thread = threading.Thread(target=self._play, name="demo", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Hold the story and its traffic, or go on."""
        with self._news:
            if self.state == "over":
                return
            self.state = "playing" if self.state == "paused" else "paused"
            self._news.notify_all()
        with self._app.test_request_context():
            for run in current_runs().list_runs():
                if run.is_running and run.is_paused != (self.state == "paused"):
                    current_runs().pause(run.number)
        self._changed()

    def skip(self) -> None:
        """On to the next scene."""
        with self._news:
            if self.state == "paused":
                self.state = "playing"
            self._is_skipped = True
            self._news.notify_all()

    def stop(self) -> None:
        """End the story and its traffic."""
        with self._news:
            self._is_ended = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(ENDING)

    def _play(self) -> None:
        self._wait_until_receiving()
        for at, scene in enumerate(SCENES):
            self.at, self._is_skipped, self.fault = at, False, ""
            if not self._is_ended:
                self._play_scene(scene)
        self.state = "over"
        self._guard(lambda: halt({}))
        self._changed()

    def _wait_until_receiving(self) -> None:
        """A window opens while the servers come up."""
        services: Services = self._app.extensions["services"]
        deadline = time.monotonic() + START_PATIENCE
        while not self._is_ended and time.monotonic() < deadline:
            if any(place.receiving for place in services.placements()):
                return
            self._wait_seconds(GLANCE)

    def _play_scene(self, scene: DemoScene) -> None:
        before = self._count()
        self._changed()
        for act in scene.acts:
            self._guard(lambda act=act: do_act(act))  # type: ignore[misc]
        self.played.append(scene.name)
        self._wait_for(scene.first, before)
        self._guard(lambda: self._show(scene))
        self._changed()
        self._wait_seconds(scene.seconds / self.pace)
        self._wait_for(scene.until, before)

    def _show(self, scene: DemoScene) -> None:
        self.page = find_scene_page(scene.page)

    def _count(self) -> dict[Fact, int]:
        self._guard(self._look)
        return dict(self.numbers)

    def _look(self) -> None:
        self.numbers = count_facts()

    def _guard(self, work: Callable[[], None]) -> None:
        """Do it in a context of the console; a fault ends no demo."""
        try:
            with self._app.test_request_context():
                work()
        except Exception as fault:
            log.warning("scene %s: %s", self.scene.name, fault, exc_info=True)
            self.fault = f"{type(fault).__name__}: {fault}"

    def _wait_for(self, wanted: Mapping[Fact, int], before: Mapping[Fact, int]) -> None:
        deadline = time.monotonic() + PATIENCE
        missing = list(wanted)
        while missing and not (self._is_skipped or self._is_ended):
            now = self._count()
            missing = [fact for fact, least in wanted.items() if now.get(fact, 0) - before.get(fact, 0) < least]
            if missing and time.monotonic() > deadline:
                self.fault = ", ".join(missing)
                return
            self._wait_seconds(GLANCE if missing else 0)

    def _wait_seconds(self, seconds: float) -> None:
        """So long, pauses left out."""
        with self._news:
            while seconds > 0 and not (self._is_skipped or self._is_ended):
                begun, is_paused = time.monotonic(), self.state == "paused"
                self._news.wait(None if is_paused else seconds)
                seconds -= 0 if is_paused else time.monotonic() - begun
