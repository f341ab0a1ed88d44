"""A real mail server process, spoken to over its pipes."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.rules.settings import check_composition


def pro_settings(name: str = "pro", **changes: Any) -> dict[str, Any]:
    """Settings of a Pro composition that receives at once; `changes` are of the receiving section."""
    receiving = {
        "max_sessions": 20,
        "interval_ms": 10,
        "size_kb": 64,
        "bounce_domains": ["return.example.com"],
        "inbound_domains": ["mailform.example.com"],
    }
    webhook = changes.pop("inbound_webhook", [])
    data = {"name": name, "plan": "pro", "subdomain": name, "receiving": receiving | changes}
    return check_composition({**data, "inbound_webhook": webhook}).as_data()


class MailServerProcess:
    """`python -m cmcdesk.mailserver` with its pipes. `before`: a program (python -c) that ends in executing it;
    `options`: those of Popen."""

    def __init__(self, folder: Path, *arguments: str, before: str = "", **options: Any) -> None:
        self.folder = folder
        self.mail_db = folder / "mail.db"
        command = [sys.executable, "-m", "cmcdesk.mailserver", "--data-dir", str(folder), *arguments]
        if before:
            command = [sys.executable, "-c", before, *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        self.telemetry: dict[str, Any] = {}
        self.logins: list[dict[str, Any]] = []
        self.places: list[dict[str, Any]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._heard = threading.Condition()
        self._number = 0
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline()) == {"ready": True}
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            with self._heard:
                if "telemetry" in said:
                    self.telemetry = said["telemetry"]
                elif "listening" in said:
                    self.places = said["listening"]
                elif "logins" in said:
                    self.logins += said["logins"]
                else:
                    self._answers[said["id"]] = said
                self._heard.notify_all()

    def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self._number += 1
        number = self._number
        self.process.stdin.write(json.dumps({"id": number, "do": do, **fields}) + "\n")
        self.process.stdin.flush()
        with self._heard:
            assert self._heard.wait_for(lambda: number in self._answers, 10), f"no answer to {do}"
            return self._answers.pop(number)

    def wait_for_telemetry(self, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        with self._heard:
            assert self._heard.wait_for(lambda: bool(self.telemetry) and is_so(self.telemetry), 10), self.telemetry
            return self.telemetry

    def wait_for_places(self, is_so: Callable[[list[dict[str, Any]]], bool]) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: is_so(self.places), 10), self.places

    def apply(self, settings: dict[str, Any], revision: int = 1, port: int = 0) -> tuple[str, int]:
        """Apply one composition on 127.0.0.1; its host and port."""
        entry = {
            "revision": revision,
            "host": "127.0.0.1",
            "port": port,
            "relay_port": 0,
            "smtp_users": {},
            "settings": settings,
        }
        answer = self.ask("apply", compositions=[entry])
        assert answer["ok"], answer
        host, _, text = answer["compositions"][0]["receiving"].rpartition(":")
        return host, int(text)

    def stop(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self._listener.join(10)
            self.process.stdout.close()


StartMailServer = Callable[..., MailServerProcess]


@pytest.fixture
def start_mail_server(tmp_path: Path) -> Iterator[StartMailServer]:
    started: list[MailServerProcess] = []

    def start(*arguments: str, **options: Any) -> MailServerProcess:
        started.append(MailServerProcess(tmp_path, *arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()
