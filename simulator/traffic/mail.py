"""What the simulator hands to its SMTP client: one mail, and what a reader of it ought to find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """What a bounce says of one recipient, so that a test can compare it with what was read.

    recipient: the address that failed. error_status: 1-10 or 99, the service's number for the cause.
    status: the enhanced status code (RFC 3463) as the mail carries it, None where it carries none.
    final: False for a warning that delivery is merely late.
    """

    recipient: str
    error_status: int
    status: str | None
    final: bool


@dataclass(frozen=True)
class Mail:
    """An envelope (RFC 5321) and the octets for DATA: CRLF line ends, not dot-stuffed, without the final dot.

    sender: the MAIL FROM address, "" for the null sender. recipients: the RCPT TO addresses, at least one.
    expectations: one for each failed recipient of a bounce, empty for any other mail.
    """

    sender: str
    recipients: tuple[str, ...]
    octets: bytes
    expectations: tuple[Expectation, ...] = ()
