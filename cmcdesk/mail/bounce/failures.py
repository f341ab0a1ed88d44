"""Failures from what was found: codes, words, and CMC's error status (1 … 11, 99) with the evidence that decided it.

CMC publishes what each number means, not how it is found; the tables in `phrases` and the order in `classify` are ours.
Words weigh more than a status code, which many systems fill in by habit (5.0.0, 5.1.1, 5.5.0); a code more than vague
words. 10 and 11 are the sending side's own; only services that send for others write bounces about them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cmcdesk.mail.bounce.codes import choose_reply, choose_status
from cmcdesk.mail.bounce.phrases.phrases import Cause, Flat, Table, find_cause, holds, make_flat
from cmcdesk.mail.bounce.phrases.relays import strip_relay
from cmcdesk.mail.bounce.phrases.statuses import cause_of_reply, cause_of_status, is_temporary
from cmcdesk.mail.bounce.phrases.wording import (
    GREETING,
    MAILBOX_UNAVAILABLE,
    faulty_rows,
    receiver_rows,
    telling_rows,
    vague_rows,
)
from cmcdesk.mail.bounce.recipients import Mention
from cmcdesk.mail.bounce.verdict import Failure, RecipientReport

MAX_DIAGNOSTIC = 2000
OTHERS = 99
FORWARD_ERROR = 6
_NO_SUCH_HOST = re.compile(
    r"(?<![@\w.-])(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}[>'\"]?"
    r" (?:does not exist|doesn't exist|couldn't be found|not found)",
    re.I,
)
# The stage at which the sender is judged: a refusal there is one of the sender (Exim, Postfix, Sendmail, qmail wording)
_SENDER_STAGE = re.compile(
    r"(?:after|in reply to|>>>) (?:MAIL FROM|EHLO|HELO|initial connection)|refused to talk to me|greeting failed"
    r"|sender was rejected",
    re.I,
)
_BY_SENDER = Cause(4, "refused when the sender was named", ())
_HOST_ROW = Cause(1, "a host name that does not exist", ())
_LATER = Cause(3, "temporary answers until the sender gave up", ())


def of_report(report: RecipientReport, mention: Mention | None, notice: str, alone: bool) -> Failure:
    """A failure from a recipient group of a report, with the lines of the text about the same recipient.

    alone: nobody else failed, so that the whole notice speaks of this recipient."""
    told = mention.text() if mention else ""
    around = told or notice if alone else told
    status = choose_status(report.diagnostic_code, report.status, around)
    reply = choose_reply((report.diagnostic_code, around), status)
    texts = (report.diagnostic_code, told, notice if alone or not (told or report.diagnostic_code) else "")
    made_from = report.original_recipient if "@" in report.final_recipient else ""
    if report.actual_recipient:
        made_from, final = report.final_recipient, report.actual_recipient
    else:
        made_from, final = made_from or (mention.made_from if mention else ""), report.final_recipient
    failure = _build(report.recipient() or None, (status, reply), texts)
    return _mark_forwarded(failure, final, made_from)


def of_mention(mention: Mention, notice: str, alone: bool) -> Failure:
    """A failure from free text only: from what is said of the recipient alone, else from what is said of all."""
    failure = _of_lines(mention, mention.text(), notice, alone)
    if mention.shared and not says_why(failure):
        return _of_lines(mention, "\n".join(mention.shared), notice, alone)
    return failure


def _of_lines(mention: Mention, told: str, notice: str, alone: bool) -> Failure:
    around = f"{told}\n{notice}" if alone else told
    status = choose_status(told, None, around)
    reply = choose_reply((told, around), status)
    failure = _build(mention.address or None, (status, reply), (told, "", notice if alone or not told.strip() else ""))
    return _mark_forwarded(failure, mention.address, mention.made_from)


def of_nobody(notice: str) -> Failure:
    """A notice that names no recipient still says why."""
    status = choose_status(notice, None, "")
    return _build(None, (status, choose_reply((notice,), status)), (notice, "", ""))


def says_why(failure: Failure) -> bool:
    """True if the failure has a code or a cause."""
    return failure.error_status != OTHERS or failure.status is not None or failure.reply is not None


def _build(recipient: str | None, codes: tuple[str | None, str | None], texts: tuple[str, str, str]) -> Failure:
    classified = classify(texts, *codes, recipient or "")
    return Failure(
        recipient=recipient,
        status=codes[0],
        reply=codes[1],
        error_status=classified.error_status,
        diagnostic=_join(texts),
        evidence=classified.evidence,
        rule=classified.rule,
    )


def _join(texts: tuple[str, ...]) -> str:
    """The words of all texts, each line once, the most telling text first."""
    lines: dict[str, None] = {}
    for text in texts:
        for line in text.split("\n"):
            short = " ".join(line.split())
            if short:
                lines.setdefault(short)
    return "\n".join(lines)[:MAX_DIAGNOSTIC]


def _mark_forwarded(failure: Failure, final: str, made_from: str) -> Failure:
    """CMC's 6: the failure is at another address than the one written to, which is the recipient that CMC shows.

    Another domain shows it; a host of the same domain is only the receiver's own inner address."""
    if "@" not in made_from or "@" not in final or _are_related(final, made_from):
        return failure
    return Failure(
        made_from,
        failure.status,
        failure.reply,
        FORWARD_ERROR,
        failure.diagnostic,
        f"{made_from} → {final}",
        "failed at the address it was forwarded to",
    )


def _are_related(one: str, other: str) -> bool:
    registered = _registered(one), _registered(other)
    return registered[0] == registered[1] or not all("." in name for name in registered)  # a bare host: not known


def _registered(address: str) -> str:
    """The domain under which a name is registered, roughly: three labels under co.jp and its like, else two."""
    labels = address.rpartition("@")[2].lower().strip(".").split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if deep else labels[-2:])


def settle_late(found: list[Failure], final: bool) -> tuple[Failure, ...]:
    """A mail that is only late, for no cause that is named, has been tried in vain so far: CMC's 3."""
    if final:
        return tuple(found)
    return tuple(
        replace(failure, error_status=3, rule="not delivered yet") if failure.error_status == OTHERS else failure
        for failure in found
    )


@dataclass(frozen=True, slots=True)
class Classified:
    """error_status with the row (rule) and the line (evidence) that decided it."""

    error_status: int
    rule: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Said:
    """One text: as it stands, and ready for the search."""

    text: str
    flat: Flat


def classify(texts: Iterable[str], status: str | None, reply: str | None, recipient: str = "") -> Classified:
    """Decide the error status.

    texts: what was said about the recipient, the most telling first (the remote system's answer, the notice's lines
    about the recipient, the whole notice); status, reply: the codes chosen from them; recipient: whose address is no
    evidence, however it looks.
    """
    said = [_make_ready(text, recipient) for text in texts if text]
    temporary = is_temporary(status, reply)
    told = _find(receiver_rows(), said) or _find(telling_rows(), said[:2])
    if told:
        return told
    by_code = cause_of_reply(reply) if reply == "556" else cause_of_status(status)  # 556: only domains, RFC 7504, 7505
    subject = (status or "")[2:]
    about_address = (subject.startswith(("1.", "2.")) and not subject.endswith(".0")) or subject == "3.4"  # too large
    told = None if about_address else _find(faulty_rows(), said[:2], temporary)
    if told:
        return told
    if by_code:
        return Classified(by_code.error_status, by_code.name, _line_with(said, status or ""))
    for rows, first in ((telling_rows(), 2), (faulty_rows(), 2), (vague_rows(), 0)):
        told = _find(rows, said[first:], temporary)
        if told:
            return told
    by_reply = cause_of_reply(reply)
    if by_reply:
        return Classified(by_reply.error_status, by_reply.name, _line_with(said, reply or ""))
    return Classified(OTHERS, "no cause is named", said[0].text.strip().split("\n")[0][:300] if said else "")


def _make_ready(text: str, recipient: str) -> _Said:
    stripped = strip_relay(text)
    local_part, _, domain = recipient.rpartition("@")
    if local_part and not recipient.isascii():
        stripped = stripped.replace(recipient, " ").replace(domain, " ")
    return _Said(text, make_flat(stripped, local_part))


def _find(table: Table, said: list[_Said], temporary: bool = False) -> Classified | None:
    for one in said:
        found = find_cause(table, one.flat)
        if found:
            cause = _mean_here(found[0], one.text, temporary)
            return Classified(cause.error_status, cause.name, _line_of(one.text, found[1]))
    return None


def _mean_here(cause: Cause, text: str, temporary: bool) -> Cause:
    """What the row means where it stands: a fault that was met until the end of the queue time is CMC's 3."""
    if cause.error_status == 2 and _NO_SUCH_HOST.search(text):
        cause = _HOST_ROW
    if cause.error_status in (1, 2) and _SENDER_STAGE.search(text):
        return _BY_SENDER
    later = (
        cause.error_status == 7 or cause is GREETING or cause.name == MAILBOX_UNAVAILABLE
    )  # RFC 5321: 450 for "busy"
    return _LATER if temporary and later else cause


def _line_of(text: str, phrase: str) -> str:
    """The first line that holds the phrase, or its first piece; the text's beginning if lines break within it."""
    first = phrase.split(" … ")[0].strip()
    lines = text.split("\n")
    for line in lines:
        if holds(line, first):
            return line.strip()[:300]
    start = first.split(" ")[0]
    for line in lines:
        if start in line.lower():
            return line.strip()[:300]
    return text.strip().split("\n")[0][:300]


def _line_with(said: list[_Said], code: str) -> str:
    for one in said:
        for line in one.text.split("\n"):
            if code in line:
                return line.strip()[:300]
    return ""
