"""Bounces of any kind in the catalogue, with what a reader ought to find in them."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from simulator.traffic.catalogue import find_dialect, find_kind
from simulator.traffic.kinds import Case, Dialect, Failure, Fault, Kind
from simulator.traffic.layout import DIGITS, draw_address, draw_moment, draw_token, use_crlf
from simulator.traffic.mail import Filler, Mail, Original, OriginalOptions, fill_original, make_original, read_original

_State = tuple[Any, ...]  # what random.Random.getstate() gives
_ROUNDS = 8
_GIVEN_UP_AFTER = timedelta(days=5)
_WARNED_AFTER = timedelta(hours=4)
_USERS = ("sato", "suzuki", "takahashi", "tanaka", "ito", "watanabe", "yamamoto", "nakamura")


@dataclass(frozen=True)
class BounceOptions:
    """What the bounce is about. Everything left out is drawn from the seed.

    return_address: where the bounce goes: the failed mail's envelope sender. failed: the failed addresses, in the
    kind's order; fewer than the kind tells of are filled up. original: the failed mail itself; else one is made with
    header_from, subject and message_id. moment: when the bounce is written (aware). size: exact octets of the bounce.
    """

    return_address: str = "bounce@return.example.com"
    failed: tuple[str, ...] = ()
    original: Mail | None = None
    header_from: str = "info@example.com"
    subject: str | None = None
    message_id: str | None = None
    moment: datetime | None = None
    size: int | None = None


def make_bounce(rng: random.Random, kind: str, options: BounceOptions | Mail | None = None) -> Mail:
    """Return a mail of that kind (a name of the catalogue). A Mail as `options` is the failed mail.

    Raises KeyError for an unknown kind, ValueError where `size` is smaller than the bounce itself.
    """
    found, wanted = find_kind(kind), _take_options(options)
    if wanted.size is None:
        return _write(rng, found, wanted, None)
    bare = _write_again(rng.getstate(), found, wanted, None)
    if wanted.size < len(bare.octets):
        raise ValueError(f"size: {wanted.size} was asked for, but a {kind} bounce has {len(bare.octets)} octets")
    for in_header in (False, True):  # some dialects return no more than the header
        mail = _lengthen(rng.getstate(), found, wanted, (bare, in_header))
        if mail is not None:
            _write(rng, found, wanted, None)  # the caller's generator goes on as after any bounce
            return mail
    raise ValueError(f"size: a {kind} bounce of {len(bare.octets)} octets cannot be made {wanted.size} long")


def _lengthen(state: _State, kind: Kind, options: BounceOptions, start: tuple[Mail, bool]) -> Mail | None:
    """Return the bounce at the size asked for, None if its dialect does not return what was made longer.

    Rounds, because a dialect may give the returned header twice, and encoded (Exchange).
    """
    mail, in_header = start
    wanted, filler = options.size or 0, 0
    for _ in range(_ROUNDS):
        before, filler = len(mail.octets), filler + wanted - len(mail.octets)
        if before == wanted:
            return mail
        try:
            mail = _write_again(state, kind, options, Filler(filler, in_header))
        except ValueError:
            return None
        if len(mail.octets) == before:
            return None
    return mail if len(mail.octets) == wanted else None


def _write_again(state: _State, kind: Kind, options: BounceOptions, filler: Filler | None) -> Mail:
    rng = random.Random()
    rng.setstate(state)
    return _write(rng, kind, options, filler)


def _take_options(options: BounceOptions | Mail | None) -> BounceOptions:
    if isinstance(options, Mail):
        return BounceOptions(return_address=options.sender, failed=options.recipients, original=options)
    return options or BounceOptions()


def _write(rng: random.Random, kind: Kind, options: BounceOptions, filler: Filler | None) -> Mail:
    dialect = find_dialect(kind)
    case = _set_case(rng, kind, options, dialect)
    if filler is not None:
        case = replace(case, original=fill_original(case.original, filler))
    return Mail(dialect.envelope_sender, (options.return_address,), use_crlf(dialect.write(case)), case.expect())


def _set_case(rng: random.Random, kind: Kind, options: BounceOptions, dialect: Dialect) -> Case:
    moment = options.moment or draw_moment(rng)
    late = any(fault.cause == "retry-timeout" for fault in kind.faults)
    arrival = moment - (timedelta(seconds=3) if not late else _GIVEN_UP_AFTER if kind.final else _WARNED_AFTER)
    failures = tuple(
        _meet(rng, fault, options.failed[at] if at < len(options.failed) else _draw_recipient(rng, dialect.domain))
        for at, fault in enumerate(kind.faults)
    )
    original = _find_original(rng, options, failures, arrival)
    return Case(rng, kind, failures, options.return_address, original, moment, arrival)


def _draw_recipient(rng: random.Random, domain: str) -> str:
    return f"{rng.choice(_USERS)}.{draw_token(rng, 4, DIGITS)}@{domain}"


def _meet(rng: random.Random, fault: Fault, recipient: str) -> Failure:
    domain = recipient.rpartition("@")[2]
    return Failure(recipient, fault, f"mx{rng.randrange(1, 5)}.{domain}", draw_address(rng))


def _find_original(
    rng: random.Random, options: BounceOptions, failures: tuple[Failure, ...], arrival: datetime
) -> Original:
    if options.original is not None:
        return read_original(options.original)
    recipient = failures[0].recipient if failures else options.header_from
    wanted = OriginalOptions(
        options.return_address, options.header_from, recipient, options.subject, options.message_id
    )
    return make_original(rng, wanted, arrival)
