"""One mail server of the world: takes, refuses, delays and drops as its file says (aiosmtpd)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

from aiosmtpd.smtp import SMTP

from simulator.world.clock import Clock
from simulator.world.file import BUSY_GREETING, REFUSALS, SLOW_SECONDS, Greylist, Host, word_refusal
from simulator.world.postbox import Arrived, Postbox

LARGEST_MAIL = 64 * 1024 * 1024  # octets

#: Takes (host, sender, failed recipients, octets) of a mail that is to come back later.
ReturnLater = Callable[[Host, str, tuple[str, ...], bytes], None]


class Destination:
    """Answers for one host; the hooks are aiosmtpd's."""

    def __init__(
        self, look_up: Callable[[], Host], clock: Clock, postbox: Postbox, return_later: ReturnLater,
        open_now: set[asyncio.Transport],
    ) -> None:  # fmt: skip
        """`look_up`: gives the host as it is now. `open_now`: takes the connections that are open, for whoever has to
        close them."""
        self._look_up = look_up
        self._open_now = open_now
        self._clock = clock
        self._postbox = postbox
        self._return_later = return_later
        self._greylist = Greylist()

    @property
    def host(self) -> Host:
        """As it behaves now."""
        return self._look_up()

    def serve(self) -> asyncio.Protocol:
        """The protocol of one connection."""
        if self.host.behaviour == "busy":
            return BusyGreeting(self.host.name)
        return Session(self._open_now, self)

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """550, 452, 451 and the like at RCPT; what is said later is remembered until then."""
        behaviour = self._behaviour_of(address)
        refusal = REFUSALS.get(behaviour)
        if behaviour == "greylist":
            triple = (str(session.peer[0]), self._sender_of(envelope).lower(), address.lower())
            refusal = None if self._greylist.is_late_enough(triple, self._clock.now()) else refusal
        if refusal and refusal.stage == "rcpt":
            reply = word_refusal(refusal, address, self.host.wording)
            self._keep(envelope, (address,), reply)
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """One reply for all recipients (RFC 5321 3.3): the first that is not taken decides."""
        behaviours = {address: self._behaviour_of(address) for address in envelope.rcpt_tos}
        if "drop" in behaviours.values():
            self._keep(envelope, tuple(envelope.rcpt_tos), "(connection dropped)")
            cast(asyncio.Transport, server.transport).abort()
            return "421 4.4.2 dropped"
        if "slow" in behaviours.values():
            await asyncio.sleep(self._clock.real(SLOW_SECONDS))
        for address, behaviour in behaviours.items():
            refusal = REFUSALS.get(behaviour)
            if refusal and refusal.stage == "data":
                reply = word_refusal(refusal, address, self.host.wording)
                self._keep(envelope, tuple(envelope.rcpt_tos), reply)
                return reply
        kept = self._keep(envelope, tuple(envelope.rcpt_tos), "250 2.0.0 Ok", bytes(envelope.content or b""))
        failed = tuple(address for address, behaviour in behaviours.items() if behaviour == "bounce-later")
        if failed:
            self._return_later(self.host, self._sender_of(envelope), failed, kept.octets)
        return f"250 2.0.0 Ok: queued as {kept.id:X}"

    def _sender_of(self, envelope: Any) -> str:
        sender = envelope.mail_from or ""
        return "" if sender == "<>" else str(sender)  # as aiosmtpd keeps the null sender

    def _behaviour_of(self, address: str) -> str:
        local, _, _ = address.lower().rpartition("@")
        boxes = self.host.mailboxes
        return boxes.get(address.lower()) or boxes.get(local) or self.host.behaviour

    def _keep(self, envelope: Any, recipients: tuple[str, ...], reply: str, octets: bytes = b"") -> Arrived:
        one = Arrived(
            self._postbox.next_id(), time.time(), self.host.name, self._sender_of(envelope), recipients, reply, octets
        )
        self._postbox.put(one)
        return one


class Session(SMTP):
    """aiosmtpd's, known to whoever has to close it."""

    def __init__(self, open_now: set[asyncio.Transport], destination: "Destination | Homeward") -> None:
        self._open_now = open_now
        super().__init__(
            destination,
            hostname=destination.host.name,
            ident="ESMTP",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open_now.add(cast(asyncio.Transport, transport))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport:  # aiosmtpd calls this hook itself at a client's end, and leaves the transport open
            cast(asyncio.Transport, self.transport).abort()
            self._open_now.discard(cast(asyncio.Transport, self.transport))
        super().connection_lost(error)


class BusyGreeting(asyncio.Protocol):
    """Says 421 instead of a greeting, and closes."""

    def __init__(self, host: str) -> None:
        self._host = host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        wire = cast(asyncio.Transport, transport)
        wire.write(BUSY_GREETING.format(host=self._host).encode() + b"\r\n")
        wire.close()


class Homeward:
    """Takes what a real mail server of the world sends, and gives it to who carries it on by MX."""

    def __init__(self, host: Host, carry: Callable[[Host, str, bytes], None]) -> None:
        self.host = host
        self._carry = carry

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Each recipient on a way of its own."""
        for to in envelope.rcpt_tos:
            self._carry(self.host, to, bytes(envelope.content or b""))
        return "250 2.0.0 Ok"
