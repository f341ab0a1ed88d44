"""Runs of the simulator, each the separate program that it is: started, watched, stopped, its summary kept."""

import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cmcdesk.child import module_command

MOST_AT_ONCE = 4
KEPT = 20
STOP_SECONDS = 3.0
SETTLE_SECONDS = 3.0
SETTLE_STEP_SECONDS = 0.05
ERROR_SHOWN = 2000


class TooManyRuns(Exception):
    """Four runs are under way; one must end first."""


@dataclass(frozen=True)
class Counts:
    """What the receiver had stored and refused of one composition since it started, as of `at` (unix seconds)."""

    mails: int = 0
    refused: int = 0
    at: float = 0.0


@dataclass
class Run:
    """One run. goal: mails to send, seconds to send for (one of them None); before: what the receiver had counted when
    it began; summary: what the simulator says at its end (JSON), error: why there is none."""

    number: int
    title: str
    arguments: list[str]
    composition: str
    goal: tuple[int | None, float | None]
    before: Counts
    started_at: float
    process: "subprocess.Popen[bytes]"
    ended_at: float | None = None
    after: Counts | None = None
    summary: dict[str, Any] | None = None
    error: str = ""
    was_stopped: bool = False

    @property
    def is_running(self) -> bool:
        """Whether the program is still there."""
        return self.ended_at is None


class SimulatorRuns:
    """All runs of this console. `count()` gives the receiver's counts by composition; `changed()` is called when a run
    begins or ends."""

    def __init__(self, count: Callable[[str], Counts], changed: Callable[[], None]) -> None:
        self._count = count
        self._changed = changed
        self._lock = threading.Lock()
        self._runs: deque[Run] = deque(maxlen=KEPT)
        self._number = 0

    def list_runs(self) -> list[Run]:
        """Newest first."""
        with self._lock:
            return list(self._runs)[::-1]

    def start(
        self, title: str, arguments: Sequence[str], composition: str, goal: tuple[int | None, float | None]
    ) -> Run:
        """Start `cmcsim ARGUMENTS --json`. Raises TooManyRuns."""
        with self._lock:
            if sum(run.is_running for run in self._runs) >= MOST_AT_ONCE:
                raise TooManyRuns
            self._number += 1
            process = subprocess.Popen(
                module_command("simulator.cli", *arguments, "--json"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",  # Ctrl-C in a terminal is for the console: it stops them
            )
            run = Run(
                self._number, title, list(arguments), composition, goal, self._count(composition), time.time(), process
            )
            self._runs.append(run)
        threading.Thread(target=self._watch, args=(run,), name=f"simulator run {run.number}", daemon=True).start()
        self._changed()
        return run

    def stop(self, number: int) -> bool:
        """End one run; False when there is none of that number under way."""
        run = next((each for each in self.list_runs() if each.number == number and each.is_running), None)
        if run is None:
            return False
        run.was_stopped = True
        run.process.terminate()
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

    def _watch(self, run: Run) -> None:
        said, _nothing = run.process.communicate()
        run.summary, run.error = read_summary(said.decode("utf-8", "replace").strip())
        run.after = self._count_after(run.composition, time.time())
        run.ended_at = time.time()
        self._changed()

    def _count_after(self, composition: str, at: float) -> Counts:
        """The receiver's counts as of a moment after `at`: its telemetry comes once a second when it is idle."""
        deadline = time.monotonic() + SETTLE_SECONDS
        counts = self._count(composition)
        while counts.at <= at and time.monotonic() < deadline:
            time.sleep(SETTLE_STEP_SECONDS)
            counts = self._count(composition)
        return counts


def read_summary(said: str) -> tuple[dict[str, Any] | None, str]:
    """(the JSON object in the last line, "") or (None, what it said instead)."""
    try:
        summary = json.loads(said.rpartition("\n")[2])
    except ValueError:
        return None, said[-ERROR_SHOWN:]
    return (summary, "") if isinstance(summary, dict) else (None, said[-ERROR_SHOWN:])
