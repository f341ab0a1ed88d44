"""One attempt: find the mail servers of a domain, and bring a mail to the first that takes it. Never raises for what
they do."""

import time
from collections.abc import Callable
from dataclasses import replace

from cmcdesk.outbound.answer import CONNECTION, SmtpAnswer
from cmcdesk.outbound.network import NotThisComputer, Surroundings
from cmcdesk.outbound.routing import MailExchanger, NoRoute, Router
from cmcdesk.outbound.smtp_client import Hangup, Letter, SmtpConnection, TimeOuts

CONNECT_SECONDS = 30.0  # of the world's clock, as Postfix waits; at least CONNECT_LEAST of the machine's
CONNECT_LEAST = 2.0


class OutboundCourier:
    """Keeps one connection between the mails of one destination (RFC 5321 §3.3 allows many in a session). For one
    thread."""

    def __init__(self, surroundings: Surroundings, router: Router) -> None:
        self._surroundings = surroundings
        self._router = router
        self._time_outs = TimeOuts.scaled(surroundings.speed)
        self._kept: tuple[MailExchanger, SmtpConnection] | None = None
        self._began = 0.0

    def close(self) -> None:
        """End the session that is kept."""
        if self._kept:
            self._kept[1].quit()
            self._kept = None

    def attempt(
        self, domain: str, letter: Letter, name: str, interval_of: Callable[[str], float]
    ) -> dict[str, SmtpAnswer]:
        """The last answer for each recipient. name: what EHLO says; interval_of: seconds from one mail to the next in a
        session, by the mail server's name.

        What one server cannot take now the next one is asked for (RFC 5321 §5.1), unless a mail may have been taken.
        """
        try:
            servers = self._router.find(domain)
        except NoRoute as none:
            self.close()
            return dict.fromkeys(letter.recipients, none.answer)
        answers: dict[str, SmtpAnswer] = {}
        for server in servers:
            left = tuple(one for one in letter.recipients if one not in answers or may_ask_next(answers[one]))
            if not left:
                break
            answers |= self._ask(server, replace(letter, recipients=left), name, interval_of(server.host))
        return answers

    def _ask(self, server: MailExchanger, letter: Letter, name: str, interval: float) -> dict[str, SmtpAnswer]:
        try:
            answers = self._send(server, letter, name, interval)
        except Hangup as hangup:
            answers = dict.fromkeys(letter.recipients, hangup.answer)
        except NotThisComputer as refused:
            answers = dict.fromkeys(letter.recipients, SmtpAnswer(None, "5.7.1", str(refused), CONNECTION))
        except OSError as fault:
            why = "timed out" if isinstance(fault, TimeoutError) else fault.strerror or str(fault)
            answers = dict.fromkeys(letter.recipients, SmtpAnswer(None, "4.4.1", f"connect: {why}", CONNECTION))
        return {
            recipient: replace(answer, host=server.host, address=server.address)
            for recipient, answer in answers.items()
        }

    def _send(self, server: MailExchanger, letter: Letter, name: str, interval: float) -> dict[str, SmtpAnswer]:
        """Raises Hangup and OSError for a connection that did not come about."""
        if self._kept and (self._kept[0].address != server.address or not self._kept[1].is_usable):
            self.close()
        if self._kept:
            if (wait := self._began + interval - time.monotonic()) > 0:  # a sleep of nothing gives the turn away
                time.sleep(wait)
            try:
                return self._send_over(self._kept[1], letter)
            except Hangup:
                self.close()
        connect_seconds = max(CONNECT_LEAST, self._surroundings.real(CONNECT_SECONDS))
        connected = self._surroundings.connect(server.address, connect_seconds)
        self._kept = server, SmtpConnection(connected, name, self._time_outs)
        return self._send_over(self._kept[1], letter)

    def _send_over(self, connection: SmtpConnection, letter: Letter) -> dict[str, SmtpAnswer]:
        self._began = time.monotonic()
        answers = connection.send(letter)
        return {recipient: replace(answer, sender_ip=connection.own_address) for recipient, answer in answers.items()}


def may_ask_next(answer: SmtpAnswer) -> bool:
    """Whether another server of the domain may be asked: not where the mail arrived, was refused for good, or was sent
    and not answered (RFC 1047: it may be there). A refused greeting of ours was no refusal of the mail."""
    is_unclear = answer.code is None and answer.command == "end of DATA"
    return (answer.outcome == "transient" and not is_unclear) or answer.command == "HELO"
