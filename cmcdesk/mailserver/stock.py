"""aiosmtpd's side of a session: its reading loop and command table, our steps and replies.

Stands on private names of aiosmtpd 1.4.6 (pinned); `tests/mailserver/test_stock.py` compares them with the original.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP

from cmcdesk.mail.smtp import reply
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.dialogue import Recorder
from cmcdesk.mailserver.patience import TURN_COMMANDS

log = logging.getLogger(__name__)

COMMAND_LIMIT = 512  # RFC 5321 §4.5.3.1.4
# RFC 1870 §3 (26), RFC 6531 §3.4 (10), RFC 6152 (17): what the extensions add to MAIL; RFC 6531 adds 10 to RCPT.
# AUTH may bring its response along (RFC 4954 §4); 1000 octets are what the loop reads at most.
COMMAND_LIMITS = {"MAIL": COMMAND_LIMIT + 53, "RCPT": COMMAND_LIMIT + 10, "AUTH": 1000}

UNREAD_SECONDS = 2.0

COMMANDS = ("HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT", "STARTTLS", "AUTH")

# What aiosmtpd says itself, and our reply of the same meaning, with an enhanced status (RFC 2034 §4: on every reply).
STOCK_REPLIES = {
    "500 Command line too long": reply.LINE_TOO_LONG,
    "500 Error: bad syntax": reply.BAD_SYNTAX,
    "500 Error: command": reply.UNKNOWN_COMMAND,
    "502 5.5.1 Too many unrecognized": reply.TOO_MANY_UNKNOWN,
}
FAREWELLS = (reply.TOO_MANY_UNKNOWN.line, reply.TOO_MANY_ERRORS.line)  # after which the connection is closed


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
        return line

    async def read(self, n: int = -1) -> bytes:
        """So the loop skips the beginning of a line that is too long for `readuntil`."""
        octets = await super().read(n)
        self._beginning = self._beginning or octets
        return octets


class StockSession(SMTP):  # aiosmtpd 1.4.6
    """`SMTP.__init__` inspects itself and its handler for every connection, a third of a short session's cost: here
    what it would find is written down (STATE)."""

    # Every read looks at these: a slot is found faster than an entry of so large a dictionary.
    __slots__ = ("_handler_coroutine", "transport")

    commands: Commands
    dialogue: Recorder
    transport: Any
    session: Any
    _reader: Any
    _writer: Any
    _client_connected_cb: Any
    _cutting: asyncio.TimerHandle | None = None
    _is_asking = False  # the next line is no command but the answer to a challenge (AUTH)

    def __init__(self, loop: asyncio.AbstractEventLoop, hostname: str) -> None:
        asyncio.StreamReaderProtocol.__init__(
            self,
            LineReader(loop=loop, limit=self.line_length_limit),
            client_connected_cb=self._cb_client_connected,
            loop=loop,
        )
        self.transport = self._handler_coroutine = None
        self.loop = loop
        self.hostname = hostname

    async def _handle_client(self) -> None:
        """aiosmtpd's loop; what only it needs is made when it starts, since most sessions never need it."""
        # aiosmtpd keeps the limits in the class, where every connection changes them for all others.
        self.command_size_limits = defaultdict(lambda: COMMAND_LIMIT, COMMAND_LIMITS)
        self._smtp_methods = {name: getattr(self, f"smtp_{name}") for name in COMMANDS}
        self._reader.hear_line = self.dialogue.hear_line
        await super()._handle_client()

    def _is_stock_idle(self) -> bool:
        """Whether the plain path may take the next lines."""
        return not self._is_asking and self._is_stock_waiting()

    def _is_stock_waiting(self) -> bool:
        """Whether aiosmtpd's loop does not run, or waits for a line with nothing read."""
        if self._handler_coroutine is None:
            return True
        waiter = self._reader._waiter
        return waiter is not None and not waiter.done() and not self._has_begun_line()

    def _has_begun_line(self) -> bool:
        """Whether aiosmtpd's loop has a part of a line (if it waits for one)."""
        return self._handler_coroutine is not None and bool(self._reader._buffer or self._reader._beginning)

    def _hand_to_stock(self, data: bytes) -> None:
        if self._handler_coroutine is None:
            self._handler_coroutine = self.loop.create_task(self._handle_client())
        asyncio.StreamReaderProtocol.data_received(self, data)

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
            self._reader._buffer.clear()  # aiosmtpd would go on with the lines that it has read already
            self.close()
        await self._writer.drain()

    def close(self) -> None:
        """Close once all is written; a client that does not read what is written is cut off."""
        if self.transport is not None:
            self.transport.close()
            self._cutting = self._cutting or self.loop.call_later(UNREAD_SECONDS, self._cut_off)

    def _cut_off(self) -> None:
        if self.transport is not None:
            self.transport.abort()

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
        await self.push(self.commands.answer_error(reply.NOT_IMPLEMENTED).line)

    async def smtp_HELP(self, _argument: str | None) -> None:
        await self.push(self.commands.answer_error(reply.HELP_TEXT).line)


# What SMTP.__init__ sets for a handler without hooks, no TLS, no AUTH, no PROXY. It stands in the class: only instances
# with few attributes of their own share the layout that lets Python find a method without looking into a dictionary.
STATE: dict[str, Any] = {
    "__ident__": "", "event_handler": None, "data_size_limit": None, "enable_SMTPUTF8": True, "_decode_data": False,
    "tls_context": None, "require_starttls": None, "_timeout_handle": None, "_timeout_duration": 0.0,
    "_tls_handshake_okay": True, "_tls_protocol": None, "_original_transport": None, "session": None, "envelope": None,
    "_auth_require_tls": True, "_proxy_timeout": None, "_authenticator": None,
    "_auth_callback": None, "_auth_required": False, "_auth_methods": {}, "_handle_hooks": {}, "_ehlo_hook_ver": None,
    "_enforce_call_limit": False, "_smtp_methods": {},
}  # fmt: skip
for _name, _value in STATE.items():
    setattr(StockSession, _name, _value)
