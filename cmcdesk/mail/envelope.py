"""Recipients of the envelope: what RCPT said (RFC 5321 §2.3.1), and the route each one takes."""

from dataclasses import dataclass
from typing import Literal

Route = Literal["bounce", "inbound"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """One accepted RCPT: the address as given, and the route its domain decided."""

    address: str
    route: Route
