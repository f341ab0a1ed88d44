"""Is this mail a notice that another mail was not delivered (or not yet)? Decided from header marks and openings."""

from dataclasses import dataclass

from cmcdesk.mail.bounce.codes import find_replies, find_statuses
from cmcdesk.mail.bounce.freetext import presents_recipient
from cmcdesk.mail.bounce.originals import find_addresses
from cmcdesk.mail.bounce.parts import Parts
from cmcdesk.mail.bounce.phrases import marks
from cmcdesk.mail.bounce.phrases.openings import COMMON, closed_rows, failed_rows, put_off_rows
from cmcdesk.mail.bounce.phrases.phrases import Cause, find_cause, flatten
from cmcdesk.mail.bounce.phrases.wording import telling_rows
from cmcdesk.mail.mime.words import decode_field


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header says about the kind of a mail."""

    subject: str
    by_name: bool  # a mail system's name
    by_nobody: bool  # the null return path, which programs other than mail systems use too (RFC 3834)
    from_own: bool  # the return path is the address in From: mail systems use the null path (RFC 5321 §4.5.5)
    of_notice: bool  # the subject is one that notices have
    is_forward: bool

    @property
    def by_machine(self) -> bool:
        """A program wrote the mail."""
        return self.by_name or self.by_nobody


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
    named = bool(marks.MACHINE.search(sender)) or any(name in parts.fields for name in marks.MACHINE_FIELDS)
    named = named or return_path.startswith(("<mailer-daemon@", "<postmaster@", "mailer-daemon@"))
    own = "mailer-daemon" not in return_path and any(one.lower() in return_path for one in find_addresses(sender))
    answered = bool(marks.REPLY.match(subject))
    of_notice = not answered and bool(marks.SUBJECT.search(subject))
    return Heading(subject, named, nobody, own, of_notice, bool(marks.FORWARD.match(subject)))


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
    if not heading.by_name and marks.SERVICE_SUBJECT.search(heading.subject):
        return f"subject of a person's or a service's mail: {heading.subject[:60]}"
    for name in marks.OTHER_FIELDS:
        if name in parts.fields:
            return f"header field {name}: an automatic answer"
    if parts.first("precedence").lower().replace("-", "_") == "auto_reply":
        return "Precedence: auto_reply"
    if any(name in parts.fields for name in marks.BULK_FIELDS):
        mailer = marks.MACHINE_ADDRESS.search(parts.first("from"))
        if not (heading.of_notice and (parts.returned or mailer)):
            return "a mailing list's or newsletter's header"
    return None


def recognise_text(parts: Parts, heading: Heading, text: str) -> Recognised:
    """Decide by marks and opening. An opening alone is not enough: people quote them; and under another name than a
    mail system's, words that anybody may use need more (`_shows_failure`)."""
    flat = flatten(text)
    failed = find_cause(failed_rows(), flat)
    put_off = find_cause(put_off_rows(), flat)
    closed = find_cause(closed_rows(), flat)
    if marks.SUCCESS.search(text) and not (failed and closed):
        return Recognised(False, False, "a report of success")
    if heading.is_forward or not (heading.by_machine or heading.of_notice):
        return Recognised(False, False, "no mark of a notice")
    late = put_off or (
        marks.DELAY_SUBJECT.search(heading.subject) and (Cause(0, "subject of a delay", ()), heading.subject)
    )
    opening = failed or put_off
    if opening and (heading.from_own or not heading.by_name) and not _may_open(parts, heading, opening[0].name, text):
        return Recognised(False, False, "a person's words about a delivery")
    final = closed is not None or not late
    if opening:
        deciding = failed if final and failed else late or opening
        return Recognised(True, final, f"{deciding[0].name}: “{deciding[1]}”")
    if heading.by_name and heading.of_notice and (parts.returned or not heading.from_own):
        cause = find_cause(telling_rows(), flat)
        if cause:
            return Recognised(True, final, f"sender and subject of a notice, and a cause: “{cause[1]}”")
        if parts.returned or parts.reports:
            return Recognised(True, final, "sender and subject of a notice, with a returned mail")
    return Recognised(False, False, "no opening of a notice")


def _may_open(parts: Parts, heading: Heading, row: str, text: str) -> bool:
    """Under a person's or a service's name, or from the sender's own address: people quote notices, and common words
    need a recipient as systems present one, with a code or the returned mail."""
    listed = any(name in parts.fields for name in marks.BULK_FIELDS)
    if (heading.from_own and not heading.by_name) or (listed and not parts.returned):
        return False
    if row not in COMMON:
        return True
    shown = bool(parts.returned or parts.reports or find_statuses(text) or find_replies(text))
    return shown and presents_recipient(text)
