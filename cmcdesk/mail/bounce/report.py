"""Machine-readable delivery reports: RFC 3464, its internationalised form RFC 6533, and what looks like them.

Fields are read wherever they stand (a delivery-status part, or plain text into which a gateway folded one), in any
order and indentation; a new recipient begins where a field of the running one comes again or after a blank line.
"""

import re
from dataclasses import dataclass

from cmcdesk.mail.bounce.codes import read_status_field
from cmcdesk.mail.bounce.phrases.relays import decode_octal
from cmcdesk.mail.mime.words import decode_field

_NAMES = (
    "final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta|reporting-mta"
    "|will-retry-until|last-attempt-date|arrival-date|x-display-name|x-supplementary-info|original-envelope-id"
    "|received-from-mta|final-log-id"
)
_LINE = re.compile(rf"^[ \t>]{{0,8}}({_NAMES})[ \t]*:[ \t]*(.*(?:\n[ \t]+(?!(?:{_NAMES})[ \t]*:)\S.*)*)", re.I | re.M)
_MARK = re.compile(r"(?:final|original)-recipient[ \t]*:", re.I)
_TYPE = re.compile(r"^\s*[\w.+-]{1,20}\s*;\s*")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,250}@[^\s<>()\[\],;:\"|@]{1,250}")
_QUOTED_LOCAL = re.compile(r"\"[^\"\n]{1,100}\"@[\w.-]{1,250}")
_X400 = re.compile(r"(?:RFC-?822|SMTP)[=:]([^;/\s]{1,100})(?:\(a\)|@)([\w.-]{1,200})", re.I)
_XTEXT_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 §3: utf-8-addr-xtext
MAX_RECIPIENTS = 500


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
        """Whom the reporting system failed to reach; a file or a program is no address, then the original is."""
        for address in (self.final_recipient, self.original_recipient, self.actual_recipient):
            if "@" in address:
                return address
        return self.final_recipient or self.original_recipient


def has_report(text: str) -> bool:
    """True if per-recipient fields stand in the text."""
    return _MARK.search(text) is not None


def read_report(text: str) -> list[RecipientReport]:
    """Every recipient group in the text, in order."""
    reports: list[RecipientReport] = []
    group: dict[str, str] = {}
    last_end = 0
    for match in _LINE.finditer(text):
        name, value = match[1].lower(), " ".join(match[2].split())
        if name in group or "\n\n" in text[last_end : match.start()]:
            if "final-recipient" in group or "original-recipient" in group:
                _add(reports, group)
                group = {}
            elif name in group:
                group = {}
        group[name] = value
        last_end = match.end()
        if len(reports) >= MAX_RECIPIENTS:
            break
    _add(reports, group)
    return reports


def _add(reports: list[RecipientReport], group: dict[str, str]) -> None:
    if not ("final-recipient" in group or "original-recipient" in group):
        return
    reports.append(
        RecipientReport(
            read_address(group.get("final-recipient", "")),
            read_address(group.get("original-recipient", "")),
            read_address(group.get("x-actual-recipient", "")),
            (re.match(r"[a-z-]*", group.get("action", "").lower()) or [""])[0],
            read_status_field(group.get("status", "")),
            _read_diagnostic(group.get("diagnostic-code", "")),
            _TYPE.sub("", group.get("remote-mta", "")),
        )
    )
    if not reports[-1].diagnostic_code and re.match(r"[45]\d\d ", group.get("status", "")):
        reports[-1].diagnostic_code = group["status"]  # NTMail puts the reply into the Status field


def _read_diagnostic(value: str) -> str:
    text = decode_octal(_TYPE.sub("", value))
    return decode_field(text.encode("utf-8", "replace")) if "=?" in text else text


def read_address(value: str) -> str:
    """The address in a typed field value ("rfc822; <a@b>"), with X.400 and utf-8 forms undone; else the bare value."""
    text = _TYPE.sub("", value, count=1)
    if "\\x{" in text:
        text = _XTEXT_UNICODE.sub(_letter, text)
    gateway = _X400.search(text)
    if gateway:
        return f"{gateway[1]}@{gateway[2]}"
    quoted = _QUOTED_LOCAL.search(text)
    if quoted:
        return quoted[0]
    found = _ADDRESS.search(text)
    return (found[0] if found else text).strip("<> \t'\"").rstrip(".")


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number <= 0x10FFFF else match[0]
