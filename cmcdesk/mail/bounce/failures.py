"""Failures from what was found: the report's groups, the recipients the text names, their codes, cause and words."""

from cmcdesk.mail.bounce.classify import FORWARD_ERROR, classify
from cmcdesk.mail.bounce.codes import choose_reply, choose_status
from cmcdesk.mail.bounce.freetext import Mention
from cmcdesk.mail.bounce.report import RecipientReport
from cmcdesk.mail.bounce.verdict import Failure

MAX_DIAGNOSTIC = 2000


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
    """A failure from free text only."""
    told = mention.text()
    around = f"{told}\n{notice}" if alone else told
    status = choose_status(told, None, around)
    reply = choose_reply((told, around), status)
    failure = _build(mention.address or None, (status, reply), (told, "", notice if alone or not told.strip() else ""))
    return _mark_forwarded(failure, mention.address, mention.made_from)


def of_nobody(notice: str) -> Failure:
    """A notice that names no recipient still says why."""
    status = choose_status(notice, None, "")
    return _build(None, (status, choose_reply((notice,), status)), (notice, "", ""))


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
