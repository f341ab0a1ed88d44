"""The connection under a session: greeting, idle clock, half-close, farewell, and what is let go at its end."""

import asyncio
import time
from typing import Any

from cmcdesk.mail import reply
from cmcdesk.mail.reply import Reply
from cmcdesk.mailserver.dialogue import Recorder
from cmcdesk.mailserver.intake import Intake
from cmcdesk.mailserver.stock import StockSession

EOF_CHECK_SECONDS = 0.02

# Where a session stands between two reads; WAITING: the mail is complete, its reply is not sent yet. Plain numbers,
# for they are compared a dozen times a mail, and a look-up in an Enum costs five times one of a name.
COMMANDS, OCTETS, WAITING = range(3)


class Connection(StockSession):
    """One that an intake has a place for. `transport` is None once it is lost."""

    __slots__ = ("_octets_at", "_state", "dialogue", "intake", "lane", "number", "peer")

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop, intake.live.hostname, intake.idle_seconds)
        self.intake = intake
        self.number = intake.next_session()
        self.lane = intake.open_lane(self.number)
        self.peer = ""
        self._state = COMMANDS
        self._octets_at = 0.0  # when the session last got octets that are no plain commands

    def connection_made(self, transport: Any) -> None:
        """Greets at once; aiosmtpd's loop is started only when a line needs it."""
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.transport = transport
        self.session = self._create_session()
        self.session.extended_smtp = True  # its only use here: the longer command limits
        self.session.peer = transport.get_extra_info("peername")
        self.peer = self.session.peer[0] if self.session.peer else ""
        transport.write(self.intake.greeting)
        self.dialogue = Recorder(self.lane.opened_at, self.intake.greeting)
        self._reset_timeout()

    def connection_lost(self, error: Exception | None) -> None:
        self.intake.leave(self)
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        self._let_go()

    def eof_received(self) -> bool:
        """A client that closes its side after the dot still gets its 250."""
        self._close_after_eof()
        return True

    def _close_after_eof(self) -> None:
        """The client sends no more: close as soon as all that it sent is answered."""
        if self.transport is None:
            return
        if self._state is OCTETS or (self._state is COMMANDS and self._is_stock_idle()):
            self.close()
        else:
            self.loop.call_later(EOF_CHECK_SECONDS, self._close_after_eof)

    def _say_goodbye(self, farewell: Reply) -> None:
        if self.transport is not None:
            self.transport.write(farewell.line)
            self.close()

    def _reset_timeout(self, _duration: float | None = None) -> None:
        """One timer a session, which looks when it is due at what came in meanwhile."""
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self._timeout_duration, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self.transport is None:
            return
        idle = 0.0 if self._state is WAITING else time.monotonic() - max(self._octets_at, self.dialogue.latest)
        if idle < self._timeout_duration:
            self._timeout_handle = self.loop.call_later(self._timeout_duration - idle + 0.001, self._timeout_cb)
        else:
            self._say_goodbye(reply.IDLE_TOO_LONG)
