"""Honest senders: many sessions that go on after every kill, or one mail now and then that is timed; and their webhook.

Each mail carries a token; what was answered 250 and what was posted is known by it.
"""

import json
import re
import smtplib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from torture.ground import BOUNCE, INBOUND, wait_for

TOKEN = re.compile(r"token-[a-z]+-[0-9-]+")
SUNK = "sunk@inbound.example.com"
RECIPIENTS = (SUNK, INBOUND, BOUNCE)
NOTICE = (
    "From: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Returned mail: {token}\r\nMessage-ID: <{token}@x>\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\n{token}\r\n--b\r\n'
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
    "Final-Recipient: rfc822; {token}@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
)
FORM = "From: a@example.com\r\nTo: {to}\r\nSubject: {token}\r\nMessage-ID: <{token}@x>\r\n\r\n{token}\r\n"


def write_mail(token: str, recipient: str) -> str:
    """A bounce notice for the bounce route, a form mail else."""
    return (NOTICE if recipient == BOUNCE else FORM).format(token=token, to=recipient)


@dataclass
class Load:
    """`sessions` senders that begin a new session whenever theirs broke, until `stop`."""

    place: Callable[[], tuple[str, int]]
    sessions: int
    name: str = "load"
    pause: float = 0.0  # seconds between two mails of a session
    answered: dict[str, str] = field(default_factory=dict)  # token → recipient
    tried: set[str] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)  # by the reply's code
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: Sequence[threading.Thread] = ()

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._run, args=(at,), daemon=True) for at in range(self.sessions)]
        for thread in self._threads:
            thread.start()
        return self

    def wait_for_more(self, count: int) -> None:
        """Until so many mails more are answered, for a minute at most."""
        aim = len(self.answered) + count
        wait_for(lambda: len(self.answered) > aim, 60)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, session: int) -> None:
        number = 0
        while not self._over.is_set():
            try:
                with smtplib.SMTP(*self.place(), timeout=20) as smtp:
                    while not self._over.is_set():
                        number += 1
                        self._send(smtp, f"token-{self.name}-{session}-{number}-0", RECIPIENTS[number % 3])
                        self._over.wait(self.pause)
            except (OSError, smtplib.SMTPException) as error:
                if isinstance(error, smtplib.SMTPResponseException):
                    self.refused[error.smtp_code] += 1
                self._over.wait(0.05)  # killed: nobody promised the mail under way; the next one has a new token

    def _send(self, smtp: smtplib.SMTP, token: str, recipient: str) -> None:
        self.tried.add(token)
        smtp.sendmail("" if recipient == BOUNCE else "a@example.com", [recipient], write_mail(token, recipient))
        self.answered[token] = recipient


def send_once(place: tuple[str, int], token: str, recipient: str = INBOUND, patience: float = 60) -> float:
    """One honest mail on a connection of its own → seconds from connecting to its 250, tried again after each refusal
    for so long; raises TimeoutError when that is over."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        try:
            with smtplib.SMTP(*place, timeout=patience) as smtp:
                smtp.sendmail("a@example.com", [recipient], write_mail(token, recipient))
                return time.monotonic() - begun
        except (OSError, smtplib.SMTPException):
            time.sleep(0.1)
    raise TimeoutError(f"no 250 within {patience:g} s")


class QuietServer(ThreadingHTTPServer):
    """A client that is killed is what is wanted here."""

    def handle_error(self, request: object, client_address: object) -> None: ...


class Hook:
    """A webhook endpoint: token → the delivery ids that came with it."""

    def __init__(self) -> None:
        self.calls: dict[str, set[str]] = defaultdict(set)
        calls = self.calls

        class Take(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8", "replace")
                found = TOKEN.search(content)
                calls[found[0] if found else json.dumps(content[:80])].add(self.headers["X-CMCDesk-Delivery"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = QuietServer(("127.0.0.1", 0), Take)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> "Hook":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
