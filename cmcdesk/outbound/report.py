"""The MTA's own report to the sender of a mail that failed (RFC 3464, RFC 6522, RFC 3834): pure. Its words are ours:
what CMC's servers write is not documented."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from cmcdesk.outbound.answer import TIMED_OUT, SmtpAnswer
from cmcdesk.rules.received import TOKYO

HEAD_KEPT = 65536  # octets of the mail's head
EXPIRED = "4.4.7"  # RFC 3463 §3.5: delivery time expired
WHY_EXPIRED = "it could not be delivered within the resend period"


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient, the last answer for it, and CMC's error status."""

    address: str
    answer: SmtpAnswer
    error_status: int

    @property
    def is_expired(self) -> bool:
        return self.error_status == TIMED_OUT and self.answer.outcome == "transient"

    @property
    def status(self) -> str:
        """RFC 3463; without an enhanced code in the reply, what its class says."""
        if self.is_expired:
            return EXPIRED
        return self.answer.enhanced or "5.0.0"


@dataclass(frozen=True, slots=True)
class FailureReport:
    """to: the envelope sender, as rewritten; server: the host that reports; token: tells this report from all others;
    arrived_at, at: unix seconds; head: the mail's octets, as far as its header section goes."""

    to: str
    server: str
    token: str
    arrived_at: float
    at: float
    failed: Sequence[FailedRecipient]
    head: bytes


def write_report(report: FailureReport) -> bytes:
    """The whole mail, lines ended by CRLF."""
    is_utf8 = not (report.to + "".join(one.address for one in report.failed)).isascii()
    kind = "global-delivery-status" if is_utf8 else "delivery-status"
    head = cut_head(report.head)
    boundary = f"{report.token}/{report.server}"
    parts = [
        _write_part("text/plain; charset=utf-8", _write_words(report).encode()),
        _write_part(f"message/{kind}", _write_status(report).encode("utf-8" if is_utf8 else "ascii", "replace")),
        _write_part("text/rfc822-headers" if head.isascii() else "message/global-headers", head),
    ]
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    fields = [
        f"From: Mail Delivery System <MAILER-DAEMON@{report.server}>",
        f"To: {report.to}",
        "Subject: Undelivered mail returned to its sender",
        f"Date: {_date(report.at)}",
        f"Message-ID: <{report.token}@{report.server}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind};\r\n boundary="{boundary}"',
        *_declare_8bit(body),
    ]
    return "\r\n".join([*fields, "", ""]).encode() + body + b"--%b--\r\n" % boundary.encode()


def _write_part(kind: str, octets: bytes) -> bytes:
    return "\r\n".join([f"Content-Type: {kind}", *_declare_8bit(octets), "", ""]).encode() + octets


def _declare_8bit(octets: bytes) -> list[str]:
    """The field without which all is 7 bit; the whole has it where a part has (RFC 2045 §6.1, §6.4)."""
    return [] if octets.isascii() else ["Content-Transfer-Encoding: 8bit"]


def cut_head(octets: bytes) -> bytes:
    """The header section, at most HEAD_KEPT octets of it, in whole lines that end with CRLF."""
    lines = octets[:HEAD_KEPT].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    end = lines.index(b"") if b"" in lines else len(lines) - (len(octets) > HEAD_KEPT)
    return b"".join(line + b"\r\n" for line in lines[:end])


def _write_words(report: FailureReport) -> str:
    lines = [f"This is the mail system at {report.server}.", "", "Your mail could not be delivered to:", ""]
    for one in report.failed:
        lines += textwrap.wrap(f"<{one.address}>: {_say_why(one)}", 76, subsequent_indent="    ")
        lines.append("")
    return "\r\n".join(lines) + "\r\n"


def _say_why(one: FailedRecipient) -> str:
    answer = one.answer
    if one.is_expired:
        return WHY_EXPIRED
    said = f"host {answer.host}[{answer.address}] said: " if answer.code and answer.host else ""
    return f"{said}{answer.line}{answer.reply_to}"


def _write_status(report: FailureReport) -> str:
    groups = [[f"Reporting-MTA: dns; {report.server}", f"Arrival-Date: {_date(report.arrived_at)}"]]
    for one in report.failed:
        answer, kind = one.answer, "rfc822" if one.address.isascii() else "utf-8"
        group = [f"Final-Recipient: {kind}; {one.address}", "Action: failed", f"Status: {one.status}"]
        if answer.host:
            group.append(f"Remote-MTA: dns; {answer.host}")
        said = f"smtp; {answer.line}" if answer.code else f"X-cmcdesk; {answer.text}{answer.reply_to}"
        if one.is_expired:  # the last of many answers is not why it failed: told beside it (RFC 3464 §2.4)
            group += [_fold("Diagnostic-Code", f"X-cmcdesk; {WHY_EXPIRED}"), _fold("X-Last-Answer", said)]
        else:
            group.append(_fold("Diagnostic-Code", said))
        groups.append(group)
    return "\r\n\r\n".join("\r\n".join(group) for group in groups) + "\r\n"


def _fold(name: str, body: str) -> str:
    return "\r\n    ".join(textwrap.wrap(f"{name}: {body}", 76, break_long_words=False))


def _date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, TOKYO))
