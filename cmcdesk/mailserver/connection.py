"""The lower half of a session: aiosmtpd's SMTP with our steps and replies, and the connection under it: greeting, idle
clock, half-close, farewell, and what is let go at its end.

Stands on private names of aiosmtpd 1.4.6 (pinned); `tests/mailserver/test_connection.py` compares it with the original.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.dialogue import Recorder
from cmcdesk.mailserver.intake import Intake, Origin
from cmcdesk.mailserver.octets import OctetCollector
from cmcdesk.mailserver.patience import TURN_COMMANDS, IdleClock
from cmcdesk.rules.gates import Gate

log = logging.getLogger(__name__)

COMMAND_LIMIT = 512  # RFC 5321 §4.5.3.1.4
# RFC 1870 §3 (26), RFC 6531 §3.4 (10), RFC 6152 (17): what the extensions add to MAIL; RFC 6531 adds 10 to RCPT.
# AUTH may bring its response along (RFC 4954 §4); 1000 octets are enough for it.
COMMAND_LIMITS = {"MAIL": COMMAND_LIMIT + 53, "RCPT": COMMAND_LIMIT + 10, "AUTH": 1000}
AUTH_PARAMETER_LIMIT = 500  # what AUTH adds to MAIL where it is offered (RFC 4954 §3)

UNREAD_SECONDS = 2.0
EOF_CHECK_SECONDS = 0.02

VERBS = ("HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT", "STARTTLS", "AUTH")

# What aiosmtpd says itself, and our reply of the same meaning, with an enhanced status (RFC 2034 §4: on every reply).
STOCK_REPLIES = {
    "500 Command line too long": reply.LINE_TOO_LONG,
    "500 Error: bad syntax": reply.BAD_SYNTAX,
    "500 Error: command": reply.UNKNOWN_COMMAND,
    "502 5.5.1 Too many unrecognized": reply.TOO_MANY_UNKNOWN,
}
FAREWELLS = (reply.TOO_MANY_UNKNOWN.line, reply.TOO_MANY_ERRORS.line)  # after which the connection is closed

# Where a session stands between two reads; WAITING: the mail is complete, its reply is not sent yet; SECURING: a TLS
# handshake is under way; LEAVING: it has said its last word. Plain numbers, for they are compared a dozen times a mail,
# and a look-up in an Enum costs five times one of a name.
COMMANDS, OCTETS, WAITING, SECURING, LEAVING = range(5)

NONE: dict[str, Any] = {}


class LineReader(asyncio.StreamReader):
    """Tells `hear_line` of every line that aiosmtpd's loop reads."""

    hear_line: Callable[[bytes], None]
    _beginning = b""
    _turn = 0

    async def readuntil(self, separator: Any = b"\n") -> bytes:
        self._turn += 1
        if self._turn % TURN_COMMANDS == 0:
            await asyncio.sleep(0)  # lines that have come are read without a wait: let the other sessions have theirs
        line = await super().readuntil(separator)
        self.hear_line(self._beginning + line)
        self._beginning = b""
        return line.rstrip() + b"\n"  # RFC 5321 §4.1.1: white space at its end is tolerated, tabs too

    async def read(self, n: int = -1) -> bytes:
        """So the loop skips the beginning of a line that is too long for `readuntil`."""
        octets = await super().read(n)
        self._beginning = self._beginning or octets
        return octets


class Connection(SMTP):  # aiosmtpd 1.4.6
    """One that an intake has a place for. `transport` is None once it is lost.

    `SMTP.__init__` inspects itself and its handler for every connection, a third of a short session's cost: here what
    it would find for a handler without hooks, no TLS, no AUTH, no PROXY is written down. It stands in the class: only
    instances with few attributes of their own share the layout that lets Python find a method without looking into a
    dictionary. What every read looks at is a slot, found faster than an entry of so large a dictionary."""

    __slots__ = (
        "_clock", "_handler_coroutine", "_opened_at", "collector", "commands", "dialogue", "intake", "origin", "state",
        "transport",
    )  # fmt: skip

    commands: Commands
    dialogue: Recorder
    origin: Origin
    collector: OctetCollector | None  # of the mail that comes in
    state: int
    transport: Any
    _reader: Any
    _writer: Any
    _client_connected_cb: Any
    _cutting: asyncio.TimerHandle | None = None
    is_draining: bool
    is_asking = False  # the next line is no command but the answer to a challenge (AUTH)

    __ident__ = ""
    line_length_limit = COMMAND_LIMITS["MAIL"] + AUTH_PARAMETER_LIMIT
    enable_SMTPUTF8 = _tls_handshake_okay = _auth_require_tls = True
    _decode_data = _auth_required = _enforce_call_limit = False
    event_handler = data_size_limit = tls_context = require_starttls = _tls_protocol = _original_transport = None
    _proxy_timeout = _authenticator = _auth_callback = _ehlo_hook_ver = None
    session: Any = None
    envelope: Any = None
    _timeout_handle: asyncio.TimerHandle | None = None
    _timeout_duration = 0.0
    _auth_methods = _handle_hooks = _smtp_methods = NONE

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.StreamReaderProtocol.__init__(
            self,
            LineReader(loop=loop, limit=self.line_length_limit),
            client_connected_cb=self._cb_client_connected,
            loop=loop,
        )
        self.transport = self._handler_coroutine = self.collector = None
        self.loop = loop
        self.hostname = intake.live.hostname
        self.intake = intake
        self.state = COMMANDS
        self._opened_at = time.time()
        self._clock = IdleClock(intake.patience, time.monotonic())

    # -- its beginning and its end -------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Greets at once; aiosmtpd's loop is started only when a line needs it."""
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.transport = transport
        self.session = self._create_session()
        self.session.extended_smtp = True  # its only use here: the longer command limits
        self.session.peer = transport.get_extra_info("peername")
        if self.state is COMMANDS:
            transport.write(self.intake.greeting)
        self.origin = self.intake.meet(self.session.peer[0] if self.session.peer else "", self._opened_at)
        self.dialogue = self.origin.dialogue
        self._reset_timeout()

    def connection_lost(self, error: Exception | None) -> None:
        self.intake.leave(self.origin)
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        self._let_go()

    def _let_go(self) -> None:
        """The connection is lost: end what would keep the session, by a timer or in a circle, until it is collected.
        aiosmtpd's loop, where it ran, still needs its own to end."""
        for timer in (self._timeout_handle, self._cutting):
            if timer is not None:
                timer.cancel()
        if self._handler_coroutine is None:
            self._client_connected_cb = self._writer = None
        else:
            self._handler_coroutine.cancel()

    def close(self) -> None:
        """Close once all is written; a client that does not read what is written is cut off. What it said behind its
        QUIT is never done (RFC 5321 §4.1.1.10): aiosmtpd's loop would go on with the lines that were read already."""
        self._reader._buffer.clear()
        if self.transport is not None:
            self.transport.close()
            self._cutting = self._cutting or self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def cut(self) -> None:
        """Close after a farewell of ours, which the client does not wait for: octets that it still sends would, unread,
        reset the connection, and the reset overtake the farewell. They are read and dropped until it closes too; not
        for long. A TLS layer cannot close one side alone."""
        if self.transport is None or not self.transport.can_write_eof():
            self.close()
            return
        self.state = LEAVING
        self._reader._buffer.clear()
        self._reader._maybe_resume_transport()
        self.transport.write_eof()
        self._cutting = self._cutting or self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def eof_received(self) -> bool:
        """A client that closes its side after the dot still gets its 250; TLS knows no such half."""
        if self.commands.is_secure:
            return False
        self._close_after_eof()
        return True

    def _close_after_eof(self) -> None:
        """The client sends no more: close as soon as all that it sent is answered; what it began it will not end."""
        if self.transport is None:
            return
        if self.state in (OCTETS, LEAVING) or (self.state is COMMANDS and self._has_read_all()):
            self.close()
        else:
            self.loop.call_later(EOF_CHECK_SECONDS, self._close_after_eof)

    def say_goodbye(self, farewell: Reply) -> None:
        self.commands.has_tried = True  # it is not the client that leaves
        if self.state is SECURING and self.transport is not None:
            self.transport.abort()
        elif self.transport is not None:
            self.transport.write(farewell.line)
            if self.is_draining:  # nobody is waited for then
                self.close()
            else:
                self.cut()

    def note_refused(self, gate: Gate, refusal: Reply, recipient: str = "") -> None:
        """A refusal leaves."""
        self.intake.note_refused(self.origin, gate, refusal, self.commands.sender or "", recipient)

    def begin_securing(self) -> None:
        """A TLS handshake begins."""
        self.state = SECURING

    def begin_secured(self, transport: Any) -> None:
        """It is done: all goes through this transport from now on."""
        self.transport = self._reader._transport = self._writer._transport = transport
        self.state = COMMANDS

    # -- its clock -----------------------------------------------------------------------------------------------

    def _reset_timeout(self, _duration: float | None = None) -> None:
        """One timer a session, which looks now and then at what came in meanwhile."""
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self.intake.patience.look, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self.transport is None:
            return
        farewell = self._find_overdue(time.monotonic())
        if farewell:
            self.note_refused("slow", farewell)
            self.say_goodbye(farewell)
        else:
            self._timeout_handle = self.loop.call_later(self.intake.patience.look, self._timeout_cb)

    def _find_overdue(self, now: float) -> Reply | None:
        """What to say to a client that took too long; None: it did not."""
        commands, clock, latest = self.commands, self._clock, self.dialogue.latest
        if self.state in (WAITING, SECURING, LEAVING):  # a handshake and a farewell have clocks of their own
            return None
        if clock.is_silent(now, latest):
            return reply.IDLE_TOO_LONG
        if self.state is OCTETS:  # the latest that was said is the answer to DATA
            taken = min(self.collector.taken if self.collector else 0, self.intake.live.size_limit)
            return reply.MAIL_TOO_SLOW if clock.is_mail_slow(now - latest, taken) else None
        if self._has_begun_line() and clock.is_line_slow(now):
            return reply.LINE_TOO_SLOW
        is_late = clock.is_step_late(now, (commands.mails, commands.step), len(commands.recipients))
        return reply.IDLE_TOO_LONG if is_late else None

    # -- aiosmtpd's loop -----------------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        """aiosmtpd's loop; what only it needs is made when it starts, since most sessions never need it."""
        # aiosmtpd keeps the limits in the class, where every connection changes them for all others.
        self.command_size_limits = defaultdict(lambda: COMMAND_LIMIT, COMMAND_LIMITS)
        if self.intake.live.protection.auth != "off":
            self.command_size_limits["MAIL"] += AUTH_PARAMETER_LIMIT
        self._smtp_methods = {name: getattr(self, f"smtp_{name}") for name in VERBS}
        self._reader.hear_line = self.dialogue.hear_line
        await super()._handle_client()

    def _hand_to_stock(self, data: bytes) -> None:
        """Let aiosmtpd's loop have what is no plain command, or a part of one."""
        self._clock.line_at = time.monotonic()
        if self._handler_coroutine is None:
            self._handler_coroutine = self.loop.create_task(self._handle_client())
        asyncio.StreamReaderProtocol.data_received(self, data)

    def _is_stock_idle(self) -> bool:
        """Whether the plain path may take the next lines: aiosmtpd's loop waits for a command with nothing read."""
        return not self.is_asking and self._has_read_all() and not self._has_begun_line()

    def _has_read_all(self) -> bool:
        """Whether aiosmtpd's loop does not run, or waits for more octets."""
        waiter = self._reader._waiter
        return self._handler_coroutine is None or (waiter is not None and not waiter.done())

    def _has_begun_line(self) -> bool:
        """Whether aiosmtpd's loop has a part of a line (if it waits for one)."""
        return self._handler_coroutine is not None and bool(self._reader._buffer or self._reader._beginning)

    async def push(self, status: str | bytes) -> None:
        """Write one reply; aiosmtpd's own texts become ours. Its greeting is swallowed: the session has greeted."""
        text = status if isinstance(status, bytes) else status.encode("utf-8")
        if text.startswith(b"220 "):
            return
        if isinstance(status, str) and not status.endswith("\r\n"):
            for beginning, ours in STOCK_REPLIES.items():
                if status.startswith(beginning):
                    text = self.commands.answer_error(ours).line
        if self.transport is None or self.transport.is_closing():
            return
        self.dialogue.say(text)
        self.transport.write(text)
        if text in FAREWELLS:
            self.cut()
            await self.loop.create_future()  # the loop ends with the connection: left to itself it would close it now
        await self._writer.drain()

    async def handle_exception(self, error: Exception) -> str:
        log.error("a session failed", exc_info=error)
        return reply.INTERNAL_FAULT.line.decode("ascii")

    async def smtp_HELO(self, argument: str | None) -> None:
        await self.push(self.commands.helo(argument or ""))

    async def smtp_EHLO(self, argument: str | None) -> None:
        await self.push(self.commands.ehlo(argument or ""))

    async def smtp_MAIL(self, argument: str | None) -> None:
        await self.push(self.commands.mail(argument or "").line)

    async def smtp_RCPT(self, argument: str | None) -> None:
        await self.push(self.commands.rcpt(argument or "").line)

    async def smtp_RSET(self, argument: str | None) -> None:
        await self.push(self.commands.rset(argument or "").line)

    async def smtp_NOOP(self, _argument: str | None) -> None:
        await self.push(reply.NOOP_OK.line)

    async def smtp_VRFY(self, argument: str | None) -> None:
        await self.push(self.commands.vrfy(argument or "").line)

    async def smtp_EXPN(self, _argument: str | None) -> None:
        await self.push(self.commands.answer_aside(reply.NOT_IMPLEMENTED).line)

    async def smtp_HELP(self, _argument: str | None) -> None:
        await self.push(self.commands.answer_aside(reply.HELP_TEXT).line)
