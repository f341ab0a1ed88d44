"""Recipients of the envelope: what RCPT said (RFC 5321 §2.3.1), and the route each one takes."""

from typing import Literal, NamedTuple

Route = Literal["bounce", "inbound"]


class Recipient(NamedTuple):
    """One accepted RCPT: the address as given, and the route its domain decided."""

    address: str
    route: Route
