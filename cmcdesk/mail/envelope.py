"""The envelope: what MAIL and RCPT said (RFC 5321 §2.3.1), and the route each recipient takes."""

from dataclasses import dataclass
from typing import Literal

Route = Literal["bounce", "inbound"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """One accepted RCPT: the address as given, and the route its domain decided."""

    address: str
    route: Route


@dataclass(frozen=True, slots=True)
class Envelope:
    """sender is "" for the null reverse-path `<>` (RFC 5321 §4.5.5)."""

    sender: str
    recipients: tuple[Recipient, ...]

    @property
    def has_inbound(self) -> bool:
        return any(recipient.route == "inbound" for recipient in self.recipients)
