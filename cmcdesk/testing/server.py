"""`cmcdesk serve` as the pytest plugin runs it, one a test session; and a webhook endpoint of a test."""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cmcdesk.commands.running_console import ConsoleRefused, RunningConsole, find_console
from cmcdesk.commands.waiting import Found, Kind, find_newest, keep_asking

START_SECONDS = 60.0
END_SECONDS = 10.0
WAIT_SECONDS = 10.0
API_USER, API_KEY = "tester", "tester-key-of-cmcdesk"
KINDS: tuple[Kind, ...] = ("mail", "webhook", "bounce")

#: What a session has that names no settings file: one Pro composition as fast as CMC allows.
SETTINGS = """\
[[composition]]
name = "pro"
[composition.receiving]
interval_ms = 10
inbound_domains = ["mailform.example.com"]
[composition.relay]
interval_ms = 10
"""


class CmcdeskFailed(Exception):
    """cmcdesk did not start, or refused what the test asked of it."""


class Sink:
    """A webhook endpoint of this test; what comes is kept and answered 200, or as `answer` says."""

    def __init__(self, console: RunningConsole) -> None:
        self._console = console
        self._made = console.call("POST", "catcher/endpoints", {"name": "pytest"})
        self.url: str = self._made["url"]

    def answer(self, answer: str) -> None:
        """From now on: a status, "200@3" for 3 seconds before it, or "hang_up"."""
        self._console.call("PUT", f"catcher/endpoints/{self._made['id']}/answer", {"answer": answer})

    def wait(self, count: int = 1, timeout: float = WAIT_SECONDS) -> list[Found]:
        """The first `count` requests, oldest first, taken apart: method, path, headers, fields, files, and `body`."""
        found = self._list(count, timeout)
        assert len(found) >= count, f"{len(found)} of {count} requests came to the sink within {timeout:g} s"
        return found

    def requests(self) -> list[Found]:
        """Those that came so far."""
        return self._list(1, 0)

    def _list(self, count: int, seconds: float) -> list[Found]:
        asked = {"after": 0, "wait": seconds, "count": count, "limit": 500}
        rows = self._console.call("GET", f"catcher/endpoints/{self._made['id']}/requests", **asked)["requests"]
        return [self._read(row["id"]) for row in rows]

    def _read(self, number: int) -> Found:
        found: Found = self._console.call("GET", f"catcher/requests/{number}")
        return found | {"body": base64.b64decode(found["content"])}

    def remove(self) -> None:
        """The test is over."""
        self._console.call("DELETE", f"catcher/endpoints/{self._made['id']}")


class CmcdeskServer:
    """`cmcdesk serve` of this session, on free ports and in a folder of its own."""

    def __init__(self, folder: Path, settings: str) -> None:
        self._log, self.folder = folder / "serve.log", folder / "data"
        (folder / "settings.toml").write_text(settings, "utf-8")
        ready = folder / "ready.json"
        command = [sys.executable, "-m", "cmcdesk", "serve", "--data-dir", str(self.folder), "--while-stdin"]
        command += ["--port", "0", "--receiver-port", "0", "--relay-port", "0"]
        command += ["--settings", str(folder / "settings.toml"), "--ready-file", str(ready)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self.note = self._wait_until_ready(ready)
        self.console = find_console(self.folder, "en")
        self._add_own_user()
        self.names: list[str] = [each["name"] for each in self.note["compositions"]]
        for name in self.names:
            self.console.call("POST", f"compositions/{name}/apply")
        self.settings = {name: self.read_draft(name) for name in self.names}
        self.marks: dict[Kind, int] = dict.fromkeys(KINDS, 0)  # the newest of before this test

    def _wait_until_ready(self, ready: Path) -> dict[str, Any]:
        keep_asking(lambda: ready.exists() or self._process.poll() is not None, START_SECONDS)
        if not ready.exists():
            self.stop()
            said = self._log.read_text("utf-8", "replace")
            raise CmcdeskFailed(f"cmcdesk did not start within {START_SECONDS:g} s:\n{said}")
        note: dict[str, Any] = json.loads(ready.read_text("utf-8"))
        return note

    def read_draft(self, name: str) -> dict[str, Any]:
        """The settings that are saved."""
        settings: dict[str, Any] = self.console.call("GET", f"compositions/{name}/draft")["settings"]
        return settings

    def apply(self, name: str, settings: Mapping[str, Any]) -> None:
        """Save and reflect. Raises CmcdeskFailed, naming the field."""
        try:
            self.console.call("PUT", f"compositions/{name}/draft", {"settings": settings})
            self.console.call("POST", f"compositions/{name}/apply")
        except ConsoleRefused as refused:
            raise CmcdeskFailed("; ".join(refused.lines)) from None

    def clear(self) -> None:
        """As at the start: settings, API users, no mails; and note what the next test must not see."""
        self.marks = {kind: max(self.marks[kind], find_newest(self.console, kind)) for kind in KINDS}
        users = [each["api_user"] for each in self.console.call("GET", "api-users")["api_users"]]
        for user in users:
            if user != API_USER:
                self.console.call("DELETE", f"api-users/{quote(user, safe='')}")
        if API_USER not in users:
            self._add_own_user()
        for name, settings in self.settings.items():
            if self.read_draft(name) != settings or users != [API_USER]:
                self.apply(name, settings)
        self.console.call("DELETE", "mails")

    def _add_own_user(self) -> None:
        self.console.call("POST", "api-users", {"api_user": API_USER, "api_key": API_KEY, "smtp": True})

    def stop(self) -> None:
        """End it, mail server and worker too; what it was asked to do is done."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
