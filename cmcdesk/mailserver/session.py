"""The upper half of a session: aiosmtpd's SMTP with its plain path answered straight from `data_received`.

Whole command lines that are plain (EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT) and the octets of a mail never wake a
coroutine. Everything else (odd syntax, unknown commands, parts of lines) goes through aiosmtpd's own loop
(`connection.py`), which calls the same steps (`commands.py`): one set of replies and gates on both ways.
"""

import asyncio
import time
import weakref
from collections.abc import Callable
from typing import Any

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.connection import COMMANDS, FAREWELLS, LEAVING, OCTETS, SECURING, WAITING, Connection
from cmcdesk.mailserver.dialogue import OCTETS_KEPT
from cmcdesk.mailserver.intake import Intake
from cmcdesk.mailserver.octets import END_OF_MAIL, OctetCollector, take_whole
from cmcdesk.mailserver.patience import TURN_COMMANDS
from cmcdesk.mailserver.protected import CLIENT_HELLO, authenticate, note_if_left, prepare_tls, secure
from cmcdesk.rules.gates import Gate
from cmcdesk.rules.policy import first_due, next_due

HELD_WHILE_WAITING = 65_536
UNSENT_REPLIES = 262_144  # a client that sends commands and never reads their replies is cut off


class ReceivingSession(Connection):
    """A session of a composition's receiving server, or of its relay. Born with the settings that are live, keeps them.

    is_implicit: TLS from the first octet on, greeting after the handshake. ended: told of the session when it is over.
    """

    __slots__ = (
        "_answered", "_due", "_ended", "_greeting_later", "_is_leaving", "_lacks_memory", "_mail_id", "_pacing",
        "_waiting_octets",
        "held", "is_draining",
    )  # fmt: skip

    def __init__(
        self,
        intake: Intake,
        loop: asyncio.AbstractEventLoop,
        ended: Callable[["ReceivingSession"], None],
        is_implicit: bool = False,
    ) -> None:
        super().__init__(intake, loop)
        self.commands = Commands(weakref.proxy(self), intake.live)
        self._ended = ended
        self.held = b""  # what came while the session could not go on
        self.is_draining = False
        self._lacks_memory = False
        self._mail_id = 0  # of the mail whose 250 is to leave
        self._waiting_octets = 0  # of the mail that is WAITING
        self._answered: asyncio.Future[None] | None = None  # aiosmtpd's loop waits here for the end of its DATA
        self._due = first_due(time.monotonic(), intake.live.interval)
        self._pacing: asyncio.TimerHandle | None = None
        self._is_leaving = False
        self._greeting_later: asyncio.Task[None] | None = None
        if is_implicit:
            self.state = SECURING

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.commands.meet(self.origin.peer)
        if self.state is SECURING:
            self._greeting_later = self.loop.create_task(self._secure_and_greet())

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is None:
            return  # known already: a TLS layer may tell it after we have
        if self.collector is not None:
            self.intake.in_flight.octets -= self.collector.held
            self.collector = None
        note_if_left(self)
        self._ended(self)
        super().connection_lost(error)

    def drain(self) -> None:
        """The server goes down: end between two mails, let a mail that is under way be answered."""
        self.is_draining = True
        if self.state in (COMMANDS, SECURING):
            self.say_goodbye(reply.GOING_DOWN)
        elif self.state is LEAVING:
            self.transport.abort()
        elif self._pacing is not None:  # stored, and only the interval holds its 250 back: not for ever
            self._pacing.cancel()
            self._release_when_due()

    # -- what comes in -------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Nearly every read is one plain command line or one whole mail: these two take the shortest way."""
        if self.state is COMMANDS and self._handler_coroutine is None:
            end = data.find(b"\r\n")
            if 0 < end == len(data) - 2:
                replies = self.dialogue.hear(data)
                answer = self.commands.answer_plain(data[:end])
                if answer is None:
                    self.dialogue.shorten(0)
                    self._hand_to_stock(data)
                else:
                    replies.append(answer)
                    self._answer(answer)
                return
        elif self.state is OCTETS and self.collector is None:
            octets = take_whole(data, self.intake.live.size_limit)
            if octets is not None:
                self.dialogue.hear_octets(len(data) - len(END_OF_MAIL))
                self._finish(octets)
                return
        self._go_on(data)

    def _answer(self, replies: bytes) -> None:
        self.transport.write(replies)
        if self._is_leaving:
            if replies.endswith(FAREWELLS):
                self.cut()
            else:
                self.close()
        elif self.transport.get_write_buffer_size() > UNSENT_REPLIES:
            self.transport.abort()

    def _go_on(self, data: bytes) -> None:
        """A loop, not a recursion: one read may hold many commands and mails."""
        while True:
            if self.state is OCTETS:
                data = self._take_octets(data)
                if data and self.state is COMMANDS:  # it was refused at once
                    self._give_turn(data)
                    return
            elif self.state is WAITING:
                self._hold(data)
                return
            elif self.state is LEAVING:
                return
            elif self.state is SECURING:
                self.held += data  # of one turn of the loop: the handshake is done, its task not yet back
                return
            elif self._handler_coroutine is None or self._is_stock_idle():
                data = self._take_commands(data)
            else:
                self._clock.octets_at = time.monotonic()
                if b"\n" in data:
                    self._clock.line_at = self._clock.octets_at
                asyncio.StreamReaderProtocol.data_received(self, data)
                return
            if not data or self.transport is None or self.transport.is_closing():
                return

    def _take_commands(self, data: bytes) -> bytes:
        """Answer the plain lines at the front with one write; returns the octets after DATA. The rest is aiosmtpd's."""
        replies = self.dialogue.hear(data)
        position = 0
        while self.state is COMMANDS and not self._is_leaving and len(replies) < TURN_COMMANDS:
            end = data.find(b"\r\n", position)
            answer = self.commands.answer_plain(data[position:end]) if end >= 0 else None
            if answer is None:
                break
            replies.append(answer)
            position = end + 2
        if position < len(data) or position > OCTETS_KEPT:
            self.dialogue.shorten(position)
        if replies:
            self._answer(b"".join(replies))
        if self.transport.is_closing():
            return b""
        if self.state is COMMANDS and position < len(data):
            if len(replies) < TURN_COMMANDS:
                self._hand_to_stock(data[position:])
            else:
                self._give_turn(data[position:])
            return b""
        return data[position:]

    def _give_turn(self, data: bytes) -> None:
        """Let the other sessions have theirs before the rest of what was read."""
        self.state = WAITING
        self._hold(data)
        self.loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        if self.transport is not None:
            self.state = COMMANDS
            self._resume()

    def _hold(self, data: bytes) -> None:
        self.held += data
        if len(self.held) > HELD_WHILE_WAITING:
            self.transport.pause_reading()

    async def smtp_DATA(self, argument: str | None) -> None:
        """aiosmtpd's loop lends its stream until the mail is answered."""
        answer = self.commands.data(argument or "").line
        if self.state is not OCTETS:
            await self.push(answer)
            return
        self.dialogue.say(answer)
        self.transport.write(answer)  # never waits: octets that come later must not overtake those that are read
        self._answered = self.loop.create_future()
        came_early = bytes(self._reader._buffer)
        self._reader._buffer.clear()
        self._reader._maybe_resume_transport()
        if came_early:
            self._go_on(came_early)
        await self._answered
        self._answered = None

    async def smtp_QUIT(self, argument: str | None) -> None:
        await self.push(self.commands.quit(argument or "").line)
        if self._is_leaving:
            self.close()

    async def smtp_STARTTLS(self, argument: str | None) -> None:
        answer = self.commands.starttls(argument or "")
        if answer is reply.READY_FOR_TLS:
            answer = await prepare_tls(self)
        if answer is not reply.READY_FOR_TLS:
            await self.push(answer.line)
            return
        if self.transport.is_closing():
            return
        # What was pipelined behind it came in the clear and must never be taken for a part of the secured session.
        self._reader._buffer.clear()
        self.dialogue.say(answer.line)
        self.transport.write(answer.line)
        if await secure(self):
            self._go_on_with_held()

    async def _secure_and_greet(self) -> None:
        if await secure(self):
            self.transport.write(self.intake.greeting)
            self._go_on_with_held()

    async def smtp_AUTH(self, argument: str | None) -> None:
        await self.push((await authenticate(self, argument or "")).line)

    def _hand_to_stock(self, data: bytes) -> None:
        if self._handler_coroutine is None and data.startswith(CLIENT_HELLO):
            self.commands.has_tried = True
            self.note_refused("tls", reply.TLS_UNEXPECTED)
            self.say_goodbye(reply.TLS_UNEXPECTED)
        else:
            super()._hand_to_stock(data)

    def _go_on_with_held(self) -> None:
        held, self.held = self.held, b""
        if held:
            self._go_on(held)

    def begin_octets(self) -> None:
        self.state = OCTETS

    def begin_leaving(self) -> None:
        self._is_leaving = True

    # -- the octets of a mail ------------------------------------------------------------------------------------

    def _take_octets(self, data: bytes) -> bytes:
        """Returns what came after the end of the mail."""
        if self.collector is None:
            self.collector = OctetCollector(self.intake.live.size_limit)
            self.intake.in_flight.octets += self.collector.held
        self._clock.octets_at = time.monotonic()
        in_flight, collector = self.intake.in_flight, self.collector
        before = collector.held
        rest = collector.take(data)
        in_flight.octets += collector.held - before
        if rest is None:
            if in_flight.is_over() and not collector.is_dropped:
                self._lacks_memory = True
                in_flight.octets -= collector.held
                collector.drop()
                in_flight.octets += collector.held
            return b""
        in_flight.octets -= collector.held
        self.collector = None
        self._end_octets(collector)
        return rest

    def _end_octets(self, collector: OctetCollector) -> None:
        self.dialogue.hear_octets(collector.taken)
        if not collector.is_dropped:
            self._finish(collector.finish())
            return
        gate: Gate = "busy" if self._lacks_memory else "size"
        refusal = reply.OUT_OF_MEMORY if self._lacks_memory else reply.TOO_BIG
        self._lacks_memory = False
        self.note_refused(gate, refusal)
        self._refuse_mail(refusal)

    def _finish(self, octets: bytes | bytearray) -> None:
        self.state, self._waiting_octets = WAITING, len(octets)
        refusal = self.intake.take(self.origin, self.commands, octets, self)
        if refusal:
            self._refuse_mail(refusal)

    def take_outcome(self, outcome: Reply, mail_id: int) -> None:
        """The mail is on disk, or it is not. Only a 250 waits for the interval."""
        self._mail_id = mail_id
        self.intake.settle(self._waiting_octets, outcome)
        if self.transport is None:
            return
        if outcome.code == 250:
            self._release_when_due()
        else:
            self.note_refused("busy", outcome)
            self._answer_mail(outcome)
            self._resume()

    def _release_when_due(self) -> None:
        self._pacing = None
        if self.transport is None:
            return
        interval = self.intake.live.interval
        if interval and not self.is_draining:
            now = time.monotonic()
            early = self._due - now
            if early > 0:
                # uvloop's timers count whole milliseconds and may fire early: ask for the next whole one.
                self._pacing = self.loop.call_later(-(-early * 1000 // 1) / 1000, self._release_when_due)
                return
            self._due = next_due(self._due, now, interval)
        self.intake.note_accepted(self.origin, self._mail_id)
        self._answer_mail(reply.STORED)
        if self.held or self.is_draining:
            self._resume()

    def _refuse_mail(self, refusal: Reply) -> None:
        self._answer_mail(refusal)
        if self.is_draining:
            self.say_goodbye(reply.GOING_DOWN)

    def _answer_mail(self, outcome: Reply) -> None:
        self.commands.end_mail()
        self.state = COMMANDS
        self.dialogue.say(outcome.line)
        self.transport.write(outcome.line)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def _resume(self) -> None:
        """Go on with what came while the mail waited."""
        held, self.held = self.held, b""
        if self.is_draining:
            self.say_goodbye(reply.GOING_DOWN)
            return
        if len(held) > HELD_WHILE_WAITING:
            self.transport.resume_reading()
        if held and not self.transport.is_closing():
            self._go_on(held)
