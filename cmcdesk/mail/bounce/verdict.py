"""The shapes of what is found: a recipient's group of a report, and the verdict that everyone else is given."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient that a notice names. Strings are None where the notice does not say."""

    recipient: str | None
    status: str | None  # RFC 3463, e.g. "5.1.1"
    reply: str | None  # RFC 5321 reply code, three digits
    error_status: int  # CMC's 1 … 11, 99 (mail.bounce.phrases)
    diagnostic: str  # the words of the mail systems, the most telling first; "" if there are none
    evidence: str  # the line that decided error_status; "" if none did
    rule: str  # the table row that matched


@dataclass(frozen=True, slots=True)
class Original:
    """The mail that failed, as far as the notice returns it. "" where it does not."""

    header_from: str = ""
    recipients: tuple[str, ...] = ()  # addresses of To
    message_id: str = ""
    subject: str = ""
    api_data: str = ""  # X-Api-Data, which CMC's customers give their mails
    return_path: str = ""


@dataclass(frozen=True, slots=True)
class BounceVerdict:
    """is_bounce: a mail system says that a mail was not delivered, or not yet (then final is False).

    rule names the table row that recognised the mail, or the one that told it from a bounce."""

    is_bounce: bool
    final: bool
    rule: str
    failures: tuple[Failure, ...] = ()
    original: Original = field(default_factory=Original)


@dataclass(slots=True)
class RecipientReport:
    """RFC 3464 §2.3: one group of per-recipient fields. Addresses are bare; "" where a field is missing."""

    final_recipient: str = ""
    original_recipient: str = ""
    actual_recipient: str = ""  # Sendmail's X-Actual-Recipient: where an alias led
    action: str = ""
    status: str | None = None
    diagnostic_code: str = ""
    remote_mta: str = ""

    def recipient(self) -> str:
        """Whom the reporting system failed to reach; a file or a program is no address, and a host without
        a domain ("a@ims-ms-daemon") none that anybody wrote to: then the original is."""
        named = (self.final_recipient, self.original_recipient, self.actual_recipient)
        addresses = [address for address in named if "@" in address]
        reached = [address for address in addresses if "." in address.rpartition("@")[2]]
        return next(iter(reached or addresses), self.final_recipient or self.original_recipient)
