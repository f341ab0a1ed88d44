"""What the tests of many rooms need: facts are waited for, and corpora that stay outside are found or passed over."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from cmcdesk.testing.plugin import cmcdesk_server, cmcdesk_settings, give_cmcdesk  # noqa: F401  fixtures

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps a running event loop in the main thread until the run ends. The longest
    of their files first, so that two processes end at about the same time."""
    items.sort(key=lambda item: ("browser" in item.path.relative_to(ROOT).parts, item.path.name != "test_screens.py"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line says which checks were left out, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.write_line("left out: " + "; ".join(f"{why} ({many})" for why, many in reasons.items()))


class WaitFor(Protocol):
    """The type of the fixture `wait_for`."""

    def __call__(self, fact: Callable[[], Any], seconds: float = 10) -> Any: ...


@pytest.fixture(scope="session")
def wait_for() -> WaitFor:
    """`wait_for(fact, seconds=10)`: call `fact` until its value is true, and return that; fail after `seconds`."""

    def wait(fact: Callable[[], Any], seconds: float = 10) -> Any:
        deadline = time.monotonic() + seconds
        while not (seen := fact()):
            assert time.monotonic() < deadline, f"it did not come to pass within {seconds} s (last seen: {seen!r})"
            time.sleep(0.01)
        return seen

    return wait


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def bounce_corpus() -> Path:
    """The folder of real bounce mails, which is not part of the repository; without it its tests are skipped."""
    folder = ROOT.parent / "shared" / "corpora" / "bounces"
    if not folder.is_dir():
        pytest.skip("the bounce corpus is not on this machine")
    return folder


def _is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@dataclass
class Served:
    """One `cmcdesk serve` of its own process, and what its ready file said."""

    process: subprocess.Popen[bytes]
    folder: Path
    note: dict[str, Any]

    @property
    def base(self) -> str:
        """http://127.0.0.1:PORT/"""
        address: str = self.note["url"].partition("?")[0]
        return address

    def receiving(self, name: str) -> tuple[str, int]:
        """Host and port where that composition takes mail."""
        place = next(entry["receiving"] for entry in self.note["compositions"] if entry["name"] == name)
        host, _, port = place.rpartition(":")
        return host, int(port)

    def get(self, path: str) -> Any:
        """JSON of the own API."""
        request = Request(f"{self.base}api/v1/{path}", headers={"Authorization": f"Bearer {self.note['token']}"})
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)

    def children(self) -> list[int]:
        """The process ids of mail server and worker."""
        status = self.get("status")
        return [status[name]["pid"] for name in ("mail_server", "worker")]

    def survivors(self, pids: list[int]) -> list[int]:
        """Which of these processes still run (one that ended and was not yet collected does not)."""
        return [pid for pid in pids if _is_alive(pid)]

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class StartServe(Protocol):
    """The type of the fixture `start_serve`."""

    def __call__(self, *options: str, folder: Path | None = None) -> Served: ...


@pytest.fixture
def start_serve(tmp_path: Path, wait_for: WaitFor) -> Iterator[StartServe]:
    """`start_serve(*options, folder=…)`: a real `cmcdesk serve` on free ports, ready when this returns."""
    yield from _serve_below(tmp_path, wait_for)


@pytest.fixture(scope="module")
def start_shared_serve(tmp_path_factory: pytest.TempPathFactory, wait_for: WaitFor) -> Iterator[StartServe]:
    """The same, for one that all tests of a file look at."""
    yield from _serve_below(tmp_path_factory.mktemp("served"), wait_for)


def _serve_below(tmp_path: Path, wait_for: WaitFor) -> Iterator[StartServe]:
    started: list[Served] = []

    def start(*options: str, folder: Path | None = None) -> Served:
        folder = folder or tmp_path / "data"
        ready = tmp_path / f"ready-{len(started)}.json"
        command = [sys.executable, "-m", "cmcdesk", "serve", "--data-dir", str(folder), "--ready-file", str(ready)]
        if not any(option.startswith("--port") for option in options):
            command += ["--port", "0"]
        if not any(option.startswith("--receiver-port") for option in options):
            command += ["--receiver-port", "0"]
        if not any(option.startswith("--relay-port") for option in options):
            command += ["--relay-port", "0"]
        process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)
        served = Served(process, folder, {})
        started.append(served)
        wait_for(lambda: ready.exists() or process.poll() is not None, 60)
        assert process.poll() is None, f"it ended with {process.returncode}"
        served.note = json.loads(ready.read_text(encoding="utf-8"))
        return served

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.send_signal(signal.SIGTERM)
        try:
            served.process.wait(30)
        except subprocess.TimeoutExpired:
            served.process.kill()
            served.process.wait(30)
            raise
