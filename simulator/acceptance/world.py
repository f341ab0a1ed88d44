"""What a scenario plays in: the cmcdesk, the sink, the loads under way, and what each step left behind."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Protocol

from simulator.acceptance.api import Answer, Api, ApiFailed
from simulator.acceptance.evidence import Evidence
from simulator.load.client import fastest_loop
from simulator.load.hold import Hold
from simulator.load.runner import Load
from simulator.load.source import Pool
from simulator.load.tally import Tally
from simulator.sink.sink import Sink
from simulator.world.file import Zone
from simulator.world.world import RunningWorld

POLL = 0.05  # seconds between two looks at a fact
STEP_WITHIN = 60.0  # seconds that a wait within a step may take


class StepFailed(Exception):
    """A step could not be done; the scenario ends there."""


class Restarter(Protocol):
    """Kills and starts the cmcdesk under test."""

    def __call__(self) -> Api:
        """The API of the new one."""


class Loops:
    """One event loop in a thread, for all loads and held sessions."""

    def __init__(self) -> None:
        factory = fastest_loop() or asyncio.new_event_loop
        self._loop: asyncio.AbstractEventLoop = factory()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loads", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        """Run it there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """End whatever still runs, and the thread."""
        self.submit(self._cancel_all()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)


@dataclass
class Played:
    """A load or held sessions, by the name of its step."""

    tally: Tally
    load: Load | None = None
    pool: Pool | None = None
    future: "Future[Any] | None" = None
    hold: Hold | None = None


@dataclass
class Baseline:
    """The newest ids before a scenario began: its facts count from there."""

    mails: int
    refusals: int
    posts: int
    arrived: int = 0  # at the mail servers outside


@dataclass
class World:
    """Everything that steps and facts may touch."""

    api: Api
    sink: Sink
    loops: Loops
    target: str | None = None
    restart: Restarter | None = None
    outside: RunningWorld | None = None
    zones: tuple[Zone, ...] = ()  # of its file
    played: dict[str, Played] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    baseline: Baseline = field(default_factory=lambda: Baseline(0, 0, 0))
    first_composition: str = "pro"
    evidence: Evidence = field(default_factory=Evidence)
    product: str = ""  # the version of the cmcdesk under test

    def begin(self, given: tuple[Mapping[str, Any], ...]) -> None:
        """Bring the given settings into force and remember where counting starts."""
        self.played, self.answers, self.evidence = {}, {}, Evidence()
        self.sink.behaviours.clear()
        self.first_composition = given[0]["name"]
        for composition in given:
            self.settle(self.fill_in(composition))
        self.note_revisions(given)
        newest = self.api.newest
        arrived = self._tidy_outside(given)
        self.baseline = Baseline(newest("mails"), newest("refusals"), self.sink.inbox.newest(), arrived)

    def note_revisions(self, given: tuple[Mapping[str, Any], ...]) -> None:
        """Write down which revision of each composition is live now."""
        for composition in given:
            number = self.api.composition(composition["name"])["applied_revision"]
            self.evidence.revisions.setdefault(composition["name"], []).append(int(number))

    def _tidy_outside(self, given: tuple[Mapping[str, Any], ...]) -> int:
        """Give the world the records of its file again, and wait until it knows where the given compositions receive;
        the number of what arrived there last."""
        if self.outside is None:
            return 0
        zones = self.outside.zones
        for name in {zone.name for zone in zones.all()} - {zone.name for zone in self.zones}:
            zones.remove(name)
        for zone in self.zones:
            zones.put(zone)
        for composition in given:
            host = f"{composition.get('subdomain', composition['name'])}.smtps.jp"
            self.wait_until(lambda host=host: bool(zones.find_mail_hosts(host)), f"{host} in the DNS", 10)  # type: ignore[misc]
        return self.outside.postbox.next_id()

    def fill_in(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The given settings with ``{sink}`` replaced by the sink's URL."""
        filled = deepcopy(dict(given))
        for webhook in (*filled.get("inbound_webhook", []), filled.get("event_webhook", {})):
            if "endpoint" in webhook:
                webhook["endpoint"] = webhook["endpoint"].replace("{sink}", self.sink.url)
        return filled

    def settle(self, settings: dict[str, Any]) -> None:
        """Make a composition what it is to be, applied."""
        name = settings["name"]
        known = {row["name"] for row in self.api.do("GET", "compositions")["compositions"]}
        if name not in known:
            self.api.do("POST", "compositions", {"name": name, "subdomain": settings.get("subdomain", name)})
        self.api.do("PUT", f"compositions/{name}/draft", {"settings": settings})
        self.api.do("POST", f"compositions/{name}/apply")
        self.wait_until(lambda: self.api.composition(name)["state"] == "operating", f"{name} to operate", 10)

    def address_of(self, composition: str, server: str = "receiving") -> tuple[str, int]:
        """Where its receiving server ("relay": its relay server) listens. Raises StepFailed if it does not."""
        if self.target and composition == self.first_composition and server == "receiving":
            place: str | None = self.target
        else:
            row = self.api.composition(composition)
            place = row[server]
            if not place:
                raise StepFailed(f"{composition} does not receive ({server}): {row['reason']}")
        host, _, port = str(place).rpartition(":")
        return host.strip("[]"), int(port)

    def find(self, name: str) -> Played:
        """What the step of that name sent. Raises StepFailed if it sent nothing."""
        if name not in self.played:
            raise StepFailed(f"step {name!r} has sent nothing")
        return self.played[name]

    def wait_until(self, is_so: Callable[[], bool], what: str, within: float = STEP_WITHIN) -> None:
        """Poll until it is so. Raises StepFailed after ``within`` seconds."""
        deadline = time.monotonic() + within
        while not is_so():
            if time.monotonic() > deadline:
                raise StepFailed(f"waited {within:g} s for {what}")
            time.sleep(POLL)

    def end(self) -> None:
        """End what the scenario left running, and the connections it holds."""
        for played in self.played.values():
            if played.future and not played.future.done() and played.load:
                played.load.stop()
            if played.hold:
                self.loops.submit(played.hold.release()).result(STEP_WITHIN)
        for played in self.played.values():
            if played.future:
                played.future.exception(STEP_WITHIN)


__all__ = ["Api", "ApiFailed", "Baseline", "Loops", "Played", "StepFailed", "World"]
