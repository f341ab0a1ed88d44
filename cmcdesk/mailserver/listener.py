"""The listening sockets of one server of a composition (plain, and implicit TLS where it is on): they admit sessions
up to 最大接続数 and refuse the rest with 421 at once."""

import asyncio
import errno
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from cmcdesk.mail.smtp import reply
from cmcdesk.mailserver.descriptors import Descriptors
from cmcdesk.mailserver.intake import Intake, Shared
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.session import ReceivingSession
from cmcdesk.mailserver.tally import Tally
from cmcdesk.pipe import Missing
from cmcdesk.processes.port_holder import find_holder

LINGER_SECONDS = 2.0  # a refused client gets this long to read its 421 before the connection is cut

FAULTS = {
    errno.EADDRINUSE: "in_use",
    errno.EADDRNOTAVAIL: "no_address",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
}


class RefusedSession(asyncio.Protocol):
    """One connection over the limit: 421, then closed. What the client sends is read and dropped meanwhile, or the
    reset that unread octets cause could overtake the reply. Under implicit TLS (is_mute) no word is said: a handshake
    would cost more than a session, and before it a client understands nothing."""

    def __init__(
        self, intake: Intake, loop: asyncio.AbstractEventLoop, descriptors: Descriptors, is_mute: bool = False
    ) -> None:
        self._intake = intake
        self._is_mute = is_mute
        self._loop = loop
        self._descriptors = descriptors

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._descriptors.linger(transport)
        peer = transport.get_extra_info("peername")
        self._intake.note_session_refused(peer[0] if peer else "")
        if not self._is_mute:
            transport.write(reply.SESSION_LIMIT.line)
        if transport.can_write_eof():
            transport.write_eof()
        self._cut = self._loop.call_later(LINGER_SECONDS, transport.abort)

    def connection_lost(self, _error: Exception | None) -> None:
        self._cut.cancel()
        self._descriptors.leave(self._transport)


class LateConnection(asyncio.Protocol):
    """One that found every session taken. Of a client that left and came again a loop may tell the coming first and
    the leaving a turn later: only then is it settled whether there is a place. What it says meanwhile is kept."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, descriptors: Descriptors, settle: Callable[[], asyncio.Protocol]
    ) -> None:
        """settle: makes the protocol that takes it from then on."""
        self._loop = loop
        self._descriptors = descriptors
        self._settle = settle
        self._said = b""
        self._has_ended = False

    def connection_made(self, transport: Any) -> None:
        if self._descriptors.late < self._descriptors.most_late:
            self._descriptors.late += 1
            self._loop.call_soon(self._look_again, transport)
        else:
            self._hand_over(transport)

    def data_received(self, data: bytes) -> None:
        self._said += data

    def eof_received(self) -> bool:
        self._has_ended = True
        return True

    def _look_again(self, transport: Any) -> None:
        self._descriptors.late -= 1
        if not transport.is_closing():
            self._hand_over(transport)

    def _hand_over(self, transport: Any) -> None:
        protocol = self._settle()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._said:
            protocol.data_received(self._said)
        if self._has_ended and not protocol.eof_received():
            transport.close()


class Listener:
    """Receives for one server of a composition. `reason` says why it does not, when it does not."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, shared: Shared, descriptors: Descriptors, host: str, port: int
    ) -> None:
        self._loop = loop
        self._tls_server: asyncio.Server | None = None
        self.tls_port = 0
        self.tls_missing: Missing | None = None
        self._shared = shared
        self._descriptors = descriptors
        self._server: asyncio.Server | None = None
        self._sessions: set[ReceivingSession] = set()
        self.tally = Tally()
        self.host = host
        self.port = port
        self.missing: Missing | None = None
        self.intake: Intake

    @property
    def sessions(self) -> set[ReceivingSession]:
        return self._sessions

    def take_settings(self, live: LiveSettings) -> None:
        """New sessions get these; sessions in flight keep theirs."""
        self.intake = Intake(live, self._shared, self.tally)

    async def open(self) -> None:
        """Bind; a failure is kept as `reason` and is no error: the other compositions go on."""
        self._server, self.port, self.missing = await self._bind(self._admit, self.port)

    async def place_tls(self, port: int) -> None:
        """Open or close the port of implicit TLS, as the settings say; a failure is kept as `tls_missing`."""
        if not self.intake.live.protection.has_implicit or self._server is None:
            self._close_tls()
        elif self._tls_server is None:
            self._tls_server, self.tls_port, self.tls_missing = await self._bind(self._admit_tls, port)

    async def _bind(
        self, admit: Callable[[], asyncio.Protocol], port: int
    ) -> tuple[asyncio.Server | None, int, Missing | None]:
        """The server, its port, and why there is none."""
        try:
            if not 0 <= port <= 65535:
                raise ValueError("no port")  # libuv would take it modulo 65536
            server = await self._loop.create_server(admit, self.host, port, backlog=self._descriptors.backlog)
        except (OSError, ValueError) as error:  # a ValueError too: a host that cannot be a name (IDNA)
            why = getattr(error, "strerror", None) or error
            fault = FAULTS.get(getattr(error, "errno", None) or 0, "other")
            # in a thread: the look through all processes takes longer than mails may wait
            held = await asyncio.to_thread(find_holder, self.host, port) if fault == "in_use" else None
            address = write_place(self.host, port)
            told = str(held) if held else None
            missing: Missing = {
                "reason": f"{address}: {why}",
                "fault": fault,
                "holder": told,
                "address": address,
                "remedy": _remedy(self.host),
            }
            return None, port, missing
        return server, server.sockets[0].getsockname()[1], None

    def _admit_tls(self) -> asyncio.Protocol:
        return self._admit(is_implicit=True)

    def _admit(self, is_implicit: bool = False) -> asyncio.Protocol:
        late = partial(self._admit_late, is_implicit)
        return self._find_place(is_implicit) or LateConnection(self._loop, self._descriptors, late)

    def _admit_late(self, is_implicit: bool) -> asyncio.Protocol:
        place = self._find_place(is_implicit)
        return place or RefusedSession(self.intake, self._loop, self._descriptors, is_implicit)

    def _find_place(self, is_implicit: bool) -> ReceivingSession | None:
        intake = self.intake
        if len(self._sessions) >= intake.live.max_sessions or not self._descriptors.has_room():
            return None
        session = ReceivingSession(intake, self._loop, self._sessions.discard, is_implicit)
        self._sessions.add(session)  # here, not when connected: connections accepted in one turn count too
        return session

    @property
    def reason(self) -> str | None:
        """Why it does not receive, None where it does."""
        return self.missing["reason"] if self.missing else None

    @property
    def tls_reason(self) -> str | None:
        """Why it does not receive over implicit TLS, None where it does or should not."""
        return self.tls_missing["reason"] if self.tls_missing else None

    @property
    def receiving(self) -> str | None:
        """ "host:port" where mail is taken, None where it is not."""
        return write_place(self.host, self.port) if self._server else None

    @property
    def receiving_tls(self) -> str | None:
        """The same for implicit TLS."""
        return write_place(self.host, self.tls_port) if self._tls_server else None

    def _close_tls(self) -> None:
        self.tls_missing = None
        if self._tls_server:
            self._tls_server.close()
            self._tls_server = None

    def close(self) -> None:
        """Take no new session; those that are open go on."""
        self._close_tls()
        if self._server:
            self._server.close()
            self._server = None

    def drain(self) -> None:
        self.close()
        for session in list(self._sessions):
            session.drain()


def write_place(host: str, port: int) -> str:
    """host:port, an IPv6 address in brackets (RFC 3986 §3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _remedy(host: str) -> str | None:
    if sys.platform == "darwin" and host not in ("127.0.0.1", "::1"):
        return f"sudo ifconfig lo0 alias {host} up"
    return None
