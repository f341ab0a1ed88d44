"""The part of a session that is TLS and AUTH. Off the fast path: a session that uses neither pays for neither."""

import asyncio
import ssl
from typing import Any

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.auth import RESPONSE_LIMIT, take_credentials
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.connection import COMMANDS, SECURING, Connection
from cmcdesk.mailserver.intake import Intake
from cmcdesk.rules.gates import Gate

HANDSHAKE_SECONDS = 30.0
CLIENT_HELLO = b"\x16\x03"  # RFC 8446 §5.1: a record with a handshake message; no command begins like this
LEFT = "The client left after EHLO without a mail: it may have looked for STARTTLS or AUTH, which are not offered"
CLOSED = "it closed the connection"
NO_HANDSHAKE = "The client gave up at the TLS handshake"


class ProtectedConnection(Connection):
    """is_implicit: TLS from the first octet on, greeting after the handshake."""

    __slots__ = ("_greeting_later", "_held", "_is_draining")

    commands: Commands

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop, is_implicit: bool = False) -> None:
        super().__init__(intake, loop)
        self._held = b""  # what came while the session could not go on
        self._is_draining = False
        self._greeting_later: asyncio.Task[None] | None = None
        self._state = SECURING if is_implicit else COMMANDS

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self._state is SECURING:
            self._greeting_later = self.loop.create_task(self._secure_and_greet())

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is None:
            return  # known already: a TLS layer may tell it after we have
        commands = self.commands
        if commands.hello and not commands.has_tried and not self._is_draining:
            protection = self.intake.live.protection
            if protection.withholds(commands.is_secure):
                self.intake.note_given_up(self, "tls", LEFT)
        super().connection_lost(error)

    # -- TLS -----------------------------------------------------------------------------------------------------

    async def smtp_STARTTLS(self, argument: str | None) -> None:
        answer = self.commands.starttls(argument or "")
        if answer is not reply.READY_FOR_TLS:
            await self.push(answer.line)
            return
        # What was pipelined behind it came in the clear and must never be taken for a part of the secured session.
        self._reader._buffer.clear()
        self.dialogue.say(answer.line)
        self.transport.write(answer.line)
        if await self._secure():
            self._go_on_with_held()

    async def _secure_and_greet(self) -> None:
        if await self._secure():
            self.transport.write(self.intake.greeting)
            self._go_on_with_held()

    async def _secure(self) -> bool:
        """The handshake; False: it failed, and the connection is gone."""
        self._state = SECURING
        context = self.intake.live.protection.context
        assert context is not None
        plain = self.transport
        self.loop.call_soon(self._pass_on_early, plain)
        try:
            transport = await self.loop.start_tls(
                plain, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError, TimeoutError) as error:
            self._end_unsecured(plain, str(getattr(error, "reason", None) or str(error) or CLOSED))
            return False
        if transport is None or self.transport is None:
            self._end_unsecured(plain, CLOSED)
            return False
        self.transport = self._reader._transport = self._writer._transport = transport
        self._state = COMMANDS
        self.commands.begin_secure()
        return True

    def _pass_on_early(self, plain: Any) -> None:
        """The loop may read the beginning of a handshake before there is a TLS layer: it gets it before it begins."""
        early, self._held = self._held, b""
        layer = plain.get_protocol()
        while early and layer is not self:
            room = layer.get_buffer(len(early))
            count = min(len(room), len(early))
            room[:count] = early[:count]
            layer.buffer_updated(count)
            early = early[count:]

    def _end_unsecured(self, plain: Any, why: str) -> None:
        if not self._is_draining:
            self.intake.note_given_up(self, "tls", f"{NO_HANDSHAKE}: {why}")
        self.commands.has_tried = True
        plain.abort()
        self.connection_lost(None)

    def _go_on_with_held(self) -> None:
        held, self._held = self._held, b""
        if held:
            self._go_on(held)

    def _go_on(self, data: bytes) -> None:
        raise NotImplementedError

    def _hand_to_stock(self, data: bytes) -> None:
        if self._handler_coroutine is None and data.startswith(CLIENT_HELLO):
            self.commands.has_tried = True
            self.note_refused("tls", reply.TLS_UNEXPECTED)
            self._say_goodbye(reply.TLS_UNEXPECTED)
        else:
            super()._hand_to_stock(data)

    # -- AUTH ----------------------------------------------------------------------------------------------------

    async def smtp_AUTH(self, argument: str | None) -> None:
        answer = self.commands.refuse_auth() or await self._try_auth((argument or "").strip())
        if answer.code >= 500 and answer is not reply.AUTH_DONE_ALREADY:
            self.note_refused("auth", answer)
        if answer is not reply.AUTH_DONE:
            answer = self.commands.answer_error(answer)
        await self.push(answer.line)

    async def _try_auth(self, argument: str) -> Reply:
        self._is_asking = True
        self.dialogue.hide_answers(True)
        try:
            shown = await take_credentials(argument, self._ask)
        except (asyncio.LimitOverrunError, asyncio.IncompleteReadError):
            self.close()
            return reply.BAD_AUTH_RESPONSE
        finally:
            self._is_asking = False
            self.dialogue.hide_answers(False)
        if isinstance(shown, Reply):
            return shown
        if not await self.intake.live.protection.authenticator.check(shown):
            return reply.BAD_CREDENTIALS
        self.commands.take_user(shown.user)
        return reply.AUTH_DONE

    async def _ask(self, challenge: bytes) -> bytes:
        """One challenge, and the line that answers it. Raises LimitOverrunError for one of more than 12 KB."""
        line = b"334 " + challenge + b"\r\n"
        self.dialogue.say(line)
        self.transport.write(line)
        self._reader._limit = RESPONSE_LIMIT
        try:
            return bytes((await self._reader.readuntil()).rstrip(b"\r\n"))
        finally:
            self._reader._limit = self.line_length_limit

    def note_refused(self, gate: Gate, refusal: Reply, recipient: str = "") -> None:
        """A refusal leaves."""
        self.intake.note_refused(self, gate, refusal, recipient)
