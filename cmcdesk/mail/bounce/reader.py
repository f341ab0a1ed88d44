"""Read one bounce: who failed, with what codes, why (CMC's error status) and on what evidence. Pure and total.

RFC 3464 and 6533 reports first; else the texts that mail systems write for people. flufl.bounce is not asked: what it
finds is found here too, and its detectors take the whole mail apart each time (packaging/dev/bench_bounces.py).
"""

from dataclasses import replace

from cmcdesk.mail.bounce import failures
from cmcdesk.mail.bounce.classify import OTHERS
from cmcdesk.mail.bounce.clipping import clip_notice
from cmcdesk.mail.bounce.freetext import MAX_FOUND, Mention, find_any, find_mentions
from cmcdesk.mail.bounce.notification import read_notification
from cmcdesk.mail.bounce.originals import find_addresses, read_original
from cmcdesk.mail.bounce.parts import MAX_OCTETS, Parts, parts_of, read_parts
from cmcdesk.mail.bounce.phrases import marks
from cmcdesk.mail.bounce.phrases.openings import closed_rows, expired_rows, put_off_rows
from cmcdesk.mail.bounce.phrases.phrases import Flat, find_cause, flatten
from cmcdesk.mail.bounce.phrases.relays import decode_octal
from cmcdesk.mail.bounce.recognising import Heading, Recognised, find_other_kind, read_heading, recognise_text
from cmcdesk.mail.bounce.report import RecipientReport, has_report, read_report
from cmcdesk.mail.bounce.verdict import Failure, Original, Verdict

__all__ = ["MAX_OCTETS", "Failure", "Original", "Verdict", "read_bounce"]

MAX_FORWARDS = 3
FEW = 20
_DONE = ("delivered", "relayed", "expanded")  # RFC 3464 §2.3.3: nothing failed


def read_bounce(octets: bytes) -> Verdict:
    """The verdict on a mail given as its octets. Any octets give one; only the first MAX_OCTETS are looked at."""
    return _read(read_parts(octets), MAX_FORWARDS)


def _read(parts: Parts, forwards: int) -> Verdict:
    heading = read_heading(parts)
    text = decode_octal(parts.text())
    lines, tail = clip_notice(text)
    notice = "\n".join(line for line in lines if line)
    reports, stated = _find_reports(parts, heading, text)
    unsettled = [report for report in reports if report.action in ("", "delayed")]
    if unsettled:
        _settle_actions(unsettled, flatten(notice))
    failed = [report for report in reports if _is_failed(report)]
    delayed = [report for report in reports if report.action == "delayed"]
    other = find_other_kind(parts, heading, text)
    if other and not (failed or delayed):
        return Verdict(False, False, other or "")
    original = read_original(parts, tail)
    if failed or delayed:
        for report in failed or delayed:
            report.final_recipient = _name_recipient(report, parts, original)
        found = _failures_of(failed or delayed, parts, (lines, notice))
        return Verdict(True, bool(failed), stated, _settle(found, bool(failed)), original)
    if reports or stated:
        return Verdict(False, False, "a report of success" if reports else stated)
    inner = _find_forwarded(parts, heading, text) if forwards else None
    recognised = recognise_text(parts, heading, notice)
    if not recognised.is_notice and inner is not None:
        return _read(inner, forwards - 1)
    if not recognised.is_notice:
        return Verdict(False, False, recognised.rule)
    verdict = _verdict_of_text(parts, recognised, (lines, notice, tail or "\n".join(parts.returned[:1])), original)
    if inner is not None and verdict.failures[0].recipient is None:
        verdict = _choose(_read(inner, forwards - 1), verdict)
    return _name_only_recipient(verdict)


def _choose(inner: Verdict, outer: Verdict) -> Verdict:
    """A gateway that wraps a notice into another says nothing itself."""
    return inner if inner.is_bounce and inner.failures and inner.failures[0].recipient else outer


def _name_only_recipient(verdict: Verdict) -> Verdict:
    """CMC reads 宛先 from the failed mail's header; where nobody is named, that is sure if To holds one address."""
    failure, written_to = verdict.failures[0], verdict.original.recipients
    if failure.recipient is not None or len(written_to) != 1:
        return verdict
    return replace(verdict, failures=(replace(failure, recipient=written_to[0]),))


def _find_reports(parts: Parts, heading: Heading, text: str) -> tuple[list[RecipientReport], str]:
    """Recipient groups and the rule that found them; a rule without groups: a notification of another kind."""
    reports = [report for source in parts.reports for report in read_report(source)]
    if reports:
        return reports, "RFC 3464 delivery report"
    notified = read_notification(text) if '{"' in text or '{ "' in text else None
    if notified is not None:
        return notified, "a sending service's notification in JSON"
    marked = heading.by_machine or heading.of_notice
    if marked and not heading.is_forward and has_report(text):
        found = read_report(text)
        return found, "RFC 3464 fields in the text" if found else ""
    return [], ""


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


def _failures_of(reports: list[RecipientReport], parts: Parts, notice: tuple[list[str], str]) -> list[Failure]:
    mentions = find_mentions(notice[0], _own_addresses(parts))
    by_address = {mention.address.lower(): mention for mention in mentions}
    alone = len({report.recipient().lower() for report in reports}) == 1
    found: dict[str, Failure] = {}
    whole = notice[1] if len(reports) <= FEW else notice[1][:300]  # time must not grow with recipients times text
    for report in reports:
        if "@" not in report.recipient() and mentions:
            report.final_recipient = mentions[0].address
        if report.recipient().lower() in found:
            continue
        told = by_address.get(report.recipient().lower()) or by_address.get(report.actual_recipient.lower())
        if told is None and alone and len(mentions) == 1:
            told = mentions[0]
        failure = failures.of_report(report, told, whole, alone)
        found[report.recipient().lower()] = failure
    return list(found.values())


def _name_recipient(report: RecipientReport, parts: Parts, original: Original) -> str:
    """A report may name a file, a program (Exim), a local part or nobody: the header then tells whose it was, or the
    returned mail's To, if it holds one address, or one with that local part."""
    named = report.recipient()
    if "@" in named:
        return report.final_recipient
    for addresses in (find_addresses(parts.first("x-failed-recipients")), original.recipients):
        alike = [address for address in addresses if address.lower().startswith(f"{named.lower()}@")]
        if len(alike or addresses) == 1:
            return (alike or list(addresses))[0]
    return report.final_recipient


def _own_addresses(parts: Parts) -> frozenset[str]:
    return frozenset(
        address.lower() for name in ("to", "from", "reply-to") for address in find_addresses(parts.first(name))
    )


def _verdict_of_text(
    parts: Parts, recognised: Recognised, notice: tuple[list[str], str, str], original: Original
) -> Verdict:
    lines, whole, returned = notice
    own = _own_addresses(parts)
    mentions = find_mentions(lines, own)
    listed = find_addresses(",".join(parts.fields.get("x-failed-recipients", [])))
    if listed:
        known = {mention.address.lower(): mention for mention in mentions}
        mentions = [known.get(address.lower()) or Mention(address) for address in listed[:MAX_FOUND]]
    elif not mentions:
        mentions = find_any(lines, own, returned)
    alone = len(mentions) == 1
    said = whole if len(mentions) <= FEW else whole[:300]
    found = [failures.of_mention(mention, said, alone) for mention in mentions]
    settled = _settle(found or [failures.of_nobody(whole)], recognised.final)
    return Verdict(True, recognised.final, recognised.rule, settled, original)


def _settle(found: list[Failure], final: bool) -> tuple[Failure, ...]:
    """A mail that is only late, for no cause that is named, has been tried in vain so far: CMC's 3."""
    if final:
        return tuple(found)
    return tuple(
        replace(one, error_status=3, rule="not delivered yet") if one.error_status == OTHERS else one for one in found
    )


def _find_forwarded(parts: Parts, heading: Heading, text: str) -> Parts | None:
    """The notice inside a forwarded one: attached whole by a gateway, or below "Fwd:" with nothing written above it."""
    if parts.returned and (heading.by_machine or heading.of_notice):
        return parts_of(parts.returned[0])
    if not (heading.is_forward and heading.of_notice):
        return None
    if parts.returned and not text.strip():
        return parts_of(parts.returned[0])
    return parts_of("\n".join(unquoted)) if (unquoted := marks.unquote_forwarded(text)) else None
