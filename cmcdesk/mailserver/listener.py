"""The listening socket of one composition: admits sessions up to 最大接続数, refuses the rest with 421 at once."""

import asyncio
import sys
from typing import Any

from cmcdesk.mail import reply
from cmcdesk.mailserver.descriptors import Descriptors
from cmcdesk.mailserver.intake import Intake, Shared
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.session import ReceivingSession
from cmcdesk.mailserver.tally import Tally

LINGER_SECONDS = 2.0  # a refused client gets this long to read its 421 before the connection is cut


class RefusedSession(asyncio.Protocol):
    """One connection over the limit: 421, then closed. What the client sends is read and dropped meanwhile, or the
    reset that unread octets cause could overtake the reply."""

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop, descriptors: Descriptors) -> None:
        self._intake = intake
        self._loop = loop
        self._descriptors = descriptors

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._descriptors.linger(transport)
        peer = transport.get_extra_info("peername")
        self._intake.note_session_refused(peer[0] if peer else "")
        transport.write(reply.SESSION_LIMIT.line)
        if transport.can_write_eof():
            transport.write_eof()
        self._cut = self._loop.call_later(LINGER_SECONDS, transport.abort)

    def connection_lost(self, _error: Exception | None) -> None:
        self._cut.cancel()
        self._descriptors.leave(self._transport)


class Listener:
    """Receives for one composition. `reason` says why it does not, when it does not."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, shared: Shared, descriptors: Descriptors, host: str, port: int
    ) -> None:
        self._loop = loop
        self._shared = shared
        self._descriptors = descriptors
        self._server: asyncio.Server | None = None
        self._sessions: set[ReceivingSession] = set()
        self.tally = Tally()
        self.host = host
        self.port = port
        self.reason: str | None = None
        self.intake: Intake

    @property
    def sessions(self) -> set[ReceivingSession]:
        return self._sessions

    def take_settings(self, live: LiveSettings) -> None:
        """New sessions get these; sessions in flight keep theirs."""
        self.intake = Intake(live, self._shared, self.tally, self._sessions)

    async def open(self) -> None:
        """Bind; a failure is kept as `reason` and is no error: the other compositions go on."""
        try:
            if not 0 <= self.port <= 65535:
                raise ValueError("no port")  # libuv would take it modulo 65536
            backlog = self._descriptors.backlog
            self._server = await self._loop.create_server(self._admit, self.host, self.port, backlog=backlog)
        except (OSError, ValueError) as error:  # a ValueError too: a host that cannot be a name (IDNA)
            why = getattr(error, "strerror", None) or error
            self.reason = f"{self.host}:{self.port}: {why}{_remedy(self.host)}"
            return
        self.reason = None
        self.port = self._server.sockets[0].getsockname()[1]

    def _admit(self) -> asyncio.Protocol:
        intake = self.intake
        if intake.is_full() or not self._descriptors.has_room():
            return RefusedSession(intake, self._loop, self._descriptors)
        session = ReceivingSession(intake, self._loop)
        self._sessions.add(session)  # here, not when connected: connections accepted in one turn count too
        return session

    @property
    def receiving(self) -> str | None:
        """ "host:port" where mail is taken, None where it is not."""
        return f"{self.host}:{self.port}" if self._server else None

    def close(self) -> None:
        """Take no new session; those that are open go on."""
        if self._server:
            self._server.close()
            self._server = None

    def drain(self) -> None:
        self.close()
        for session in list(self._sessions):
            session.drain()


def _remedy(host: str) -> str:
    if sys.platform == "darwin" and host not in ("127.0.0.1", "::1"):
        return f" (add the address: sudo ifconfig lo0 alias {host} up)"
    return ""
