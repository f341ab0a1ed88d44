"""What is under way when the window is to be closed: sessions, webhooks that are due, mails that are due to go out."""

import time
from dataclasses import dataclass

from cmcdesk.console.frame.current import Services
from cmcdesk.rules.texts import N_, translate
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.deliveries import count_due_deliveries
from cmcdesk.store.desk.outbound import count_due_outbound


@dataclass(frozen=True)
class UnderWay:
    """How many of each; webhooks and mails that wait for a later try are not under way."""

    sessions: int = 0
    webhooks: int = 0
    outbound: int = 0

    def __bool__(self) -> bool:
        return bool(self.sessions or self.webhooks or self.outbound)

    def tell(self, language: str) -> str:
        """The question."""
        parts = (
            (self.sessions, N_("SMTP sessions: %(count)s")),
            (self.webhooks, N_("Webhooks to be sent: %(count)s")),
            (self.outbound, N_("Mails on their way out: %(count)s")),
        )
        lines = [translate(language, words, count=count) for count, words in parts if count]
        first = translate(language, "Mails or webhooks are under way.")
        last = translate(
            language, "What was stored is not lost: it goes on when cmcdesk is started again. Quit all the same?"
        )
        return "\n".join((first, *lines, "", last))


def count_in_flight(services: Services) -> UnderWay:
    """As of now; without asking the mail server."""
    told = services.telemetry()
    server, worker = told["mail_server"], told["worker"]
    counts = [*server.get("compositions", {}).values(), *server.get("relays", {}).values()]
    with reading(services.engine) as session:
        return UnderWay(
            sessions=sum(each["sessions"] for each in counts),
            webhooks=0 if services.flags.without_dispatch else count_due_deliveries(session, time.time()),
            outbound=count_due_outbound(session, time.time()) if worker.get("has_resolver") else 0,
        )
