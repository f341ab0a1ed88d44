"""The vocabulary of the catalogue: a fault in a system's words, a kind of bounce, the case to write, a dialect."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from simulator.traffic.mail import Expectation, Original

# The service's published error statuses (配信エラーステータス) by the causes of this catalogue.
ERROR_STATUS = {
    "unknown-host": 1,
    "unknown-user": 2,
    "retry-timeout": 3,
    "policy": 4,
    "over-quota": 5,
    "forward-error": 6,
    "misconfigured": 7,
    "too-big": 8,
    "bad-address": 9,
    "suppressed": 10,
    "other": 99,
}


@dataclass(frozen=True)
class Fault:
    """Why one recipient failed, in the words of the system that says so.

    cause: a key of ERROR_STATUS. status: the most exact enhanced status code that the mail carries, or None. reply: the
    SMTP code that it quotes ("550"), or None. text: the wording; fields of `Failure` in braces, as in "{recipient}".
    """

    cause: str
    status: str | None
    reply: str | None
    text: str

    @property
    def error_status(self) -> int:
        """The service's number for the cause."""
        return ERROR_STATUS[self.cause]


@dataclass(frozen=True)
class Kind:
    """One entry of the catalogue: a dialect, what it tells, and in which language.

    faults: one for each recipient, in order; empty for a mail that is no bounce. final: False for a delay warning.
    """

    name: str
    language: str
    faults: tuple[Fault, ...]
    final: bool = True

    @property
    def dialect(self) -> str:
        """The part of the name before the slash."""
        return self.name.partition("/")[0]

    @property
    def is_bounce(self) -> bool:
        """Whether the mail tells of a failed or late delivery."""
        return bool(self.faults)

    @property
    def cause(self) -> str | None:
        """The first recipient's cause, None for a mail that is no bounce."""
        return self.faults[0].cause if self.faults else None

    @property
    def error_status(self) -> int | None:
        """The first recipient's error status."""
        return self.faults[0].error_status if self.faults else None

    @property
    def enhanced_status(self) -> str | None:
        """The first recipient's enhanced status code."""
        return self.faults[0].status if self.faults else None

    @property
    def reply(self) -> str | None:
        """The first recipient's SMTP reply code."""
        return self.faults[0].reply if self.faults else None

    @property
    def recipients(self) -> int:
        """How many recipients the mail tells of."""
        return len(self.faults)


@dataclass(frozen=True)
class Failure:
    """A fault that has met its recipient: the remote host's name and address are there for the wording."""

    recipient: str
    fault: Fault
    remote: str
    remote_address: str

    @property
    def user(self) -> str:
        """The local part."""
        return self.recipient.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The domain."""
        return self.recipient.rpartition("@")[2]

    @property
    def forward(self) -> str:
        """The address that the recipient forwards to, for the faults that happen there."""
        return f"{self.user}@mobile.example.org"

    @property
    def text(self) -> str:
        """The fault's wording with this recipient in it."""
        return self.fault.text.format(
            recipient=self.recipient,
            user=self.user,
            domain=self.domain,
            forward=self.forward,
            remote=self.remote,
            remote_address=self.remote_address,
        )


@dataclass(frozen=True)
class Case:
    """All that a dialect needs to write one mail.

    moment: when the report is written (aware). arrival: when the failed mail came to the reporting system.
    """

    rng: random.Random
    kind: Kind
    failures: tuple[Failure, ...]
    return_address: str
    original: Original
    moment: datetime
    arrival: datetime

    def expect(self) -> tuple[Expectation, ...]:
        """Return what a reader ought to find, one entry for each recipient."""
        return tuple(
            Expectation(failure.recipient, failure.fault.error_status, failure.fault.status, self.kind.final)
            for failure in self.failures
        )


@dataclass(frozen=True)
class Dialect:
    """How one system writes. document: what the wording follows. domain: where its failed recipients live by default.

    write: makes the octets; any line end will do, they are made CRLF afterwards. envelope_sender: "" as RFC 3464 §2
    demands, unless the real system sends otherwise.
    """

    name: str
    document: str
    kinds: tuple[Kind, ...]
    write: Callable[[Case], bytes]
    domain: str = "example.net"
    envelope_sender: str = ""
