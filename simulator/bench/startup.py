"""How long cmcdesk takes until it greets and until its first page is there, and what it uses while nothing happens."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from simulator.acceptance.api import Api
from simulator.acceptance.desk import START_WITHIN, STOP_WITHIN
from simulator.bench.options import Options
from simulator.bench.receivers import HOST, BenchFailed, is_greeting, pick_free_port, write_settings
from simulator.bench.running import Bench
from simulator.processes import read_cpu, read_resident

POLL = 0.002  # seconds between two looks
SETTLE = 2.0  # seconds after the start that are not counted as idle
PROCESSES = ("console", "mail_server", "worker")


@dataclass
class Start:
    """Seconds from the start of the process, a value a round."""

    greeting: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Idle:
    """One process that does nothing: per cent of one core, and MB resident; None where it cannot be seen."""

    name: str
    cpu: float | None
    memory: float | None


@dataclass(frozen=True)
class StartupResult:
    """``fresh``: with an empty data folder, which is filled; ``again``: with that folder."""

    fresh: Start
    again: Start
    idle: list[Idle]


def measure_startup(options: Options, bench: Bench) -> StartupResult:
    """Each round starts it twice; the last one is then left alone for a while. Raises BenchFailed."""
    fresh, again = Start(), Start()
    idle: list[Idle] = []
    for number in range(options.rounds):
        bench.tell(f"startup: round {number + 1} of {options.rounds}")
        with TemporaryDirectory(prefix="cmcsim-bench-", ignore_cleanup_errors=True) as folder:
            with _started(Path(folder), fresh):
                pass
            with _started(Path(folder), again) as note:
                if number == options.rounds - 1:
                    idle = _watch_idle(note, options, bench)
    return StartupResult(fresh, again, idle)


@contextmanager
def _started(folder: Path, start: Start) -> Iterator[dict[str, Any]]:
    """A cmcdesk whose first page has been seen; gives what its ready file says."""
    port, ready = pick_free_port(), folder / "ready.json"
    (folder / "settings.toml").write_text(write_settings(None), "utf-8")
    command = [sys.executable, "-m", "cmcdesk", "serve", "--port", "0", "--receiver-port", str(port)]
    command += ["--relay-port", "0", "--data-dir", str(folder / "data"), "--ready-file", str(ready)]
    command += ["--settings", str(folder / "settings.toml")]
    ready.unlink(missing_ok=True)
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watch = threading.Thread(target=_watch_greeting, args=(port, begun, process, start.greeting))
    watch.start()
    try:
        _wait_until(ready.exists, process, begun)
        note = json.loads(ready.read_text("utf-8"))
        _open_first_page(note["url"])
        start.page.append(time.monotonic() - begun)
        watch.join()
        yield note
    finally:
        process.terminate()
        process.wait(STOP_WITHIN)
        watch.join()


def _watch_greeting(port: int, begun: float, process: "subprocess.Popen[bytes]", found: list[float]) -> None:
    while process.poll() is None and time.monotonic() < begun + START_WITHIN:
        if is_greeting(HOST, port):
            found.append(time.monotonic() - begun)
            return
        time.sleep(POLL)


def _wait_until(is_so: Callable[[], bool], process: "subprocess.Popen[bytes]", begun: float) -> None:
    while not is_so():
        if process.poll() is not None or time.monotonic() > begun + START_WITHIN:
            raise BenchFailed(f"cmcdesk did not get ready within {START_WITHIN:g} s (exit code {process.poll()})")
        time.sleep(POLL)


def _open_first_page(url: str) -> None:
    """As a browser does that is sent there with the launch token."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(url, timeout=START_WITHIN)
    if answer.status_code != 200:
        raise BenchFailed(f"the first page is answered {answer.status_code}")


def _watch_idle(note: dict[str, Any], options: Options, bench: Bench) -> list[Idle]:
    api = Api(note["url"], note["token"])
    try:
        status = api.do("GET", "status")
    finally:
        api.close()
    pids = {"console": int(note["pid"])} | {name: int(status[name]["pid"]) for name in PROCESSES[1:]}
    bench.tell(f"startup: watching it idle for {options.seconds:g} s")
    time.sleep(min(SETTLE, options.seconds))
    before = {name: read_cpu([pid]) for name, pid in pids.items()}
    begun = time.monotonic()
    time.sleep(options.seconds)
    seconds = time.monotonic() - begun
    return [_describe_idle(name, pid, before[name], seconds) for name, pid in pids.items()]


def _describe_idle(name: str, pid: int, before: float | None, seconds: float) -> Idle:
    after = read_cpu([pid])
    cpu = None if before is None or after is None else (after - before) / seconds * 100
    return Idle(name, cpu, read_resident([pid]))
