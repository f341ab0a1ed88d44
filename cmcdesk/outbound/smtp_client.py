"""The client's side of SMTP (RFC 5321), with PIPELINING (RFC 2920): one connection, many mails.

aiosmtplib and smtplib wait for each reply before the next command; a mail is two round trips here instead of four.
"""

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from cmcdesk.outbound.answer import CONNECTION, RECEIVER_FAULT, TOO_LARGE, SmtpAnswer
from cmcdesk.outbound.wire import WireMail

MOST_REPLY_OCTETS = 65536
BLOCK = 65536
TEXT_KEPT = 1000  # characters of a reply
_LINE = re.compile(rb"([2-5]\d\d)([ -]?)(.*)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")  # a reply that has them is one all the same: a mail may have been taken
_SIZE = re.compile(r"[0-9]{1,20}")  # RFC 1870 §4; of anything else nothing can be made
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?:[ \t]+|$)")


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """Seconds of the machine's clock (RFC 5321 §4.5.3.2), scaled by the world's speed."""

    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    block: float = 180.0
    end: float = 600.0

    @classmethod
    def scaled(cls, speed: float, least: float = 2.0) -> "TimeOuts":
        """least: a machine does not answer faster because a clock does."""
        return cls(*(max(least, seconds / speed) for seconds in (300.0, 300.0, 120.0, 180.0, 600.0)))


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes to one server in one transaction."""

    sender: str
    recipients: tuple[str, ...]
    wire: WireMail


class Hangup(OSError):
    """The connection is of no more use; `answer` says why."""

    def __init__(self, text: str, command: str, reply: SmtpAnswer | None = None) -> None:
        super().__init__(text)
        self.answer = reply or SmtpAnswer(None, "4.4.2", text, command)


class SmtpConnection:
    """One connection, greeted. `send` until `is_usable` is false."""

    def __init__(self, connected: socket.socket, name: str, time_outs: TimeOuts) -> None:
        """Reads the greeting and says EHLO, or HELO. Raises Hangup; `connected` is closed then."""
        self._socket = connected
        self.own_address = str(connected.getsockname()[0])
        self._time_outs = time_outs
        self._buffer = b""
        self._command = CONNECTION
        self._must_reset = False
        self.is_usable = True
        self.mails = 0  # sent over it
        self.offers: dict[str, str] = {}
        try:
            self._expect_ok(self._read_reply(time_outs.greeting), "greeting")
            self._greet(name)
        except BaseException:
            self.abort()
            raise

    def send(self, letter: Letter) -> dict[str, SmtpAnswer]:
        """The answer for each recipient. What the connection's end leaves open has an answer too."""
        parameters = self._choose_parameters(letter)
        if isinstance(parameters, SmtpAnswer):
            return dict.fromkeys(letter.recipients, parameters)
        self.mails += 1
        answers: dict[str, SmtpAnswer] = {}
        try:
            self._send(letter, parameters, answers)
        except Hangup as hangup:
            self.abort()
            if self.mails > 1 and not answers and self._command in ("RSET", "MAIL FROM"):
                raise  # a kept connection that had ended meanwhile, with 421 or without a word: nothing was begun
            for recipient in letter.recipients:
                if recipient not in answers or answers[recipient].outcome == "delivered":
                    answers[recipient] = hangup.answer
        return answers

    def quit(self) -> None:
        """Say so, and close without waiting for the answer."""
        if self.is_usable:
            with suppress(OSError):
                self._socket.settimeout(1.0)
                self._socket.sendall(b"QUIT\r\n")
        self.abort()

    def abort(self) -> None:
        """Close."""
        self.is_usable = False
        self._socket.close()

    def _greet(self, name: str) -> None:
        reply, lines = self._say(b"EHLO " + name.encode("ascii", "replace") + b"\r\n", "EHLO")
        if reply.outcome == "permanent":
            reply, lines = self._say(b"HELO " + name.encode("ascii", "replace") + b"\r\n", "HELO")[0], []
        self._expect_ok(reply, reply.command)
        self.offers = {words[0].upper(): " ".join(words[1:]) for line in lines[1:] if (words := line.split())}

    def _choose_parameters(self, letter: Letter) -> str | SmtpAnswer:
        """What MAIL says beside the address; an answer where this server cannot take it (RFC 1870, 6152, 6531)."""
        chosen = ""
        limit = self.offers.get("SIZE", "")
        if "SIZE" in self.offers:
            if _SIZE.fullmatch(limit) and 0 < int(limit) < letter.wire.size:
                told = f"The mail has {letter.wire.size} octets; the server takes {limit}"
                return SmtpAnswer(None, "5.3.4", told, "EHLO", error_status=TOO_LARGE)
            chosen += f" SIZE={letter.wire.size}"
        if letter.wire.is_8bit:
            if "8BITMIME" not in self.offers:
                told = "The mail has octets above 127, and the server does not offer 8BITMIME"
                return SmtpAnswer(None, "5.6.3", told, "EHLO", error_status=RECEIVER_FAULT)
            chosen += " BODY=8BITMIME"
        if not "".join((letter.sender, *letter.recipients)).isascii():
            if "SMTPUTF8" not in self.offers:
                told = "An address is not ASCII, and the server does not offer SMTPUTF8"
                return SmtpAnswer(None, "5.6.7", told, "EHLO", error_status=RECEIVER_FAULT)
            chosen += " SMTPUTF8"
        elif letter.wire.is_utf8 and "SMTPUTF8" in self.offers:
            chosen += " SMTPUTF8"  # RFC 6531 §3.4; where it is not offered, most take such a mail all the same
        return chosen

    def _send(self, letter: Letter, parameters: str, answers: dict[str, SmtpAnswer]) -> None:
        """Fills in `answers`; raises Hangup."""
        mail = f"MAIL FROM:<{letter.sender}>{parameters}\r\n".encode()
        rcpts = [f"RCPT TO:<{recipient}>\r\n".encode() for recipient in letter.recipients]
        talk = self._talk([(mail, "MAIL FROM"), *((rcpt, "RCPT TO") for rcpt in rcpts), (b"DATA\r\n", "DATA")])
        said = next(talk)
        self._must_reset = True
        for recipient in letter.recipients:
            if said.outcome != "delivered" and not self._pipelines:
                answers[recipient] = said
                continue
            reply = next(talk)
            answers[recipient] = reply if said.outcome == "delivered" else said
        taken = [recipient for recipient, answer in answers.items() if answer.outcome == "delivered"]
        if not taken and not self._pipelines:
            return
        begin = next(talk)
        if begin.code == 354:
            # Nobody to send it to, and yet an invitation: RFC 2920 §3.1 wants the dot alone.
            end = self._send_octets(letter.wire.octets if taken else b".\r\n")
            self._must_reset = False
        elif begin.outcome == "delivered":
            raise Hangup(f"{begin.code} is no reply to DATA", "DATA")
        else:
            end = begin
        for recipient in taken:
            answers[recipient] = end

    def _send_octets(self, octets: bytes) -> SmtpAnswer:
        self._command = "end of DATA"
        try:
            for begin in range(0, len(octets), BLOCK):
                self._write(octets[begin : begin + BLOCK], self._time_outs.block)
        except Hangup:
            self.is_usable = False  # a server may refuse in the middle and close: its reply is there to be read
            return self._read_reply(self._time_outs.command)
        return self._read_reply(self._time_outs.end)

    @property
    def _pipelines(self) -> bool:
        return "PIPELINING" in self.offers

    def _talk(self, commands: Sequence[tuple[bytes, str]]) -> Iterator[SmtpAnswer]:
        """The reply to each, sent together where the server allows it; in lock step each when it is asked for."""
        if self._must_reset:
            commands = [(b"RSET\r\n", "RSET"), *commands]
        self._command = commands[0][1]
        if self._buffer:  # else each reply would be taken for that to the command before
            raise Hangup("the server said more than it was asked", self._command)
        if self._pipelines:
            self._write(b"".join(command for command, _ in commands), self._time_outs.command)
        for command, name in commands:
            self._command = name
            if not self._pipelines:
                self._write(command, self._time_outs.command)
            reply = self._read_reply(self._time_outs.data if name == "DATA" else self._time_outs.command)
            if name == "RSET":
                self._expect_ok(reply, name)
                continue
            yield reply

    def _say(self, command: bytes, name: str) -> tuple[SmtpAnswer, list[str]]:
        self._command = name
        self._write(command, self._time_outs.command)
        return self._read_lines(self._time_outs.command)

    def _expect_ok(self, reply: SmtpAnswer, command: str) -> None:
        """A server that refuses at the greeting speaks of itself, not of the mail: another one may take it."""
        if reply.outcome != "delivered":
            raise Hangup(reply.text, command, reply)

    def _write(self, octets: bytes, seconds: float) -> None:
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(octets)
        except OSError as fault:
            raise self._hang_up(fault) from fault

    def _read_reply(self, seconds: float) -> SmtpAnswer:
        return self._read_lines(seconds)[0]

    def _read_lines(self, seconds: float) -> tuple[SmtpAnswer, list[str]]:
        """One whole reply (RFC 5321 §4.2.1) and its lines. seconds: until its last line is there. Raises Hangup."""
        deadline = time.monotonic() + seconds
        lines: list[str] = []
        octets = 0
        while True:
            line = self._read_line(deadline)
            octets += len(line)
            found = _LINE.fullmatch(line)
            if not found or octets > MOST_REPLY_OCTETS:
                raise Hangup(f"no reply of SMTP: {line[:80].decode('utf-8', 'replace')}", self._command)
            lines.append(_CONTROLS.sub(" ", found[3].decode("utf-8", "replace")).strip())
            if found[2] != b"-":
                break
        reply = read_smtp_answer(int(found[1]), lines, self._command)
        if reply.code == 421:  # RFC 5321 §3.8: the connection is closed behind it
            raise Hangup(reply.text, self._command, reply)
        return reply, lines

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MOST_REPLY_OCTETS:
                raise Hangup("a line of the reply does not end", self._command)
            try:
                self._socket.settimeout(max(0.001, deadline - time.monotonic()))
                piece = self._socket.recv(BLOCK)
            except OSError as fault:
                raise self._hang_up(fault) from fault
            if not piece:
                raise Hangup(f"the server closed the connection after {self._command}", self._command)
            self._buffer += piece
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r")

    def _hang_up(self, fault: OSError) -> Hangup:
        what = "timed out" if isinstance(fault, TimeoutError) else (fault.strerror or str(fault)).lower()
        return Hangup(f"{what} at {self._command}", self._command)


def read_smtp_answer(code: int, lines: Sequence[str], command: str) -> SmtpAnswer:
    """A reply's lines as one text; the enhanced code that begins them (RFC 2034 §4) is taken out where its class is the
    reply's own."""
    enhanced = ""
    texts = []
    for line in lines:
        found = _ENHANCED.match(line)
        if found and found[1] == str(code)[0]:
            enhanced = enhanced or f"{found[1]}.{int(found[2])}.{int(found[3])}"
            line = line[found.end() :]
        texts.append(line)
    return SmtpAnswer(code, enhanced, " ".join(filter(None, texts))[:TEXT_KEPT], command)
