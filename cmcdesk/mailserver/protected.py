"""TLS and AUTH of a session. Off the fast path: a session that uses neither pays for neither."""

import asyncio
import logging
import ssl
from typing import Any, Protocol

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.auth import RESPONSE_LIMIT, take_credentials
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.dialogue import Recorder
from cmcdesk.mailserver.intake import Intake, Origin
from cmcdesk.processes.certificates import BadCertificate
from cmcdesk.rules.gates import Gate

log = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
CLIENT_HELLO = b"\x16\x03"  # RFC 8446 §5.1: a record with a handshake message; no command begins like this
LEFT = "The client left after EHLO without a mail: it may have looked for STARTTLS or AUTH, which are not offered"
CLOSED = "it closed the connection"
NO_HANDSHAKE = "The client gave up at the TLS handshake"


class Securable(Protocol):
    """What TLS and AUTH need of a session. held: what came while the session could not go on."""

    commands: Commands
    dialogue: Recorder
    held: bytes
    intake: Intake
    is_asking: bool
    is_draining: bool
    line_length_limit: int
    loop: asyncio.AbstractEventLoop
    origin: Origin
    transport: Any
    _reader: Any

    def begin_securing(self) -> None: ...
    def begin_secured(self, transport: Any) -> None: ...
    def close(self) -> None: ...
    def connection_lost(self, error: Exception | None) -> None: ...
    def note_refused(self, gate: Gate, refusal: Reply, recipient: str = "") -> None: ...


async def prepare_tls(session: Securable) -> Reply:
    """READY_FOR_TLS, or that TLS cannot be had now, for want of a certificate: a client that was told 220 would begin a
    handshake, and could only be cut off (RFC 3207 §4)."""
    try:
        await _find_context(session)
    except (OSError, ValueError) as fault:  # no place to keep it, or files that are damaged
        log.error("STARTTLS: no certificate: %s", fault)
        session.note_refused("tls", reply.NO_TLS_NOW)
        return session.commands.answer_error(reply.NO_TLS_NOW)
    return reply.READY_FOR_TLS


async def _find_context(session: Securable) -> ssl.SSLContext:
    find_context = session.intake.live.protection.find_context
    assert find_context is not None
    return await asyncio.to_thread(find_context)


async def secure(session: Securable) -> bool:
    """The handshake; False: it failed, and the connection is gone."""
    session.begin_securing()
    plain: Any = session.transport
    protocol: Any = session
    try:
        context = await _find_context(session)
        if session.transport is None:
            raise ConnectionError(CLOSED)
        session.loop.call_soon(_pass_on_early, session, plain)
        transport = await session.loop.start_tls(
            plain, protocol, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
        )
    except (OSError, ssl.SSLError, TimeoutError, BadCertificate) as error:
        _end_unsecured(session, plain, str(getattr(error, "reason", None) or str(error) or CLOSED))
        return False
    if transport is None or session.transport is None:
        _end_unsecured(session, plain, CLOSED)
        return False
    session.begin_secured(transport)
    session.commands.begin_secure()
    return True


def _pass_on_early(session: Securable, plain: Any) -> None:
    """The loop may read the beginning of a handshake before there is a TLS layer: it gets it before it begins. There is
    no layer where the client has gone meanwhile."""
    early, session.held = session.held, b""
    layer = plain.get_protocol()
    while early and layer not in (None, session):
        room = layer.get_buffer(len(early))
        count = min(len(room), len(early))
        room[:count] = early[:count]
        layer.buffer_updated(count)
        early = early[count:]


def _end_unsecured(session: Securable, plain: Any, why: str) -> None:
    if not session.is_draining:
        session.intake.note_given_up(session.origin, "tls", f"{NO_HANDSHAKE}: {why}")
    session.commands.has_tried = True
    plain.abort()
    session.connection_lost(None)


def note_if_left(session: Securable) -> None:
    """A session ends: where it greeted and asked for nothing, it may have missed what is not offered."""
    commands = session.commands
    if not commands.hello or commands.has_tried or session.is_draining:
        return
    if session.intake.live.protection.withholds(commands.is_secure):
        session.intake.note_given_up(session.origin, "tls", LEFT)


async def authenticate(session: Securable, argument: str) -> Reply:
    """One AUTH command, its exchange included → its answer, recorded if it refuses."""
    answer = session.commands.refuse_auth() or await _try_auth(session, argument.strip())
    if answer.code >= 500 and answer is not reply.AUTH_DONE_ALREADY:
        session.note_refused("auth", answer)
    return answer if answer is reply.AUTH_DONE else session.commands.answer_error(answer)


async def _try_auth(session: Securable, argument: str) -> Reply:
    async def ask(challenge: bytes) -> bytes:
        return await _ask(session, challenge)

    session.is_asking = True
    session.dialogue.hide_answers(True)
    try:
        shown = await take_credentials(argument, ask)
    except asyncio.LimitOverrunError:
        await _skip_line(session._reader)
        return reply.AUTH_LINE_TOO_LONG
    finally:
        session.is_asking = False
        session.dialogue.hide_answers(False)
    if isinstance(shown, Reply):
        return shown
    is_right = await session.intake.live.protection.authenticator.check(shown)
    answer = reply.AUTH_DONE if is_right else reply.BAD_CREDENTIALS
    session.intake.note_login(session.origin, shown.user, answer)
    if is_right:
        session.commands.take_user(shown.user)
    return answer


async def _skip_line(reader: Any) -> None:
    while True:
        try:
            await reader.readuntil()
            return
        except asyncio.LimitOverrunError as error:
            await reader.read(error.consumed)


async def _ask(session: Securable, challenge: bytes) -> bytes:
    """One challenge, and the line that answers it. Raises LimitOverrunError for one of more than 12 KB."""
    line = b"334 " + challenge + b"\r\n"
    session.dialogue.say(line)
    session.transport.write(line)
    session._reader._limit = RESPONSE_LIMIT
    try:
        return bytes((await session._reader.readuntil()).rstrip(b"\r\n"))
    finally:
        session._reader._limit = session.line_length_limit
