"""Read one bounce: who failed, with what codes, why (CMC's error status) and on what evidence. Pure and total.

A mail is made a Notice once, and handed down a list of readers; the first that knows what it is gives the verdict. RFC
3464 and 6533 reports come first, texts that mail systems write for people last. flufl.bounce is not asked: what it
finds is found here too, and its detectors take the whole mail apart each time (packaging/dev/bench_bounces.py).
"""

from collections.abc import Callable
from dataclasses import replace

from cmcdesk.mail.bounce.notice import Notice, build_notice
from cmcdesk.mail.bounce.parts import MAX_OCTETS, Parts, take_apart, take_text_apart
from cmcdesk.mail.bounce.phrases.marks import unquote_forwarded
from cmcdesk.mail.bounce.report import read_fields_in_text, read_notification, read_report
from cmcdesk.mail.bounce.text import read_other_kind, read_text
from cmcdesk.mail.bounce.verdict import BounceVerdict, Failure, Original

__all__ = ["MAX_OCTETS", "BounceVerdict", "Failure", "Original", "read_bounce"]

MAX_FORWARDS = 3


def read_bounce(octets: bytes, *, is_from_nobody: bool = False) -> BounceVerdict:
    """The verdict on a mail given as its octets. Any octets give one; only the first MAX_OCTETS are looked at.

    is_from_nobody: MAIL named the null path; the Return-Path field tells it only of a mail that was delivered already
    (RFC 5321 §4.4)."""
    parts = take_apart(octets)
    if is_from_nobody:
        parts.fields.setdefault("return-path", ["<>"])
    return _read(parts, MAX_FORWARDS)


def _read(parts: Parts, forwards: int) -> BounceVerdict:
    notice = build_notice(parts, forwards)
    return _name_only_recipient(next(found for reader in READERS if (found := reader(notice)) is not None))


def read_forwarded(notice: Notice) -> BounceVerdict | None:
    """The verdict on the notice inside of this one, if it knows more: a gateway that wraps a notice into another says
    nothing itself; None if there is none inside."""
    inside = _find_inside(notice) if notice.forwards else None
    if inside is None:
        return None
    outer = read_text(notice)
    if outer.is_bounce and outer.failures[0].recipient:
        return outer
    inner = _read(inside, notice.forwards - 1)
    is_named = inner.is_bounce and inner.failures and inner.failures[0].recipient
    return inner if is_named or not outer.is_bounce else outer


#: In the order in which they are asked. Each gives a verdict, or None: not for me. The last one always gives one.
READERS: tuple[Callable[[Notice], BounceVerdict | None], ...] = (
    read_report,
    read_notification,
    read_fields_in_text,
    read_other_kind,
    read_forwarded,
    read_text,
)


def _name_only_recipient(verdict: BounceVerdict) -> BounceVerdict:
    """CMC reads 宛先 from the failed mail's header; where nobody is named, that is sure if To holds one address."""
    written_to = verdict.original.recipients
    if not verdict.is_bounce or verdict.failures[0].recipient is not None or len(written_to) != 1:
        return verdict
    return replace(verdict, failures=(replace(verdict.failures[0], recipient=written_to[0]),))


def _find_inside(notice: Notice) -> Parts | None:
    """The notice inside of another: attached whole by a gateway, or by somebody who wrote nothing to it, or below
    "Fwd:" with nothing written above it."""
    heading, returned = notice.heading, notice.parts.returned
    if returned and (heading.by_machine or (heading.of_notice and not notice.text.strip())):
        return take_text_apart(returned[0])
    if not (heading.is_forward and heading.of_notice):
        return None
    return take_text_apart("\n".join(unquoted)) if (unquoted := unquote_forwarded(notice.text)) else None
