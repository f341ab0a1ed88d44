"""Mails between their last octet and their commit, and the batch in which they go to disk together."""

from dataclasses import dataclass
from typing import Protocol

from cmcdesk.mail.mime.fields import Fields
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.rules.matching import Filters
from cmcdesk.store.maillog.insertion import NewMail, NewRefusal


class Sender(Protocol):
    """Who waits for the outcome of a mail: the session."""

    def take_outcome(self, outcome: Reply) -> None:
        """Called on the loop once the mail is on disk (250) or is not (4yz)."""


@dataclass(slots=True)
class WaitingMail:
    """A mail that waits for its 250. inbound_recipients: those that filters make deliveries for."""

    sender: Sender
    mail: NewMail
    fields: Fields
    filters: Filters
    inbound_recipients: tuple[str, ...]

    def recall(self) -> bool:
        """Let the filters say which deliveries the mail becomes, if they know without searching."""
        names = self.filters.recall(self.fields)
        if names:
            self._note(names)
        return names is not None

    def match(self) -> None:
        """Let the filters say which deliveries the mail becomes. A pattern may take its time."""
        self._note(self.filters.match(self.fields))

    def _note(self, names: list[str]) -> None:
        self.mail.matches = [(name, address) for name in names for address in self.inbound_recipients]


@dataclass(slots=True)
class Batch:
    """What one commit stores. is_begun: all of it is in a transaction already that only waits for its commit."""

    mails: list[WaitingMail]
    refusals: list[NewRefusal]
    octets: int
    is_begun: bool = False


Outcomes = list[tuple[list[WaitingMail], Reply]]
