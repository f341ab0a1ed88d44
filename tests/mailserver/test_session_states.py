"""A model of the SMTP session beside the real one: whatever is said in whatever order, in one piece or two, the codes
are those of the model, and exactly the mails that were answered 250 are stored, octet for octet."""

import itertools
import socket
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from cmcdesk.mailserver.patience import ERROR_LIMIT, TURNED_AWAY_LIMIT
from cmcdesk.store.maillog.log import MailLog
from tests.mailserver.conftest import MailServerProcess, pro_settings

UNKNOWN_LIMIT = 5  # aiosmtpd's
SIZE = 64 * 1024
INBOUND, BOUNCE = "a@mailform.example.com", "a@return.example.com"
TOKENS = itertools.count()


class Model:
    """What a session must answer."""

    def __init__(self) -> None:
        self.hello = self.is_over = self.is_expecting_mail = False
        self.errors = self.turned_away = self.unknown = 0
        self.reset()

    def reset(self) -> None:
        self.has_sender = self.had_foreign = False
        self.recipients: set[str] = set()

    def err(self, code: int) -> int:
        self.errors += 1
        return code if self.errors <= ERROR_LIMIT else self.leave(421)

    def turn_away(self, code: int) -> int:
        self.turned_away += 1
        return code if self.turned_away <= TURNED_AWAY_LIMIT else self.leave(421)

    def leave(self, code: int) -> int:
        self.is_over = True
        return code

    def answer(self, line: str) -> int:
        verb, _, argument = line.partition(" ")
        if verb in ("EHLO", "HELO"):
            return self.greet(argument)
        if verb in ("VRFY", "EXPN", "HELP", ""):
            return self.err({"VRFY": 252 if argument else 501, "EXPN": 502, "HELP": 214, "": 500}[verb])
        if verb in ("NOOP", "RSET", "QUIT"):
            return self.answer_short(verb, argument)
        if verb == "FOO":
            self.unknown += 1
            self.errors += self.unknown == UNKNOWN_LIMIT
            return self.leave(421) if self.unknown == UNKNOWN_LIMIT else self.err(500)
        return {"MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data}[verb](argument)

    def greet(self, argument: str) -> int:
        code = self.err(250 if argument else 501)
        if code == 250:
            self.hello = True
            self.reset()
        return code

    def answer_short(self, verb: str, argument: str) -> int:
        if argument and verb != "NOOP":
            return self.err(501)
        if verb == "RSET":
            self.reset()
        return self.leave(221) if verb == "QUIT" else 250

    def mail(self, argument: str) -> int:
        if not self.hello:
            return self.err(503)
        if not argument.startswith("FROM:<") or ">" not in argument:
            return self.err(501)
        if self.has_sender:
            return self.err(503)
        if argument.endswith("SIZE=99999999"):
            return self.turn_away(552)
        self.has_sender = True
        return 250

    def rcpt(self, argument: str) -> int:
        if not self.hello or not self.has_sender:
            return self.turn_away(503)
        if argument in (f"TO:<{INBOUND}>", f"TO:<{BOUNCE}>"):
            self.recipients.add(argument)
            return 250
        if not argument.endswith(">"):
            return self.turn_away(501)
        self.had_foreign = True
        return self.turn_away(550)

    def data(self, argument: str) -> int:
        if not self.hello or not self.has_sender:
            return self.err(503)
        if argument:
            return self.err(501)
        if not self.recipients:
            return 554 if self.had_foreign else self.err(503)
        self.is_expecting_mail = True
        return 354

    def take_mail(self, is_spam: bool, size: int) -> int:
        judged = is_spam and f"TO:<{INBOUND}>" in self.recipients
        self.is_expecting_mail = False
        self.errors = self.turned_away = 0
        self.reset()
        return 552 if size > SIZE else 550 if judged else 250


LINES = st.sampled_from(
    [
        "EHLO x", "HELO x", "EHLO", "NOOP", "NOOP x", "RSET", "RSET x", "VRFY a", "VRFY", "EXPN l", "HELP", "", "FOO",
        "MAIL FROM:<a@b.c>", "MAIL FROM:<>", "MAIL FROM:<a@b.c> SIZE=99999999", "MAIL FROM:<a@b.c", "MAIL",
        f"RCPT TO:<{INBOUND}>", f"RCPT TO:<{BOUNCE}>", "RCPT TO:<a@foreign.example>", "RCPT TO:<a@b", "DATA x",
        "QUIT x",
    ]
)  # fmt: skip


class SessionMachine(RuleBasedStateMachine):
    """Speaks to the process that `server` is."""

    server: ClassVar[tuple[str, int]]
    stored: ClassVar[dict[bytes, bytes]] = {}  # token → octets that were answered 250

    @initialize()
    def connect(self) -> None:
        self.open()

    @precondition(lambda self: self.model.is_over)
    @rule()
    def connect_again(self) -> None:
        self.teardown()
        self.open()

    def open(self) -> None:
        self.model = Model()
        self.connection = socket.create_connection(self.server, timeout=20)
        self.stream = self.connection.makefile("rb")
        assert self.hear() == 220

    def teardown(self) -> None:
        if hasattr(self, "stream"):
            self.stream.close()
            self.connection.close()

    def hear(self) -> int:
        while (line := self.stream.readline())[3:4] == b"-":
            pass
        return int(line[:3] or 0)

    def say(self, lines: list[str], cut: int) -> None:
        """In two pieces, and hear what the model says, up to its farewell."""
        octets = b"".join(line.encode() + b"\r\n" for line in lines)
        at = cut % (len(octets) + 1)
        self.compare(lines, octets[:at], octets[at:])

    def compare(self, lines: list[str], *pieces: bytes, first: tuple[int, ...] = ()) -> None:
        """Say the pieces; the codes are `first` and those for the lines, up to the farewell."""
        expected = list(first)
        for line in lines:
            if not self.model.is_over:
                expected.append(self.model.answer(line))
        heard: list[int] = []
        try:
            for piece in pieces:
                self.connection.sendall(piece)
            while len(heard) < len(expected):
                heard.append(self.hear())
            assert not self.model.is_over or self.stream.read() == b""
        except ConnectionError:  # what is said after a farewell is left unread, and the reset may overtake replies
            assert self.model.is_over and len(expected) < len(first) + len(lines)
            expected = expected[: len(heard)]
        assert heard == expected, lines

    @precondition(lambda self: not self.model.is_over and not self.model.is_expecting_mail)
    @rule(lines=st.lists(LINES, min_size=1, max_size=30), cut=st.integers(0, 10_000))
    def say_some(self, lines: list[str], cut: int) -> None:
        self.say(lines, cut)

    @precondition(lambda self: not self.model.is_over and not self.model.is_expecting_mail)
    @rule(line=LINES, times=st.sampled_from([90, 101, 990, 1001]), cut=st.integers(0, 10_000))
    def say_many(self, line: str, times: int, cut: int) -> None:
        self.say([line] * times, cut)

    @precondition(lambda self: not self.model.is_over and not self.model.is_expecting_mail)
    @rule(recipients=st.sets(st.sampled_from([INBOUND, BOUNCE, "a@foreign.example"])))
    def begin_mail(self, recipients: set[str]) -> None:
        lines = ["EHLO x", "MAIL FROM:<a@b.c>", *(f"RCPT TO:<{one}>" for one in sorted(recipients)), "DATA"]
        self.say(lines, 0)

    @precondition(lambda self: self.model.is_expecting_mail)
    @rule(is_spam=st.booleans(), size=st.sampled_from([0, 100, SIZE + 1]), more=st.lists(LINES, max_size=5))
    def send_mail(self, is_spam: bool, size: int, more: list[str]) -> None:
        token = b"token-%d-" % next(TOKENS)
        sender = INBOUND if is_spam else "a@b.c"
        octets = b"From: %s\r\nTo: x@y.z\r\nX: %s\r\n\r\n.dot\r\n" % (sender.encode(), token) + b"x" * size + b"\r\n"
        sent = octets.replace(b"\r\n.", b"\r\n..")
        expected = self.model.take_mail(is_spam, len(octets))
        if expected == 250:
            self.stored[token] = octets
        said = b"".join(line.encode() + b"\r\n" for line in more)
        self.compare(more, sent + b".\r\n" + said, first=(expected,))

    @precondition(lambda self: not self.model.is_over and not self.model.is_expecting_mail)
    @rule()
    def quit(self) -> None:
        self.say(["QUIT"], 0)


@pytest.fixture
def mail_server(tmp_path: Any) -> Iterator[MailServerProcess]:
    server = MailServerProcess(tmp_path)
    yield server
    server.stop()


def test_the_session_is_its_model(mail_server: MailServerProcess) -> None:
    SessionMachine.server = mail_server.apply(pro_settings(max_sessions=100))
    few = settings(max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(SessionMachine, settings=few)
    assert len(SessionMachine.stored) > 5
    with MailLog(mail_server.mail_db) as log:
        stored = list(log.each_octets())
    assert sorted(stored) == sorted(SessionMachine.stored.values())
