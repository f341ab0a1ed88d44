"""What an attack stands on: a cmcdesk of its own, its API, its three processes, and what it found."""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from simulator.acceptance.api import Api, ApiFailed
from simulator.acceptance.desk import Desk

ATTACKS = Path(__file__).resolve().parent / "attacks"
INBOUND, BOUNCE = "a@inbound.example.com", "a@return.example.com"  # a recipient of each route
#: The composition that attacks are made on; "{sink}" is where its webhook goes: mails to sunk@… only.
SETTINGS = """
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = {sessions}
interval_ms = {interval}
size_kb = 20480
bounce_domains = ["return.example.com"]
inbound_domains = ["inbound.example.com"]
[composition.advanced.envelope_from]
rewrite = true
domain = "return.example.com"
[[composition.inbound_webhook]]
name = "sunk"
endpoint = "{sink}"
format = "json"
[[composition.inbound_webhook.condition]]
header = "To"
pattern = '^sunk@'
"""
NO_SINK = "http://127.0.0.1:9/nobody"
Seen = TypeVar("Seen")


def list_attacks() -> list[str]:
    """Their names, which are those of their files."""
    return sorted(path.stem for path in ATTACKS.glob("*.py") if path.stem[0] != "_")


def load_attack(name: str) -> ModuleType:
    """The module with its `attack(ground)`."""
    return importlib.import_module(f"torture.attacks.{name}")


@dataclass(frozen=True)
class Finding:
    """One promise, what was seen of it, and whether it held."""

    promise: str
    seen: str
    holds: bool

    @property
    def mark(self) -> str:
        return "held  " if self.holds else "BROKEN"


class Running:
    """A cmcdesk that was started, and its API as it is after the last start."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.desk.folder / "data"

    @property
    def place(self) -> tuple[str, int]:
        """Where composition `pro` takes mail."""
        host, _, port = self.desk.ready["compositions"][0]["receiving"].rpartition(":")
        return host, int(port)

    @property
    def console(self) -> tuple[str, int]:
        """Where the console answers."""
        host, _, port = self.desk.ready["url"].partition("://")[2].partition("/")[0].rpartition(":")
        return host, int(port)

    def get(self, path: str, **asked: Any) -> Any:
        """JSON of the API. Raises ApiFailed."""
        with closing(Api(self.desk.ready["url"])) as api:
            return api.do("GET", path, **asked)

    def status(self) -> dict[str, Any]:
        """The API's status; {} while the console does not answer."""
        try:
            found: dict[str, Any] = self.get("status")
        except ApiFailed:
            return {}
        return found

    def pids(self) -> dict[str, int]:
        """Process ids by "console", "mail_server", "worker"; one that is being started again is left out."""
        status = self.status()
        found = {name: status.get(name, {}).get("pid") for name in ("mail_server", "worker")}
        return {"console": self.desk.ready["pid"], **{name: pid for name, pid in found.items() if pid}}

    def memory(self, name: str) -> float:
        """MB that a process holds (resident) now; 0 when it is gone."""
        try:
            told = Path(f"/proc/{self.pids().get(name, 0)}/status").read_text()
        except OSError:
            return 0.0
        return next(int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("VmRSS"))

    def command(self, *arguments: str) -> str:
        """What a `cmcdesk …` command prints, on this data folder. Raises CalledProcessError."""
        command = [sys.executable, "-m", "cmcdesk", *arguments, "--data-dir", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def dump(self) -> Any:
        """`cmcdesk mail dump`: base64 of all stored mails."""
        return json.loads(self.command("mail", "dump"))


@dataclass(frozen=True)
class Ground:
    """Where one attack is made."""

    folder: Path
    is_short: bool

    def pick(self, short: Seen, whole: Seen) -> Seen:
        """The number for this form of the attack."""
        return short if self.is_short else whole

    @contextmanager
    def desk(self, sessions: int = 10, interval: int = 10, sink: str = NO_SINK, flags: tuple[str, ...] = ()) -> Any:
        """A running cmcdesk (`Running`) with SETTINGS, ended at the end."""
        folder = self.folder / f"desk-{time.monotonic_ns()}"
        folder.mkdir()
        desk = Desk(folder, flags)
        try:
            desk.start(SETTINGS.format(sessions=sessions, interval=interval, sink=sink))
            yield Running(desk)
        finally:
            desk.stop()


def wait_for(fact: Callable[[], Seen], seconds: float) -> Seen:
    """Look until it is true, or the time is over; the last that was seen."""
    deadline = time.monotonic() + seconds
    while not (seen := fact()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def is_alive(pid: int) -> bool:
    """Whether that process runs; one that ended and was not yet collected does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


Findings = Iterator[Finding]
