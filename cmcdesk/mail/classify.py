"""From what the mail systems said to CMC's error status (1 … 11, 99), with the evidence that decided it.

CMC publishes what each number means, not how it is found; the tables in `causes` and the order here are ours. Words
weigh more than a status code, which many systems fill in by habit (5.0.0, 5.1.1, 5.5.0); a code more than vague words.
10 and 11 are the sending side's own; only services that send for others write bounces about them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cmcdesk.mail.causes.phrases import Cause, Flat, Row, find_cause, flatten
from cmcdesk.mail.causes.statuses import cause_of_reply, cause_of_status
from cmcdesk.mail.causes.wording import faulty_rows, receiver_rows, telling_rows, vague_rows

OTHERS = 99
FORWARD_ERROR = 6
_NO_SUCH_HOST = re.compile(
    r"(?<![@\w.-])(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}[>'\"]?"
    r" (?:does not exist|doesn't exist|couldn't be found|not found)",
    re.I,
)
# The stage at which the sender is judged: a refusal there is one of the sender (Exim, Postfix, Sendmail wording)
_SENDER_STAGE = re.compile(r"(?:after|in reply to|>>>) (?:MAIL FROM|EHLO|HELO|initial connection)", re.I)
# Amazon SES until 2012: its own summary first, then the remote answer: 5.1.0 - Unknown address error 550-'5.7.1 …'
_OWN_SUMMARY = re.compile(r"^[45]\.\d\.\d - [\w ,/]{3,60}? (?=[45]\d\d-')")
# What Postfix, Exim and others say in every notice; "recipients … unknown" must not be read out of it
_SAID_ALWAYS = re.compile(r"to\s+one\s+or\s+more\s+(?:of\s+(?:its|your|the)\s+)?(?:other\s+)?recipients", re.I)
_BY_SENDER = Cause(4, "refused when the sender was named", ())
_HOST_ROW = Cause(1, "a host name that does not exist", ())


@dataclass(frozen=True, slots=True)
class Classified:
    """error_status with the row (rule) and the line (evidence) that decided it."""

    error_status: int
    rule: str
    evidence: str


def classify(texts: Iterable[str], status: str | None, reply: str | None) -> Classified:
    """Decide the error status.

    texts: what was said about the recipient, the most telling first (the remote system's answer, the notice's lines
    about the recipient, the whole notice); status, reply: the codes chosen from them.
    """
    said = [_SAID_ALWAYS.sub("", _OWN_SUMMARY.sub("", text)) for text in texts if text]
    flats = [flatten(text) for text in said]
    told = _find(receiver_rows(), said, flats) or _find(telling_rows(), said[:2], flats[:2])
    if told:
        return told
    by_code = cause_of_status(status)
    about_address = (status or "")[2:].startswith(("1.", "2.")) and not (status or "").endswith(".0")
    told = None if about_address else _find(faulty_rows(), said[:2], flats[:2])
    if told:
        return told
    if by_code:
        return Classified(by_code.error_status, by_code.name, _line_with(said, status or ""))
    for rows, first in ((telling_rows(), 2), (faulty_rows(), 2), (vague_rows(), 0)):
        told = _find(rows, said[first:], flats[first:])
        if told:
            return told
    by_reply = cause_of_reply(reply)
    if by_reply:
        return Classified(by_reply.error_status, by_reply.name, _line_with(said, reply or ""))
    return Classified(OTHERS, "no cause is named", said[0].strip().split("\n")[0][:300] if said else "")


def _find(rows: tuple[Row, ...], texts: list[str], flats: list[Flat]) -> Classified | None:
    for text, flat in zip(texts, flats, strict=True):
        found = find_cause(rows, flat)
        host = _NO_SUCH_HOST.search(text) if found and found[0].error_status == 2 else None
        if found:
            cause = _HOST_ROW if host else found[0]
            if cause.error_status in (1, 2) and _SENDER_STAGE.search(text):
                cause = _BY_SENDER
            return Classified(cause.error_status, cause.name, _line_of(text, found[1]))
    return None


def _line_of(text: str, phrase: str) -> str:
    """The first line that holds the phrase, or its first piece; the text's beginning if lines break within it."""
    first = phrase.split(" … ")[0].strip()
    for line in text.split("\n"):
        flat = flatten(line)
        if first in flat.whole or (flat.dense and first in flat.dense):
            return line.strip()[:300]
    start = first.split(" ")[0]
    for line in text.split("\n"):
        if start in line.lower():
            return line.strip()[:300]
    return text.strip().split("\n")[0][:300]


def _line_with(texts: list[str], code: str) -> str:
    for text in texts:
        for line in text.split("\n"):
            if code in line:
                return line.strip()[:300]
    return ""
