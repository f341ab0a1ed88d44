"""All three processes are killed in the middle of 1,000 mails: what was answered 250 is there once, and is notified."""

import base64
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

StartServe = Callable[..., Any]
WaitFor = Callable[..., Any]

SESSIONS, MAILS = 20, 1000
KILL_AFTER = 400  # mails answered 250
TOKEN = re.compile(rb"token-(\d+-\d)")
SETTINGS = """
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = 50
interval_ms = 10
inbound_domains = ["form.example.com"]
[[composition.inbound_webhook]]
name = "even"
endpoint = "http://127.0.0.1:{port}/hook"
format = "multipart"
[[composition.inbound_webhook.condition]]
header = "To"
pattern = '^even@'
"""


@dataclass
class Hook:
    """A webhook endpoint of the test: token of the mail → delivery ids that came with it."""

    port: int = 0
    calls: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            found = TOKEN.search(content)
            hook.calls[found[1].decode() if found else "?"].append(self.headers["X-CMCDesk-Delivery"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        hook.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield hook
        server.shutdown()
        thread.join()


@dataclass
class Sender:
    """Sends numbered mails over some sessions and notes which tokens were answered 250, and which went out at all."""

    answered: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)

    def send_all(self, place: tuple[str, int], numbers: list[int], attempt: int) -> list[threading.Thread]:
        """Begin; one thread a session, each with its share of the numbers."""
        shares = [numbers[at::SESSIONS] for at in range(SESSIONS)]
        threads = [threading.Thread(target=self._send_share, args=(place, share, attempt)) for share in shares]
        for thread in threads:
            thread.start()
        return threads

    def _send_share(self, place: tuple[str, int], numbers: list[int], attempt: int) -> None:
        try:
            with smtplib.SMTP(*place, timeout=60) as session:
                for number in numbers:
                    self._send_one(session, number, f"{number}-{attempt}")
        except (OSError, smtplib.SMTPException):
            pass  # the server was killed: what this session did not get answered, nobody promised

    def _send_one(self, session: smtplib.SMTP, number: int, token: str) -> None:
        recipient = f"{'odd' if number % 2 else 'even'}@form.example.com"
        mail = f"From: a@example.com\r\nTo: {recipient}\r\nSubject: token-{token}\r\n\r\nbody {number}\r\n"
        self.tried.add(token)
        session.sendmail("a@example.com", [recipient], mail)
        self.answered.add(token)


def stored_tokens(folder: Path) -> Counter[str]:
    command = [sys.executable, "-m", "cmcdesk", "mail", "dump", "--data-dir", str(folder)]
    dumped = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    found = [TOKEN.search(base64.b64decode(octets)) for octets in dumped]
    assert all(found)
    return Counter(match[1].decode() for match in found if match)


def numbers_of(tokens: set[str]) -> set[int]:
    return {int(token.partition("-")[0]) for token in tokens}


def test_a_kill_in_the_middle_loses_and_doubles_nothing(
    start_serve: StartServe, hook: Hook, wait_for: WaitFor, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS.format(port=hook.port))
    served = start_serve("--settings", str(settings))
    pids = [served.process.pid, *served.children()]

    sender = Sender()
    threads = sender.send_all(served.receiving("pro"), list(range(MAILS)), 1)
    wait_for(lambda: len(sender.answered) >= KILL_AFTER, 60)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    served.process.wait(30)
    wait_for(lambda: not served.survivors(pids))
    assert KILL_AFTER <= len(sender.answered) < MAILS

    again = start_serve(folder=served.folder)
    rest = sorted(set(range(MAILS)) - numbers_of(sender.answered))
    for thread in sender.send_all(again.receiving("pro"), rest, 2):
        thread.join()
    assert numbers_of(sender.answered) == set(range(MAILS))

    stored = stored_tokens(served.folder)
    assert {token: stored[token] for token in sender.answered if stored[token] != 1} == {}
    assert set(stored) <= sender.tried and set(stored.values()) == {1}

    matching = {token for token in stored if int(token.partition("-")[0]) % 2 == 0}
    wait_for(lambda: set(hook.calls) >= matching, 120)
    assert set(hook.calls) == matching
    assert {token: ids for token, ids in hook.calls.items() if len(set(ids)) != 1} == {}
    assert len({ids[0] for ids in hook.calls.values()}) == len(matching)
