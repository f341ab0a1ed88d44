"""Runs of the simulator, each the separate program that it is: started, watched, paused, stopped, its summary kept."""

import json
import secrets
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cmcdesk.console.simulator.traffic_form import Traffic
from cmcdesk.processes.child import module_command
from cmcdesk.rules.promises import PromiseVerdict

MOST_AT_ONCE = 4
KEPT = 20
STOP_SECONDS = 3.0
SETTLE_SECONDS = 3.0
SETTLE_STEP_SECONDS = 0.05
ERROR_SHOWN = 2000


class TooManyRuns(Exception):
    """Four runs are under way; one must end first."""


@dataclass(frozen=True)
class Order:
    """What to run. composition: its name; lesson: "" for none; after_mail: the id of the newest mail before it;
    interval_ms: the limit that was live."""

    traffic: Traffic
    arguments: Sequence[str]
    composition: str
    lesson: str = ""
    after_mail: int = 0
    interval_ms: float = 0.0


@dataclass(frozen=True)
class RefusalCount:
    """How many refusals the receiver had counted of one composition, as of `at` (unix seconds)."""

    count: int = 0
    at: float = 0.0


@dataclass
class Run:
    """One run. progress: what the simulator told last, summary: what it says at its end (both JSON), error: why there
    is no summary; stored: mails of this run that are in mail.db, known at its end; refused: what the receiver counted
    meanwhile, None as long as it runs, and where another run sent to the same composition; verdict: on its lesson, once
    it is known for good."""

    number: int
    name: str  # ten hexadecimal digits that the Message-IDs of its mails begin with
    order: Order
    started_at: float
    process: "subprocess.Popen[bytes]"
    progress: dict[str, Any] = field(default_factory=dict)
    ended_at: float | None = None
    summary: dict[str, Any] | None = None
    error: str = ""
    stored: int = 0
    refused: int | None = None
    refused_before: RefusalCount = RefusalCount()
    is_alone: bool = True
    was_stopped: bool = False
    verdict: PromiseVerdict | None = None

    def as_refusal_query(self) -> dict[str, str | int]:
        """Which refusals can be its own: of its composition, between its beginning and its end."""
        query: dict[str, str | int] = {"composition": self.order.composition, "since": int(self.started_at)}
        return query if self.ended_at is None else query | {"until": int(self.ended_at) + 1}

    @property
    def is_running(self) -> bool:
        """Whether the program is still there."""
        return self.ended_at is None

    @property
    def is_paused(self) -> bool:
        """Whether it waits to be resumed."""
        return self.is_running and bool(self.progress.get("paused"))

    @property
    def figures(self) -> dict[str, Any]:
        """The newest figures: of the summary, else of the way."""
        return self.summary or self.progress

    def measure_progress(self) -> float:
        """How far it is, 0 to 1: by the mails that were answered, or by the time, pauses left out."""
        if not self.is_running:
            return 1.0
        mails, seconds = self.order.traffic.goal
        by_count = self.progress.get("mails", 0) / mails if mails else 0.0
        by_time = self.progress.get("seconds", 0.0) / seconds if seconds else 0.0
        return float(min(0.99, max(by_count, by_time)))


class SimulatorRuns:
    """All runs of this console. `count(run)` gives how many of its mails are stored, `count_refused(composition)` what
    the receiver refused since it started; `changed()` is called when a run begins, tells how far it is, or ends."""

    def __init__(
        self, count: Callable[[Run], int], count_refused: Callable[[str], RefusalCount], changed: Callable[[], None]
    ) -> None:
        self._count = count
        self._count_refused = count_refused
        self._changed = changed
        self._lock = threading.Lock()
        self._runs: deque[Run] = deque(maxlen=KEPT)
        self._number = 0

    def list_runs(self) -> list[Run]:
        """Newest first."""
        with self._lock:
            return list(self._runs)[::-1]

    def find(self, number: int) -> Run | None:
        """By its number."""
        return next((run for run in self.list_runs() if run.number == number), None)

    def start(self, order: Order) -> Run:
        """Start `cmcsim ARGUMENTS --controlled`. Raises TooManyRuns."""
        with self._lock:
            if sum(run.is_running for run in self._runs) >= MOST_AT_ONCE:
                raise TooManyRuns
            self._number += 1
            name = secrets.token_hex(5)
            process = subprocess.Popen(
                module_command("simulator.cli", *order.arguments, "--controlled", f"--run={name}"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",  # Ctrl-C in a terminal is for the console: it stops them
            )
            run = Run(self._number, name, order, time.time(), process)
            run.refused_before = self._count_refused(order.composition)
            for other in self._runs:
                if other.is_running and other.order.composition == order.composition:
                    run.is_alone = other.is_alone = False
            self._runs.append(run)
        threading.Thread(target=self._watch, args=(run,), name=f"simulator run {run.number}", daemon=True).start()
        self._changed()
        return run

    def pause(self, number: int) -> bool:
        """Begin no further mail, or go on; False when there is none of that number under way."""
        run = self._find_running(number)
        if run is not None:
            self._say(run, "resume" if run.is_paused else "pause")
        return run is not None

    def stop(self, number: int) -> bool:
        """End one run once its mails in flight are answered, at the second call at once; False as above."""
        run = self._find_running(number)
        if run is None:
            return False
        if run.was_stopped:
            run.process.terminate()
        run.was_stopped = True
        self._say(run, "stop")
        return True

    def stop_all(self) -> None:
        """End every run, at the end of the console."""
        running = [run for run in self.list_runs() if run.is_running]
        for run in running:
            run.was_stopped = True
            run.process.terminate()
        for run in running:
            try:
                run.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                run.process.kill()

    def _find_running(self, number: int) -> Run | None:
        run = self.find(number)
        return run if run and run.is_running else None

    def _say(self, run: Run, word: str) -> None:
        assert run.process.stdin
        with suppress(OSError):  # it ended meanwhile
            run.process.stdin.write(f"{word}\n".encode())
            run.process.stdin.flush()
        self._changed()

    def _watch(self, run: Run) -> None:
        said: deque[str] = deque(maxlen=50)
        with run.process as process:
            assert process.stdout
            for line in process.stdout:
                told = read_told(line)
                if "progress" in told:
                    run.progress = told["progress"]
                    self._changed()
                else:
                    said.append(line.decode("utf-8", "replace").rstrip())
        run.summary, run.error = read_summary("\n".join(said))
        run.stored = self._count(run)
        run.refused = self._count_refused_since(run, time.time())
        run.ended_at = time.time()
        self._changed()

    def _count_refused_since(self, run: Run, at: float) -> int | None:
        """By the receiver's telemetry of a moment after `at`: it comes once a second when it is idle."""
        deadline = time.monotonic() + SETTLE_SECONDS
        counted = self._count_refused(run.order.composition)
        while counted.at <= at and time.monotonic() < deadline:
            time.sleep(SETTLE_STEP_SECONDS)
            counted = self._count_refused(run.order.composition)
        return counted.count - run.refused_before.count if run.is_alone else None


def read_told(line: bytes) -> dict[str, Any]:
    """A line of the simulator as an object; {} where it is none."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def read_summary(said: str) -> tuple[dict[str, Any] | None, str]:
    """(the JSON object in the last line, "") or (None, what it said instead, without its usage text)."""
    last = said.rpartition("\n")[2]
    summary = read_told(last.encode())
    told = last.removeprefix("Error: ") if last.startswith("Error: ") else said[-ERROR_SHOWN:]
    return (summary, "") if summary else (None, told)
