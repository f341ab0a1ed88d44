"""The simulated world that this console uses: one that `--world` named, or one that it started itself.

It is told where the compositions receive, again whenever that changes, so that a bounce finds the way home.
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import requests

from cmcdesk.processes.child import module_command
from cmcdesk.processes.world_note import BadWorldNote, WorldNote, parse_world_note, write_world_note

log = logging.getLogger(__name__)

State = Literal["none", "starting", "running", "silent"]
PATIENCE = 5.0  # seconds for one answer of the world
AGAIN_SECONDS = 2.0  # until one that did not answer is told again
STOP_SECONDS = 3.0
SAID = 2000  # characters shown of why it did not start

Names = Mapping[str, str]  # "pro.smtps.jp" → "127.0.0.1:10026"


class WorldSilent(Exception):
    """There is no world, or it does not answer."""


class WorldRefused(Exception):
    """It answered that this cannot be; the text says why, in English."""


class SimulatedWorld:
    """`find_receivers` gives where the service receives; `changed` is called when the state is another. state: "none";
    "starting"; "running"; "silent": it was in use, and does not answer. is_own: the console started it. fault: what
    the world said against it last, "" for nothing."""

    def __init__(self, folder: Path, find_receivers: Callable[[], Names], changed: Callable[[], None]) -> None:
        self.state: State = "none"
        self.note: WorldNote | None = None
        self.is_own = False
        self.fault = ""
        self._folder = folder
        self._find_receivers = find_receivers
        self._changed = changed
        self._lock = threading.Lock()  # over the process and what is said to it
        self._process: subprocess.Popen[bytes] | None = None
        self._news = threading.Event()
        self._ended = False
        self._places: Any = None
        self._keeper: threading.Thread | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        write_world_note(folder, None)  # of an earlier run

    def use(self, note: WorldNote) -> None:
        """Use a world that runs already."""
        self._begin(note, is_own=False)

    def start(self, speed: float = 1.0, zones: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Start one: of `world.toml` in the data folder if that is there, else the example; `zones` (name → records)
        are added to it. Nothing where one is in use. Raises WorldRefused: it could not start; WorldSilent."""
        with self._lock:
            if self.state != "none":
                return
            self._enter("starting")
            own_file = self._folder / "world.toml"
            arguments = ("world", "up", *([str(own_file)] if own_file.exists() else []), "--controlled")
            self._process = subprocess.Popen(
                module_command("simulator.cli", *arguments, f"--speed={speed}"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",  # Ctrl-C in a terminal is for the console: it stops it
            )
            assert self._process.stdout
            line = self._process.stdout.readline()
            try:
                note = parse_world_note(line.decode("utf-8", "replace"))
            except BadWorldNote:
                said = (line + self._process.stdout.read(SAID)).decode("utf-8", "replace")
                self._end_process()
                self._enter("none")
                raise WorldRefused(said.rpartition("Error: ")[2].strip() or "it ended at once") from None
        self._begin(note, is_own=True)
        for name, records in (zones or {}).items():
            self.put_zone(name, records)

    def stop(self) -> None:
        """End an own one; let go of another."""
        with self._lock:
            self._let_go()

    def close(self) -> None:
        """At the end of the console."""
        self._ended = True
        self.stop()
        self._news.set()

    def follow(self, telemetry: Mapping[str, Any], is_saved: bool) -> None:
        """Look whether the places where mails are received changed; quick, for every tick of the telemetry."""
        places = telemetry.get("mail_server", {}).get("receiving")
        if is_saved or places != self._places:
            self._places = places
            self._news.set()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """JSON of the control address; octets of a mail. `path`: below it. Raises WorldSilent, WorldRefused."""
        note = self.note
        if note is None or not note.control:
            raise WorldSilent
        try:
            answer = self._session.request(method, note.control + path, json=body, timeout=PATIENCE)
        except requests.RequestException as fault:
            if self.state == "running" and path != "receivers":
                self._news.set()
            raise WorldSilent(str(fault)) from fault
        is_json = "json" in answer.headers.get("Content-Type", "")
        if answer.status_code >= 400:
            raise WorldRefused(str(answer.json()["error"]) if is_json else str(answer.status_code))
        return answer.json() if is_json else answer.content

    def put_zone(self, name: str, records: Mapping[str, Any]) -> None:
        """Give a name these records; none: take the name away. Raises WorldSilent, WorldRefused."""
        if records:
            self.ask("PUT", f"zones/{quote(name, safe='')}", records)
            return
        try:
            self.ask("DELETE", f"zones/{quote(name, safe='')}")
        except WorldRefused:
            log.debug("%s had no records", name)

    def _begin(self, note: WorldNote, is_own: bool) -> None:
        self.note, self.is_own = note, is_own
        self._tell_receivers()
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep_told, name="world", daemon=True)
            self._keeper.start()

    def _keep_told(self) -> None:
        """Tell it where mails are received whenever that changed; one that does not answer is asked again."""
        while not self._ended:
            self._news.wait(AGAIN_SECONDS if self.state == "silent" else None)
            self._news.clear()
            if self.note is not None:
                self._tell_receivers()

    def _tell_receivers(self) -> None:
        with self._lock:
            note = self.note
            if note is None:
                return
            try:
                receivers = dict(self._find_receivers())
                forwards = note.forwards
                if note.control and receivers:
                    forwards = self.ask("PUT", "receivers", receivers)["forwards"]
                elif note.control:  # none: the mail server is about to come up, and its names stay
                    self.ask("GET", "hosts")
            except WorldSilent:
                if self.is_own and (self._process is None or self._process.poll() is not None):
                    self._let_go()
                    return
                write_world_note(self._folder, note)
                self._enter("silent")
                return
            except WorldRefused as refused:
                self.fault, forwards = str(refused), note.forwards
            else:
                self.fault = ""
            self.note = WorldNote(note.resolver, forwards, note.control, note.speed)
            write_world_note(self._folder, self.note)
            self._enter("running")

    def _let_go(self) -> None:
        self._end_process()
        write_world_note(self._folder, None)
        self.note, self.fault, self.is_own = None, "", False
        self._enter("none")

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._changed()
