"""Is this mail a notice that another mail was not delivered (or not yet)? Decided from header marks and openings."""

from dataclasses import dataclass

from cmcdesk.mail.causes.phrases import find_cause, flatten
from cmcdesk.mail.causes.wording import telling_rows
from cmcdesk.mail.mime.words import decode_field
from cmcdesk.mail.notices import marks
from cmcdesk.mail.notices.freetext import presents_recipient
from cmcdesk.mail.notices.openings import ANYBODYS, closed_rows, failed_rows, put_off_rows
from cmcdesk.mail.notices.parts import Parts


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header says about the kind of a mail."""

    subject: str
    by_machine: bool  # a mail system's name, or the null return path
    of_notice: bool  # the subject is one that notices have
    is_forward: bool


@dataclass(frozen=True, slots=True)
class Recognised:
    """is_notice with the row that decided; final False: only a delay."""

    is_notice: bool
    final: bool
    rule: str


def read_heading(parts: Parts) -> Heading:
    """Read the marks of the header."""
    subject = decode_field(parts.first("subject").encode("latin-1", "replace"))[:500]
    sender = decode_field(parts.first("from").encode("latin-1", "replace"))[:500]
    return_path = parts.first("return-path").replace(" ", "").lower()
    nobody = return_path in ("<>", "mailer-daemon", "<mailer-daemon>") and not _answers_itself(parts)
    machine = bool(marks.MACHINE.search(sender)) or nobody
    machine = machine or return_path.startswith(("<mailer-daemon@", "<postmaster@", "mailer-daemon@"))
    machine = machine or "x-failed-recipients" in parts.fields
    answered = bool(marks.REPLY.match(subject))
    forward = bool(marks.FORWARD.match(subject))
    return Heading(subject, machine, not answered and bool(marks.SUBJECT.search(subject)), forward)


def _answers_itself(parts: Parts) -> bool:
    """RFC 3834 §5: people's responders call their answers auto-replied, and send them from the null address too."""
    return parts.first("auto-submitted").lower().startswith("auto-replied")


def find_other_kind(parts: Parts, heading: Heading, text: str) -> str | None:
    """The row that tells the mail from a bounce whatever its text says: complaint, receipt, auto-reply, list mail."""
    receipt = parts.report_type in ("feedback-report", "disposition-notification")
    if (parts.feedback or receipt) and not marks.REJECTED_BY_FILTER.search(text):
        return f"{(parts.feedback or [parts.report_type])[0]}: a complaint or a receipt"
    if marks.OTHER_SUBJECT.match(heading.subject):
        return f"subject of another kind of mail: {heading.subject[:60]}"
    for name in marks.OTHER_FIELDS:
        if name in parts.fields:
            return f"header field {name}: an automatic answer"
    if parts.first("precedence").lower().replace("-", "_") == "auto_reply":
        return "Precedence: auto_reply"
    if not heading.of_notice and any(name in parts.fields for name in marks.BULK_FIELDS):
        return "a mailing list's or newsletter's header"
    return None


def recognise_text(parts: Parts, heading: Heading, text: str) -> Recognised:
    """Decide by marks and opening. An opening alone is not enough: people quote them; and under a person's name, words
    that anybody may use need a line that presents a failed recipient as systems do."""
    flat = flatten(text)
    failed = find_cause(failed_rows(), flat)
    put_off = find_cause(put_off_rows(), flat)
    closed = find_cause(closed_rows(), flat)
    opening = failed or put_off
    marked = heading.by_machine or heading.of_notice
    if marks.SUCCESS.search(text) and not (failed and closed):
        return Recognised(False, False, "a report of success")
    listed = any(name in parts.fields for name in marks.BULK_FIELDS)
    anybodys = opening is not None and not heading.by_machine and opening[0].name == ANYBODYS
    if anybodys and (listed or not presents_recipient(text)):
        return Recognised(False, False, "a person's words about a delivery")
    if opening and marked and not heading.is_forward:
        final = closed is not None or put_off is None
        deciding = failed if final and failed else put_off or opening
        return Recognised(True, final, f"{deciding[0].name}: “{deciding[1]}”")
    if heading.by_machine and heading.of_notice and not heading.is_forward:
        cause = find_cause(telling_rows(), flat)
        if cause:
            return Recognised(True, True, f"sender and subject of a notice, and a cause: “{cause[1]}”")
        if parts.returned or parts.reports:
            return Recognised(True, True, "sender and subject of a notice, with a returned mail")
    return Recognised(False, False, "no mark of a notice" if not marked else "no opening of a notice")
