"""The connection under a session: greeting, clocks, half-close, farewell, and what is let go at its end."""

import asyncio
import time
from typing import Any

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.dialogue import Recorder
from cmcdesk.mailserver.intake import Intake
from cmcdesk.mailserver.stock import StockSession

EOF_CHECK_SECONDS = 0.02

# Where a session stands between two reads; WAITING: the mail is complete, its reply is not sent yet; SECURING: a TLS
# handshake is under way. Plain numbers, for they are compared a dozen times a mail, and a look-up in an Enum costs five
# times one of a name.
COMMANDS, OCTETS, WAITING, SECURING = range(4)


class Connection(StockSession):
    """One that an intake has a place for. `transport` is None once it is lost."""

    __slots__ = (
        "_line_at", "_octets_at", "_state", "_step", "_step_at", "dialogue", "intake", "lane", "number", "peer",
    )  # fmt: skip

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop, intake.live.hostname)
        self.intake = intake
        self.number = intake.next_session()
        self.lane = intake.open_lane(self.number)
        self.peer = ""
        self._state = COMMANDS
        self._octets_at = 0.0  # when the session last got octets that are no plain commands
        self._line_at = 0.0  # when the line began that aiosmtpd's loop has a part of
        self._step = (0, 0)  # mails that were answered, and the step of the next one, at the last look
        self._step_at = time.monotonic()

    def connection_made(self, transport: Any) -> None:
        """Greets at once; aiosmtpd's loop is started only when a line needs it."""
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.transport = transport
        self.session = self._create_session()
        self.session.extended_smtp = True  # its only use here: the longer command limits
        self.session.peer = transport.get_extra_info("peername")
        self.peer = self.session.peer[0] if self.session.peer else ""
        if self._state is COMMANDS:
            transport.write(self.intake.greeting)
        self.dialogue = Recorder(self.lane.opened_at, self.intake.greeting)
        self._reset_timeout()

    def connection_lost(self, error: Exception | None) -> None:
        self.intake.leave(self)
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        self._let_go()

    def _hand_to_stock(self, data: bytes) -> None:
        self._line_at = time.monotonic()
        super()._hand_to_stock(data)

    def eof_received(self) -> bool:
        """A client that closes its side after the dot still gets its 250; TLS knows no such half."""
        if self.commands.is_secure:
            return False
        self._close_after_eof()
        return True

    def _close_after_eof(self) -> None:
        """The client sends no more: close as soon as all that it sent is answered."""
        if self.transport is None:
            return
        if self._state is OCTETS or (self._state is COMMANDS and self._is_stock_waiting()):
            self.close()
        else:
            self.loop.call_later(EOF_CHECK_SECONDS, self._close_after_eof)

    def _say_goodbye(self, farewell: Reply) -> None:
        self.commands.has_tried = True  # it is not the client that leaves
        if self._state is SECURING and self.transport is not None:
            self.transport.abort()
        elif self.transport is not None:
            self.transport.write(farewell.line)
            self.close()

    def _reset_timeout(self, _duration: float | None = None) -> None:
        """One timer a session, which looks now and then at what came in meanwhile."""
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self.intake.patience.look, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self.transport is None:
            return
        farewell = self._find_overdue(time.monotonic())
        if farewell:
            self._end_slow(farewell)
        else:
            self._timeout_handle = self.loop.call_later(self.intake.patience.look, self._timeout_cb)

    def _end_slow(self, farewell: Reply) -> None:
        """The refusal is recorded, and said."""
        self.intake.note_refused(self, "slow", farewell)
        self._say_goodbye(farewell)

    def _find_overdue(self, now: float) -> Reply | None:
        """What to say to a client that took too long; None: it did not."""
        patience, silent_since = self.intake.patience, max(self._octets_at, self.dialogue.latest)
        if self._state in (WAITING, SECURING):  # a handshake has a clock of its own
            return None
        if now - silent_since > patience.idle:
            return reply.IDLE_TOO_LONG
        if self._state is OCTETS:
            lasts = now - self.dialogue.latest  # since DATA was answered
            taken = min(self._count_taken(), self.intake.live.size_limit)
            return reply.MAIL_TOO_SLOW if lasts > patience.give_mail(taken) else None
        if self._has_begun_line() and now - self._line_at > patience.line:
            return reply.LINE_TOO_SLOW
        step = (self.commands.mails, self.commands.step)
        if step > self._step:
            self._step, self._step_at = step, now
        is_late = now - self._step_at > patience.give_step(len(self.commands.recipients))
        return reply.IDLE_TOO_LONG if is_late else None

    def _count_taken(self) -> int:
        """Octets of the mail that is coming in."""
        raise NotImplementedError
