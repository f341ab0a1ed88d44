"""Notices that were written for people: whether a mail is one is decided from header marks and openings, and what
became of whom is read from its lines. Mails of other kinds are told apart here too."""

from dataclasses import dataclass, replace

from cmcdesk.mail.bounce.codes import find_replies, find_statuses
from cmcdesk.mail.bounce.failures import of_mention, of_nobody, says_why, settle_late
from cmcdesk.mail.bounce.notice import Notice
from cmcdesk.mail.bounce.phrases import marks
from cmcdesk.mail.bounce.phrases.openings import COMMON, closed_rows, failed_rows, put_off_rows
from cmcdesk.mail.bounce.phrases.phrases import Cause, find_cause, make_flat
from cmcdesk.mail.bounce.phrases.wording import telling_rows
from cmcdesk.mail.bounce.recipients import (
    MAX_FOUND,
    Mention,
    find_addresses,
    find_any,
    find_mentions,
    is_help,
    presents_recipient,
)
from cmcdesk.mail.bounce.verdict import BounceVerdict, Failure


@dataclass(frozen=True, slots=True)
class Recognised:
    """is_notice with the row that decided; final False: only a delay."""

    is_notice: bool
    final: bool
    rule: str


def read_text(notice: Notice) -> BounceVerdict:
    """The verdict on a mail by what its text says."""
    recognised = recognise_text(notice)
    return _judge_text(notice, recognised) if recognised.is_notice else BounceVerdict(False, False, recognised.rule)


def read_other_kind(notice: Notice) -> BounceVerdict | None:
    """The verdict on a mail that is no bounce whatever its text says; else None."""
    other = find_other_kind(notice)
    return BounceVerdict(False, False, other) if other else None


def _judge_text(notice: Notice, recognised: Recognised) -> BounceVerdict:
    mentions, subject = notice.mentions, notice.heading.subject
    if "posting" in subject.lower() and all(is_help(mention.address) for mention in mentions):
        mentions = find_mentions([subject], notice.own) or mentions  # LISTSERV names the list there alone
    listed = find_addresses(",".join(notice.parts.fields.get("x-failed-recipients", [])))
    if listed:
        known = {mention.address.lower(): mention for mention in mentions}
        mentions = [known.get(address.lower()) or Mention(address) for address in listed[:MAX_FOUND]]
    elif not mentions:
        mentions = find_any(notice.lines, notice.own, notice.tail or "\n".join(notice.parts.returned[:1]))
    said = notice.about(len(mentions))
    found = [of_mention(mention, said, len(mentions) == 1) for mention in mentions]
    if len(found) > 1 and not any(says_why(failure) for failure in found):  # one cause, told above or below the list
        found = [of_mention(mention, said, True) for mention in mentions]
    found = found or [of_nobody(notice.said)]
    if not any(says_why(failure) for failure in found):
        found = _read_subject(subject, notice.original.subject, found)
    settled = settle_late(found, recognised.final)
    return BounceVerdict(True, recognised.final, recognised.rule, settled, notice.original)


def _read_subject(subject: str, failed: str, found: list[Failure]) -> list[Failure]:
    """The failures with the cause that the subject alone tells ("Returned mail: User unknown"). Many systems quote the
    failed mail's subject there, behind a colon or in quotes, whose words are the sender's."""
    told = marks.QUOTED.sub(" ", subject)
    if (failed and failed in subject) or marks.LABEL.match(told):
        return found
    cause = find_cause(telling_rows(), make_flat(told))
    if cause is None:
        return found
    status, name = cause[0].error_status, cause[0].name
    return [replace(failure, error_status=status, rule=name, evidence=subject) for failure in found]


def find_other_kind(notice: Notice) -> str | None:
    """The row that tells the mail from a bounce whatever its text says: complaint, receipt, auto-reply, list mail."""
    parts, heading = notice.parts, notice.heading
    receipt = parts.report_type in ("feedback-report", "disposition-notification")
    if (parts.feedback or receipt) and not marks.REJECTED_BY_FILTER.search(notice.text):
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


def recognise_text(notice: Notice) -> Recognised:
    """Decide by marks and opening. An opening alone is not enough: people quote them; and under another name than a
    mail system's, words that anybody may use need more (`_may_open`)."""
    parts, heading = notice.parts, notice.heading
    if heading.is_forward or not (heading.by_machine or heading.of_notice):
        return Recognised(False, False, "no mark of a notice")  # nearly all mails that are none end here
    flat = notice.flat
    failed = find_cause(failed_rows(), flat)
    put_off = find_cause(put_off_rows(), flat)
    closed = find_cause(closed_rows(), flat)
    if marks.SUCCESS.search(notice.said) and not (failed and closed):
        return Recognised(False, False, "a report of success")
    late = put_off or (
        marks.DELAY_SUBJECT.search(heading.subject) and (Cause(0, "subject of a delay", ()), heading.subject)
    )
    opening = failed or put_off
    doubtful = heading.from_own or not heading.by_name or marks.SERVICE_SUBJECT.search(heading.subject)
    if opening and doubtful and not _may_open(notice, opening[0].name):
        return Recognised(False, False, "a person's words about a delivery")
    if (opening is None or opening[0].name in COMMON) and (_names_nobody(notice) or _counts(notice)):
        return Recognised(False, False, "common words, and nobody is named")
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


def _may_open(notice: Notice, row: str) -> bool:
    """Under a person's or a service's name, or from the sender's own address: people quote notices, and common words
    need a recipient as systems present one, with a code or the returned mail."""
    parts, heading, text = notice.parts, notice.heading, notice.said
    listed = any(name in parts.fields for name in marks.BULK_FIELDS)
    if not heading.by_machine and _is_shown_by_a_person(notice):
        return False
    if (heading.from_own and not heading.by_name) or (listed and not parts.returned):
        return False
    if row not in COMMON:
        return True
    shown = bool(parts.returned or parts.reports or find_statuses(text) or find_replies(text))
    if not shown or presents_recipient(text):
        return shown
    named = heading.by_nobody and heading.of_notice and bool(notice.mentions)  # a mail system as noreply@
    return named and not (marks.QUESTION.search(heading.subject) or _is_shown_by_a_person(notice))


def _names_nobody(notice: Notice) -> bool:
    """No recipient, no mail returned, and somebody's return path: what lures people to a page ("7 messages could not be
    delivered to your mailbox"); or neither a code nor a notice's subject: what a postmaster tells his own people."""
    parts, heading = notice.parts, notice.heading
    is_plain = heading.of_notice and not heading.by_somebody
    if is_plain or parts.returned or notice.tail or "x-failed-recipients" in parts.fields:
        return False
    if notice.mentions or find_any(notice.lines, notice.own, ""):
        return False
    return heading.by_somebody or not (find_statuses(notice.said) or find_replies(notice.said))


def _counts(notice: Notice) -> bool:
    """What a postmaster is told of a day: how many were not delivered, not which."""
    if notice.parts.returned or notice.mentions or "x-failed-recipients" in notice.parts.fields:
        return False
    opening = [line for line in notice.lines if _opens(line)]
    return bool(opening) and all(marks.COUNT.search(line) for line in opening)


def _is_shown_by_a_person(notice: Notice) -> bool:
    """Somebody quotes the notice, or asks a question above it; a mail system does neither."""
    own = [line for line in notice.lines if not line.lstrip().startswith(">")]
    begun = next((number for number, line in enumerate(own) if _opens(line)), None)
    return begun is None or any(marks.QUESTION.search(line) for line in own[:begun])


def _opens(line: str) -> bool:
    flat = make_flat(line)
    return find_cause(failed_rows(), flat) is not None or find_cause(put_off_rows(), flat) is not None
