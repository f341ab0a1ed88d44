"""From what the mail systems said to CMC's error status (1 … 11, 99), with the evidence that decided it.

CMC publishes what each number means, not how it is found; the tables in `phrases` and the order here are ours. Words
weigh more than a status code, which many systems fill in by habit (5.0.0, 5.1.1, 5.5.0); a code more than vague words.
10 and 11 are the sending side's own; only services that send for others write bounces about them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cmcdesk.mail.bounce.phrases.phrases import Cause, Flat, Table, find_cause, flatten, holds
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
    about_address = (status or "")[2:].startswith(("1.", "2.")) and not (status or "").endswith(".0")
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
    return _Said(text, flatten(stripped, local_part))


def _find(table: Table, said: list[_Said], temporary: bool = False) -> Classified | None:
    for one in said:
        found = find_cause(table, one.flat)
        if found:
            cause = _settle(found[0], one.text, temporary)
            return Classified(cause.error_status, cause.name, _line_of(one.text, found[1]))
    return None


def _settle(cause: Cause, text: str, temporary: bool) -> Cause:
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
