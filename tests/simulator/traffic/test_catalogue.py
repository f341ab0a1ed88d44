"""Every kind of the catalogue: well-formed, repeatable, of any size, recognised by a foreign reader."""

import random
import re
from email import message_from_bytes, policy

import pytest
from flufl.bounce import all_failures

from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.catalogue import CATALOGUE, DIALECTS, find_kind
from simulator.traffic.kinds import Kind

every_kind = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)

# flufl.bounce knows none of these; each is a real notice without a delivery-status part and without a listed opening.
UNKNOWN_TO_FLUFL = {
    "au/net-mailbox-full": 'KDDI\'s "Your mail sent on:" text is not among its patterns',
    "au/net-unknown-host": 'KDDI\'s "Your mail sent on:" text is not among its patterns',
    "softbank/unknown-user": "a Japanese plain text; its patterns are English",
    "softbank/sender-domain": "a Japanese plain text; its patterns are English",
}


@every_kind
def test_octets_are_lines_of_smtp(kind: Kind) -> None:
    octets = make_bounce(random.Random(3), kind.name).octets
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", octets) is None
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert octets.isascii()
    assert octets.endswith(b"\r\n")


@every_kind
def test_the_email_package_finds_no_defect(kind: Kind) -> None:
    message = message_from_bytes(make_bounce(random.Random(4), kind.name).octets, policy=policy.default)
    assert [(part.get_content_type(), part.defects) for part in message.walk() if part.defects] == []
    assert [str(message[name]) for name in ("From", "To", "Subject", "Date") if not message[name]] == []


@every_kind
def test_a_delivery_report_has_a_group_for_each_recipient_and_its_action(kind: Kind) -> None:
    mail = make_bounce(random.Random(4), kind.name)
    message = message_from_bytes(mail.octets)
    parts = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    if message.get_param("report-type") == "delivery-status":
        assert parts
    for part in parts:  # OpenSMTPD has such a part in a multipart/mixed
        groups = [group for group in part.get_payload() if group["Final-Recipient"]]
        assert [group["Action"] for group in groups] == ["failed" if kind.final else "delayed"] * kind.recipients
        named = [group["Final-Recipient"].partition(";")[2].strip(" <>") for group in groups]
        assert named == [one.recipient for one in mail.expectations]


@every_kind
def test_texts_decode_in_the_charset_they_declare(kind: Kind) -> None:
    message = message_from_bytes(make_bounce(random.Random(5), kind.name).octets, policy=policy.default)
    texts = [
        part
        for part in message.walk()
        if part.get_content_maintype() == "text" and ("Content-Type" in part or part is message)
    ]
    assert texts or kind.dialect == "sendmail"  # its first part has no header fields
    for part in texts:
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        assert octets.decode(str(part.get_content_charset("us-ascii")))


@every_kind
def test_the_same_seed_gives_the_same_octets_and_another_seed_others(kind: Kind) -> None:
    first, again, other = (make_bounce(random.Random(seed), kind.name) for seed in (6, 6, 7))
    assert first == again
    assert first.octets != other.octets


@every_kind
def test_flufl_bounce_finds_the_same_recipients(kind: Kind) -> None:
    mail = make_bounce(random.Random(8), kind.name)
    late, failed = all_failures(message_from_bytes(mail.octets))
    expected = {one.recipient.encode() for one in mail.expectations}
    seen = expected if kind.name in UNKNOWN_TO_FLUFL and not late and not failed else failed if kind.final else late
    assert seen == expected


@pytest.mark.parametrize("name", UNKNOWN_TO_FLUFL)
def test_an_exception_is_one(name: str) -> None:
    mail = make_bounce(random.Random(8), name)
    assert all_failures(message_from_bytes(mail.octets)) == (frozenset(), frozenset())


@every_kind
def test_what_is_expected_stands_in_the_mail(kind: Kind) -> None:
    mail = make_bounce(random.Random(9), kind.name)
    assert len(mail.expectations) == kind.recipients
    assert [one.error_status for one in mail.expectations] == [fault.error_status for fault in kind.faults]
    message = message_from_bytes(mail.octets, policy=policy.default)
    leaves = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    everything = mail.octets + b"".join(leaf for leaf in leaves if isinstance(leaf, bytes))
    for one, fault in zip(mail.expectations, kind.faults, strict=True):
        assert one.recipient.encode() in everything
        assert (one.status or "").encode() in everything
        assert (fault.reply or "").encode() in everything


@pytest.mark.parametrize("kind", [kind for kind in CATALOGUE if kind.is_bounce], ids=lambda kind: kind.name)
def test_a_bounce_can_have_any_size_above_its_own(kind: Kind) -> None:
    for size in (12_000, 12_001, 12_077, 40_960):
        assert len(make_bounce(random.Random(10), kind.name, BounceOptions(size=size)).octets) == size


def test_the_catalogue_is_wide() -> None:
    assert len(CATALOGUE) == len({kind.name for kind in CATALOGUE}) >= 40
    assert {kind.error_status for kind in CATALOGUE if kind.is_bounce} == {*range(1, 11), 99}
    assert {kind.language for kind in CATALOGUE} >= {"en", "ja", "de", "fr"}
    assert sum(not kind.final for kind in CATALOGUE) >= 8
    assert sum(kind.recipients > 1 for kind in CATALOGUE) >= 5
    assert sum(not kind.is_bounce for kind in CATALOGUE) >= 5


def test_every_dialect_names_its_document_and_its_kinds_bear_its_name() -> None:
    assert [name for name, dialect in DIALECTS.items() if not dialect.document] == []
    assert {kind.dialect for kind in CATALOGUE} == set(DIALECTS)


def test_dialects_differ_in_their_very_structure() -> None:
    """No two have the same shape: parts, notification without its variable words, order of report fields."""
    shapes = {name: describe_shape(dialect.kinds[0].name) for name, dialect in DIALECTS.items()}
    assert len(set(shapes.values())) == len(shapes)


def describe_shape(kind: str) -> str:
    message = message_from_bytes(make_bounce(random.Random(11), kind).octets)
    fields = [name for part in message.walk() if part.get_content_type() == "text/plain" for name, _ in part.items()]
    opening = message.as_string().partition("\n\n")[2][:300]
    return f"{message.keys()} {[part.get_content_type() for part in message.walk()]} {fields} {opening}"


def test_a_wrong_name_is_answered_with_near_ones() -> None:
    with pytest.raises(KeyError, match="postfix/unknown-user"):
        find_kind("postfix/unkown-user")
