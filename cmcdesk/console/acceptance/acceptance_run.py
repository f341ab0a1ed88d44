"""The acceptance run as the console starts it: `cmcsim accept`, the foreign program that it is, against a cmcdesk of
its own; its progress while it plays; its reports, each an HTML file in the data folder with its outcome beside it.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cmcdesk.console.simulator.runs import read_told
from cmcdesk.processes.child import module_command
from cmcdesk.processes.instance import write_private

FOLDER = "reports"
KEPT_REPORTS = 30  # the oldest goes
ENDING_SECONDS = 4.0  # for what it started to be ended too
SAID = 2000  # characters kept of why there is no report
NAME = re.compile(r"acceptance-\d{8}-\d{6}")


class AcceptanceUnderWay(Exception):
    """One is being played."""


@dataclass(frozen=True)
class Report:
    """One that was written. outcomes: scenario → passed, failed or skipped."""

    name: str
    at: float
    seconds: float
    outcomes: dict[str, str]

    def count(self, word: str) -> int:
        """Scenarios with that outcome."""
        return sum(one == word for one in self.outcomes.values())


@dataclass
class AcceptanceRun:
    """One run. scenario, says: what happens now, by language; outcomes: of the scenarios that are over."""

    name: str
    scenarios: Sequence[str]
    began_at: float
    process: "subprocess.Popen[bytes]"
    scenario: str = ""
    says: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    error: str = ""
    was_stopped: bool = False
    is_over: bool = False

    @property
    def percent(self) -> int:
        """How far it is."""
        return int(100 * len(self.outcomes) / max(1, len(self.scenarios)))


class AcceptanceRuns:
    """The one run of this console and the reports of all. `changed()`: called when it begins, goes on, or ends."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self.run: AcceptanceRun | None = None
        self._folder = folder / FOLDER
        self._changed = changed
        self._lock = threading.Lock()

    def start(self, scenarios: Sequence[str], language: str) -> AcceptanceRun:
        """Play these. Raises AcceptanceUnderWay, OSError (no room for a report)."""
        with self._lock:
            if self.run is not None and not self.run.is_over:
                raise AcceptanceUnderWay
            self._folder.mkdir(mode=0o700, exist_ok=True)
            name = time.strftime("acceptance-%Y%m%d-%H%M%S")
            words = ("accept", *scenarios, "--controlled", f"--html={self._folder / name}.html")
            process = subprocess.Popen(
                module_command("simulator.cli", *words, f"--language={language}"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",  # Ctrl-C in a terminal is for the console: it stops it
            )
            run = self.run = AcceptanceRun(name, tuple(scenarios), time.time(), process)
        threading.Thread(target=self._watch, args=(run,), name="acceptance run", daemon=True).start()
        self._changed()
        return run

    def stop(self, is_waited_for: bool = False) -> None:
        """End the run, and with it the cmcdesk that it started; there is no report then."""
        run = self.run
        if run is None or run.is_over:
            return
        run.was_stopped = True
        run.process.terminate()
        if is_waited_for:
            try:
                run.process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                run.process.kill()

    def list_reports(self) -> list[Report]:
        """Newest first."""
        found = []
        for path in sorted(self._folder.glob("acceptance-*.json"), reverse=True):
            with suppress(OSError, ValueError, TypeError):
                found.append(Report(path.stem, **json.loads(path.read_text("utf-8"))))
        return found

    def find_report(self, name: str) -> Path | None:
        """The HTML file of a report."""
        path = self._folder / f"{name}.html"
        return path if NAME.fullmatch(name) and path.is_file() else None

    def remove_report(self, name: str) -> bool:
        """False: there is none of that name."""
        path = self.find_report(name)
        if path is not None:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
        return path is not None

    def _watch(self, run: AcceptanceRun) -> None:
        said, summary = "", None
        with run.process as process:
            assert process.stdout
            for line in process.stdout:
                told = read_told(line)
                summary = told.get("summary", summary)
                if "progress" in told:
                    self._take(run, told["progress"])
                elif summary is None:
                    said = (said + line.decode("utf-8", "replace"))[-SAID:]
        if summary is not None:
            outcomes = {one["name"]: one["word"] for one in summary}
            self._note(run, outcomes)
        elif not run.was_stopped:
            run.error = said.strip().removeprefix("Error: ") or f"exit code {process.returncode}"
        run.is_over = True
        self._changed()

    def _take(self, run: AcceptanceRun, told: dict[str, Any]) -> None:
        run.scenario, run.says = told["scenario"], told["says"] or run.says
        if told["result"]:
            run.outcomes[told["result"]["name"]] = told["result"]["word"]
        self._changed()

    def _note(self, run: AcceptanceRun, outcomes: dict[str, str]) -> None:
        run.outcomes = outcomes
        kept = {"at": run.began_at, "seconds": round(time.time() - run.began_at, 1), "outcomes": outcomes}
        try:
            write_private(self._folder / f"{run.name}.json", json.dumps(kept))
        except OSError as fault:
            run.error = str(fault)
        for old in self.list_reports()[KEPT_REPORTS:]:
            self.remove_report(old.name)
