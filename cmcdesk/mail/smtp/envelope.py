"""The envelope: what MAIL and RCPT said (RFC 5321 §2.3.1), and the route each recipient takes."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Route = Literal["bounce", "inbound", "relay"]
Server = Literal["receiving", "relay"]  # which of a composition's two


class Recipient(NamedTuple):
    """One accepted RCPT: the address as given, and the route its domain decided, or the server that took it."""

    address: str
    route: Route


class Envelope(Protocol):
    """What a mail takes along of its transaction. sender: "" for the null reverse-path; recipients: those that were
    accepted, in their order; user: who has shown the right password; hello: the name that the client greeted with."""

    @property
    def sender(self) -> str | None: ...
    @property
    def recipients(self) -> Sequence[Recipient]: ...
    @property
    def user(self) -> str | None: ...
    @property
    def hello(self) -> str: ...
