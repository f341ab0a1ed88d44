"""The SMTP client of the simulator: one asyncio protocol per session, driven by callbacks, not by a task per mail.

At 15,000 mails a second a mail has 66 µs, kernel included; a future and a task switch for each reply would eat them.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Coroutine
from enum import Enum
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from simulator.load.prepared import Prepared

Result = TypeVar("Result")
NO_REPLY = 0  # the code of a mail or connection that the server ended without a word


class RemoteTarget(Exception):
    """The target is not on this machine and nobody has allowed that."""


class Outcome(NamedTuple):
    """What became of one mail: ``code`` is the reply that decided it, at ``stage`` mail, rcpt, data, dot or closed.

    ``seconds`` from the last octet handed to the kernel to the reply (0 if the mail got no further than DATA);
    ``refused`` recipients were turned away while others were taken.
    """

    mail: Prepared
    number: int
    stage: str
    code: int
    text: str
    seconds: float
    refused: int


class Stage(Enum):
    """Which reply the session is waiting for."""

    GREETING = "connect"
    EHLO = "ehlo"
    HELO = "helo"
    ENVELOPE = "envelope"
    DOT = "dot"
    READY = "ready"
    QUIT = "quit"
    CLOSED = "closed"


class SessionOwner(Protocol):
    """Who drives a session. Every callback comes from the event loop; ``session_ready`` may call ``send`` at once."""

    def session_greeted(self, session: "Session", code: int, text: str, seconds: float) -> None:
        """Told once per connection: the greeting's code (NO_REPLY if closed without one) and the time since connect."""

    def session_ready(self, session: "Session") -> None:
        """Told when a mail may be sent."""

    def mail_done(self, session: "Session", outcome: Outcome) -> None:
        """Told once per mail, before ``session_ready``."""

    def session_closed(self, session: "Session") -> None:
        """Told once, last."""


class Session(asyncio.Protocol):
    """One SMTP session. ``send`` when ready, ``quit`` when done; pipelines (RFC 2920) where the server offers it."""

    def __init__(self, owner: SessionOwner, greet_as: str = "simulator.example") -> None:
        self.owner = owner
        self.stage = Stage.GREETING
        self.offers: frozenset[str] = frozenset()
        self.mails = 0  # begun in this session
        self.accepted_at = 0.0  # monotonic, of the last 250 after a dot
        self.opened_at = time.monotonic()
        self._greet_as = greet_as.encode()
        self._buffer = b""
        self._lines: list[bytes] = []
        self._commands: tuple[bytes, ...] = ()
        self._step = 0
        self._mail: Prepared | None = None
        self._stamp = b""
        self._number = 0
        self._refusal: tuple[str, int, str] | None = None
        self._refused = 0
        self._reset_first = False
        self._dot_at = 0.0
        self._last_code = NO_REPLY
        self._is_connected = self._is_dropped = False

    # -- asked by the owner

    def send(self, mail: Prepared, number: int = 0, stamp: bytes = b"") -> None:
        """Begin one mail; ``stamp`` (whole header lines) goes before its octets. Only in ``session_ready`` or later."""
        self._mail, self._number, self._stamp = mail, number, stamp
        self.mails += 1
        self._refusal, self._refused, self._dot_at = None, 0, 0.0
        commands = mail.commands(self.offers)
        if self._reset_first:
            commands, self._reset_first = (b"RSET\r\n", *commands), False
        self._commands, self._step, self.stage = commands, 0, Stage.ENVELOPE
        self._transport.write(b"".join(commands) if "PIPELINING" in self.offers else commands[0])

    def quit(self) -> None:
        """Say QUIT (if the server still listens) and close."""
        if self.stage is Stage.READY:
            self.stage = Stage.QUIT
            self._transport.write(b"QUIT\r\n")
        else:
            self.abort()

    def abort(self) -> None:
        """Drop the connection at once; one that is not made yet is dropped when it is."""
        self._is_dropped = True
        if self._is_connected and self.stage is not Stage.CLOSED:
            self._transport.abort()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._is_connected = True
        if self._is_dropped:
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=0)  # so that resume_writing tells when the last octet has left

    def resume_writing(self) -> None:
        if self.stage is Stage.DOT:
            self._dot_at = time.monotonic()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        waiting_for, self.stage = self.stage, Stage.CLOSED
        if waiting_for in (Stage.GREETING, Stage.EHLO, Stage.HELO) and self._last_code == NO_REPLY:
            self.owner.session_greeted(self, NO_REPLY, "", time.monotonic() - self.opened_at)
        if waiting_for in (Stage.ENVELOPE, Stage.DOT) and self._mail is not None:
            stage, code, text = self._refusal or ("closed", NO_REPLY, "")
            self.owner.mail_done(self, Outcome(self._mail, self._number, stage, code, text, 0.0, self._refused))
        self.owner.session_closed(self)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        *lines, self._buffer = buffer.split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-":
                self._lines.append(line)
            elif self.stage is not Stage.CLOSED:
                self._take_reply(line)

    # -- replies

    def _take_reply(self, line: bytes) -> None:
        code = int(line[:3]) if line[:3].isdigit() else NO_REPLY
        self._last_code = code
        if self.stage is Stage.DOT:
            self._end_mail(code, line)
        elif self.stage is Stage.ENVELOPE:
            self._take_envelope_reply(code, line)
        else:
            self._take_session_reply(code, line)
        self._lines.clear()

    def _take_session_reply(self, code: int, line: bytes) -> None:
        if self.stage is Stage.GREETING:
            self.owner.session_greeted(self, code, read_text(line), time.monotonic() - self.opened_at)
            self._expect(code == 220, Stage.EHLO, b"EHLO %b\r\n" % self._greet_as)
        elif self.stage is Stage.EHLO and code != 250:
            self._expect(code < 421 or code >= 500, Stage.HELO, b"HELO %b\r\n" % self._greet_as)
        elif self.stage in (Stage.EHLO, Stage.HELO):
            self.offers = read_offers([*self._lines, line])
            self._expect(code == 250, Stage.READY, b"")
            if code == 250:
                self.owner.session_ready(self)
        else:  # the answer to QUIT, or a 421 while idle
            self.stage = Stage.QUIT
            self._transport.close()

    def _expect(self, good: bool, stage: Stage, command: bytes) -> None:
        if not good:
            self._transport.close()
            return
        self.stage = stage
        if command:
            self._transport.write(command)

    def _take_envelope_reply(self, code: int, line: bytes) -> None:
        command = self._commands[self._step]
        self._step += 1
        if code == 421:  # RFC 5321 §3.8: the server is about to close, whatever else was asked
            self._refusal = ("rcpt" if command[:1] == b"R" else command[:4].decode().lower(), code, read_text(line))
            self._transport.close()
        elif command[:4] == b"MAIL":
            if code != 250:
                self._refuse("mail", code, line)
            self._go_on(stop=code != 250)
        elif command[:4] == b"RCPT":
            if code not in (250, 251, 252):
                self._refused += 1
                self._refuse("rcpt", code, line)
            self._go_on(stop=self._nobody_is_left())
        elif command[:4] == b"DATA":
            self._take_data_reply(code, line)
        else:
            self._go_on(stop=False)

    def _refuse(self, stage: str, code: int, line: bytes) -> None:
        if self._refusal is None:
            self._refusal = (stage, code, read_text(line))

    def _go_on(self, stop: bool) -> None:
        """Without pipelining the next command goes out now, or the mail ends here; pipelined ones have long left."""
        if "PIPELINING" in self.offers:
            return
        if stop and self._refusal is not None:
            stage, code, text = self._refusal
            self._reset_first = stage != "mail"
            self._finish(stage, code, text, 0.0)
        else:
            self._transport.write(self._commands[self._step])

    def _take_data_reply(self, code: int, line: bytes) -> None:
        assert self._mail is not None
        if code == 354 and self._nobody_is_left():  # RFC 2920 §3.1: nothing but the dot may follow then
            self.stage = Stage.DOT
            self._transport.write(b".\r\n")
        elif code == 354:
            self.stage = Stage.DOT
            self._dot_at = time.monotonic()
            self._transport.write(self._stamp + self._mail.data if self._stamp else self._mail.data)
        else:
            self._refuse("data", code, line)
            stage, code, text = self._refusal or ("data", code, "")
            self._reset_first = stage != "mail"
            self._finish(stage, code, text, 0.0)

    def _end_mail(self, code: int, line: bytes) -> None:
        if self._refusal is not None and self._nobody_is_left():
            self._finish(*self._refusal, 0.0)
        else:
            text = "" if code == 250 else read_text(line)
            self._finish("dot", code, text, time.monotonic() - self._dot_at)

    def _nobody_is_left(self) -> bool:
        """Whether the sender or every recipient was refused."""
        assert self._mail is not None
        return self._refused == len(self._mail.recipients) or (self._refusal is not None and self._refusal[0] == "mail")

    def _finish(self, stage: str, code: int, text: str, seconds: float) -> None:
        mail, self._mail = self._mail, None
        assert mail is not None
        self.stage = Stage.READY
        self.owner.mail_done(self, Outcome(mail, self._number, stage, code, text, seconds, self._refused))
        if code == 421:
            self._transport.close()
        elif self.stage is Stage.READY:
            self.owner.session_ready(self)


def read_text(line: bytes) -> str:
    """The text of a reply line, after its code."""
    return line[4:].decode("utf-8", "replace")


def read_offers(lines: list[bytes]) -> frozenset[str]:
    """The keywords of an EHLO answer, in upper case (RFC 5321 §4.1.1.1); its first line is the server's name."""
    offers = (line[4:].split() for line in lines[1:])
    return frozenset(words[0].decode("ascii", "replace").upper() for words in offers if words)


def check_target(host: str, allow_remote: bool) -> None:
    """Raise RemoteTarget unless every address of ``host`` is loopback; raise OSError if it has none."""
    if allow_remote:
        return
    for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            raise RemoteTarget(f"{host} is {address[0]}, not this machine; --allow-remote sends there all the same")


def run_fast(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` to its end on uvloop where that exists, else on asyncio."""
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        return runner.run(work)


def fastest_loop() -> Any:
    """The event loop factory: uvloop's, or None for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
