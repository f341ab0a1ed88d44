"""Bounces that come back later: written in the host's dialect, and sent by MX to the envelope sender like any mail."""

import asyncio
import random
import smtplib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.catalogue import CATALOGUE
from simulator.traffic.mail import Mail
from simulator.world.clock import Clock
from simulator.world.dns import Zones
from simulator.world.file import Host
from simulator.world.postbox import Postbox, Returned

FIRST_AFTER = 5.0  # seconds of the world's clock until the bounce is written
RETRY_AFTER = 60.0  # … after a transient reply
TRIES = 10
PATIENCE = 20.0  # seconds of the machine's clock for a reply


@dataclass(frozen=True)
class Reply:
    """What came of one try: the SMTP code (0: there was no server to ask) and words."""

    code: int
    said: str

    @property
    def is_transient(self) -> bool:
        """Whether it may go better later (RFC 5321 4.2.1): a 4yz, or a server that does not answer."""
        return 400 <= self.code < 500


class Returner:
    """Sends bounces from the world's event loop. forwards: address → the port that its port 25 is forwarded to."""

    def __init__(self, zones: Zones, forwards: Mapping[str, int], clock: Clock, postbox: Postbox) -> None:
        self._zones = zones
        self._forwards = forwards
        self._clock = clock
        self._postbox = postbox
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, host: Host, sender: str, failed: tuple[str, ...], octets: bytes) -> None:
        """Return that mail later. A mail with the null sender is never returned (RFC 5321 4.5.5)."""
        if sender:
            task = asyncio.get_running_loop().create_task(self._bring_home(host, Mail(sender, failed, octets)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def carry(self, host: Host, to: str, octets: bytes) -> None:
        """Take a mail that a real mail server sends, with the null sender, on to where the MX of `to` leads."""
        task = asyncio.get_running_loop().create_task(self._carry(host, Mail("", (to,), octets)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let go what is still on its way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _bring_home(self, host: Host, failed: Mail) -> None:
        await asyncio.sleep(self._clock.real(FIRST_AFTER))
        await self._send_until_ended(host, write_bounce(host.dialect, failed), failed)

    async def _carry(self, host: Host, bounce: Mail) -> None:
        (to,) = bounce.recipients
        told = BytesHeaderParser().parsebytes(bounce.octets).get("X-Failed-Recipients", "")
        failed = tuple(part.strip() for part in str(told).split(",") if part.strip())
        await self._send_until_ended(host, bounce, Mail(to, failed, bounce.octets))

    async def _send_until_ended(self, host: Host, bounce: Mail, failed: Mail) -> None:
        for left in range(TRIES - 1, -1, -1):
            reply = await asyncio.to_thread(self._send, bounce, failed.sender, host.name)
            ended = not (reply.is_transient and left)
            self._keep(host, failed, reply, ended)
            if ended:
                return
            await asyncio.sleep(self._clock.real(RETRY_AFTER))

    def _keep(self, host: Host, failed: Mail, reply: Reply, ended: bool) -> None:
        number, sender, recipients = self._postbox.next_id(), failed.sender, failed.recipients
        self._postbox.put_returned(
            Returned(number, time.time(), host.name, sender, recipients, reply.code, reply.said, ended)
        )

    def _send(self, bounce: Mail, to: str, greet_as: str) -> Reply:
        domain = to.rpartition("@")[2]
        hosts = self._zones.find_mail_hosts(domain)
        if hosts is None:
            return Reply(0, f"{domain} takes no mail: no such domain, no answer, or a null MX")
        if not hosts:
            return Reply(0, f"no MX and no address for {domain}")
        reply = Reply(0, "")
        for _, address in hosts:
            reply = self._try(bounce, to, address, greet_as)
            if not reply.is_transient:
                break
        return reply

    def _try(self, bounce: Mail, to: str, address: str, greet_as: str) -> Reply:
        port = self._forwards.get(address)
        if port is None:
            return Reply(441, f"nobody listens at port 25 of {address}")
        try:
            with smtplib.SMTP(address, port, greet_as, PATIENCE) as client:
                client.sendmail(bounce.sender, [to], bounce.octets)
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = refused.recipients[to]
            return Reply(code, text.decode("utf-8", "replace"))
        except smtplib.SMTPResponseException as refused:
            error = refused.smtp_error
            return Reply(refused.smtp_code, error if isinstance(error, str) else error.decode("utf-8", "replace"))
        except (OSError, smtplib.SMTPException) as fault:
            return Reply(441, f"{address}: {fault}")
        return Reply(250, f"taken at {address}")


def write_bounce(dialect: str, failed: Mail) -> Mail:
    """The bounce of a mail in the words of a dialect, or of one kind of it; about its recipients."""
    kinds = [kind for kind in CATALOGUE if dialect in (kind.name, kind.dialect) and kind.is_bounce and kind.final]
    fitting = [kind for kind in kinds if kind.cause == "unknown-user"] or kinds
    chosen = min(fitting, key=lambda kind: abs(kind.recipients - len(failed.recipients)))
    options = BounceOptions(return_address=failed.sender, failed=failed.recipients, original=failed)
    return make_bounce(random.Random(), chosen.name, options)
