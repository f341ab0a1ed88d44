"""Reports that were written for programs, and the verdict on them: RFC 3464, its internationalised form RFC 6533, and
what looks like them.

Fields are read wherever they stand (a delivery-status part, or plain text into which a gateway folded one), in any
order and indentation; a new recipient begins where a field of the running one comes again or after a blank line.
"""

import json
import re
from typing import Any

from cmcdesk.mail.bounce.codes import read_status_field
from cmcdesk.mail.bounce.failures import OTHERS, of_report, settle_late
from cmcdesk.mail.bounce.notice import Notice
from cmcdesk.mail.bounce.phrases import marks
from cmcdesk.mail.bounce.phrases.openings import closed_rows, expired_rows, put_off_rows
from cmcdesk.mail.bounce.phrases.phrases import Flat, find_cause
from cmcdesk.mail.bounce.phrases.relays import decode_octal
from cmcdesk.mail.bounce.recipients import find_addresses
from cmcdesk.mail.bounce.verdict import BounceVerdict, Failure, RecipientReport
from cmcdesk.mail.mime.words import decode_field

_NAMES = (
    "final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta|reporting-mta"
    "|will-retry-until|last-attempt-date|arrival-date|x-display-name|x-supplementary-info|original-envelope-id"
    "|received-from-mta|final-log-id"
)
_LINE = re.compile(rf"^[ \t>]{{0,8}}({_NAMES})[ \t]*:[ \t]*(.*(?:\n[ \t]+(?!(?:{_NAMES})[ \t]*:)\S.*)*)", re.I | re.M)
_MARK = re.compile(r"(?:final|original)-recipient[ \t]*:", re.I)
_RECEIPT = re.compile(r"^[ \t>]{0,8}disposition[ \t]*:", re.I | re.M)  # RFC 8098 §3.2.6: each receipt has it
_TYPE = re.compile(r"^\s*[\w.+-]{1,20}\s*;\s*")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,250}@[^\s<>()\[\],;:\"|@]{1,250}")
_QUOTED_LOCAL = re.compile(r"\"[^\"\n]{1,100}\"@[\w.-]{1,250}")
_X400 = re.compile(r"(?:RFC-?822|SMTP)[=:]([^;/\s]{1,100})(?:\(a\)|@)([\w.-]{1,200})", re.I)
_XTEXT_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 §3: utf-8-addr-xtext
MAX_RECIPIENTS = 500
_DONE = ("delivered", "relayed", "expanded", "deliverable")  # RFC 3464 §2.3.3; Postfix's probe: nothing failed

# Services that send for others tell of bounces in JSON too: Amazon SES by SNS, and SNS by mail; the web hooks of
# Mailgun, Postmark, SendGrid, SparkPost, Mandrill, Brevo and Mailjet where somebody passes them on by mail. Their
# documents agree in this: an object that says "bounce" or "failed" of one address, and gives the remote answer.
NOTIFICATION = "a sending service's notification in JSON"
MAX_JSON = 64 * 1024
MAX_EVENTS = 200
_JSON_BEGINS = re.compile(r"[\[{]\s*(?:\{\s*)?\"")
_EVENT_KEYS = ("notificationType", "eventType", "event", "type", "Type", "RecordType", "event-data", "msys", "_type")
_SES = (("bounce", "bouncedRecipients", "failed"), ("deliveryDelay", "delayedRecipients", "delayed"))
_ADDRESS_KEYS = ("emailAddress", "recipient", "rcpt_to", "Email", "email")
_STATUS_KEYS = ("status", "enhanced_status_code")
_WORD_KEYS = (
    "diagnosticCode", "raw_reason", "Details", "message", "diag", "reason", "error", "Description", "description",
)  # fmt: skip
_OF_OTHERS = re.compile(r"\b(?!\w*(?:mail|messag|deliver|bounce|smtp))\w{1,60}\.\w", re.I)  # "payment.failed"
_FAILED = re.compile(r"bounce|fail|reject|drop|undeliver|invalid|blocked", re.I)
_LATE = re.compile(r"delay|defer|temporary|soft|transient", re.I)


def read_report(notice: Notice) -> BounceVerdict | None:
    """The verdict on a mail with delivery-status parts in which a recipient is named; else None."""
    reports = [report for source in notice.parts.reports for report in read_groups(source)]
    if reports and notice.parts.content_type != "multipart/report" and notice.heading.by_person:
        return None  # somebody attached a report that he got
    return judge_reports(reports, notice, "RFC 3464 delivery report") if reports else None


def read_fields_in_text(notice: Notice) -> BounceVerdict | None:
    """The verdict on a notice into whose text a gateway folded a report; else None."""
    heading = notice.heading
    if heading.is_forward or not (heading.by_machine or heading.of_notice) or not has_report(notice.text):
        return None
    if not heading.by_machine and _is_asked_about(notice.text, _MARK):
        return None
    source = "\n".join(notice.lines) if notice.mentions else notice.text  # what is returned may be an older notice
    reports = read_groups(source)
    return judge_reports(reports, notice, "RFC 3464 fields in the text") if reports else None


def read_notification(notice: Notice) -> BounceVerdict | None:
    """The verdict on a service's notification of whatever kind; None: no notification."""
    if '{"' not in notice.text and '{ "' not in notice.text:
        return None
    if notice.heading.by_person and not _JSON_BEGINS.match(notice.text.lstrip()):
        return None  # somebody shows it
    reports = read_events(notice.text)
    if reports is None:
        return None
    return judge_reports(reports, notice, NOTIFICATION) if reports else BounceVerdict(False, False, NOTIFICATION)


def _is_asked_about(text: str, mark: re.Pattern[str]) -> bool:
    """A question stands above the mark: a person's, for no mail system asks."""
    found = mark.search(text)
    return found is not None and any(marks.QUESTION.search(line) for line in text[: found.start()][-2000:].split("\n"))


def judge_reports(reports: list[RecipientReport], notice: Notice, rule: str) -> BounceVerdict:
    """The verdict on recipients that a report names: those that failed, else those that are late."""
    unsettled = [report for report in reports if report.action in ("", "delayed")]
    if unsettled:
        _settle_actions(unsettled, notice.flat)
    failed = [report for report in reports if _is_failed(report)]
    told = failed or [report for report in reports if report.action == "delayed"]
    if not told:
        return BounceVerdict(False, False, "a report of success")
    alone = len({report.recipient().lower() for report in reports}) == 1  # what became of others is told too
    for report in told:
        report.final_recipient = _name_recipient(report, notice)
    return BounceVerdict(
        True, bool(failed), rule, settle_late(_failures_of(told, notice, alone), bool(failed)), notice.original
    )


def _settle_actions(reports: list[RecipientReport], notice: Flat) -> None:
    """A report without Action is one of a delay if the text is. OpenSMTPD calls its last notice "delayed" too: then the
    text says that the time is over."""
    expired = find_cause(expired_rows(), notice) is not None
    late = find_cause(put_off_rows(), notice) is not None and find_cause(closed_rows(), notice) is None
    for report in reports:
        if report.action:
            report.action = "failed" if expired else report.action
        elif late and (report.status or "4").startswith("4"):
            report.action = "delayed"


def _is_failed(report: RecipientReport) -> bool:
    if report.action in _DONE or report.action == "delayed":
        return False
    return bool(report.action) or not (report.status or "5").startswith("2")


def _failures_of(reports: list[RecipientReport], notice: Notice, alone: bool) -> list[Failure]:
    found = _read_failures(reports, notice, alone)
    if alone or any(failure.error_status != OTHERS for failure in found):
        return found
    return _read_failures(reports, notice, True)  # one cause, told of all of them


def _read_failures(reports: list[RecipientReport], notice: Notice, alone: bool) -> list[Failure]:
    mentions = notice.mentions
    by_address = {mention.address.lower(): mention for mention in mentions}
    said = notice.about(len(reports))
    others = {line for mention in mentions for line in mention.lines}
    rest = "\n".join(line for line in said.split("\n") if line not in others)  # what is said of nobody who is named
    found: dict[str, Failure] = {}
    for report in reports:
        if "@" not in report.recipient() and mentions:
            report.final_recipient = mentions[0].address
        if report.recipient().lower() in found:
            continue
        told = by_address.get(report.recipient().lower()) or by_address.get(report.actual_recipient.lower())
        if told is None and alone and len(mentions) == 1:
            told = mentions[0]
        found[report.recipient().lower()] = of_report(report, told, said if told or alone else rest, alone)
    return list(found.values())


def _name_recipient(report: RecipientReport, notice: Notice) -> str:
    """A report may name a file, a program (Exim), a local part or nobody: the header then tells whose it was, or the
    returned mail's To, if it holds one address, or one with that local part."""
    named = report.recipient()
    if "@" in named:
        return report.final_recipient
    for addresses in (find_addresses(notice.parts.first("x-failed-recipients")), notice.original.recipients):
        alike = [address for address in addresses if address.lower().startswith(f"{named.lower()}@")]
        if len(alike or addresses) == 1:
            return (alike or list(addresses))[0]
    return report.final_recipient


def has_report(text: str) -> bool:
    """True if per-recipient fields of a delivery report stand in the text."""
    return _MARK.search(text) is not None and _RECEIPT.search(text) is None


def read_groups(text: str) -> list[RecipientReport]:
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
            read_typed_address(group.get("final-recipient", "")),
            read_typed_address(group.get("original-recipient", "")),
            read_typed_address(group.get("x-actual-recipient", "")),
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


def read_typed_address(value: str) -> str:
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


def read_events(text: str) -> list[RecipientReport] | None:
    """The bounced recipients; [] for a notification of another kind (delivery, complaint); None: no notification."""
    start = _JSON_BEGINS.search(text)
    if start is None or text[: start.start()].count("\n") > 20:
        return None
    try:
        content = json.JSONDecoder().raw_decode(text[start.start() : start.start() + MAX_JSON].replace("\n", ""))[0]
    except (ValueError, RecursionError):
        return None
    events = content if isinstance(content, list) else [content]
    if not any(isinstance(event, dict) and any(name in event for name in _EVENT_KEYS) for event in events):
        return None
    reports = [report for event in events[:MAX_EVENTS] if isinstance(event, dict) for report in _read_event(event)]
    return [report for report in reports if report.final_recipient]


def _read_event(event: dict[str, Any]) -> list[RecipientReport]:
    for kind, recipients, action in _SES:
        told = event.get(kind)
        if isinstance(told, dict) and isinstance(told.get(recipients), list):
            return [_read_recipient(item, action) for item in told[recipients] if isinstance(item, dict)]
    inner = _join_objects(event, 3)
    kind = " ".join(str(inner.get(name, "")) for name in _EVENT_KEYS if isinstance(inner.get(name), str))
    if not _FAILED.search(kind) or _OF_OTHERS.search(kind):
        return []
    late = _LATE.search(f"{kind} {inner.get('severity', '')}") is not None
    return [_read_recipient(inner, "delayed" if late else "failed")]


def _join_objects(event: dict[str, Any], depth: int) -> dict[str, Any]:
    """The values of an event and of the objects within it, the outer ones first."""
    found = {name: value for name, value in event.items() if not isinstance(value, dict)}
    if depth:
        for value in event.values():
            if isinstance(value, dict):
                found = _join_objects(value, depth - 1) | found
    return found


def _read_recipient(item: dict[str, Any], action: str) -> RecipientReport:
    address = next((item[name] for name in _ADDRESS_KEYS if isinstance(item.get(name), str)), "")
    words = next((item[name] for name in _WORD_KEYS if isinstance(item.get(name), str) and item[name]), "")
    code = str(item.get("code") or item.get("error_code") or "")
    said = words.partition(";")[2].strip() if words[:8].lower().startswith("smtp;") else words.strip()
    if re.fullmatch(r"[45]\d\d", code) and not said.startswith(code):
        said = f"{code} {said}"
    status = next((item[name] for name in _STATUS_KEYS if isinstance(item.get(name), str)), "")
    return RecipientReport(
        final_recipient=read_typed_address(address),
        action=str(item.get("action") or action).lower(),
        status=read_status_field(status),
        diagnostic_code=said,
    )
