"""メール転送: which destinations a mail gets, and that forwarding ends."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cmcdesk.mail.mime.fields import scan_fields
from cmcdesk.rules.forwarding import Destination, Forwards, list_received, list_relayed, mark_forwarded
from cmcdesk.rules.settings import ForwardingFilter

MAIL = (
    b"From: shop@example.com\r\nTo: a@example.net\r\n"
    b"Subject: =?UTF-8?B?44GU5rOo5paH?= 5\r\n\r\nSubject: other\r\n"  # ご注文
)
OWN = ["a@example.net", "b@example.net"]


def compiled(*filters: ForwardingFilter) -> Forwards:
    return Forwards.of(filters)


def forward(name: str, mode: str = "copy", **other: Any) -> ForwardingFilter:
    given = {"header": "subject", "pattern": "ご注文", "address": f"{name}@example.org", **other}
    return ForwardingFilter(name=name, mode=mode, **given)  # type: ignore[arg-type]


def relayed(forwards: Forwards, octets: bytes = MAIL) -> list[tuple[str, str]]:
    fields = scan_fields(octets, forwards.header_names)
    return [(one.address, one.forwarded_by) for one in list_relayed(forwards, fields, OWN)]


def received(forwards: Forwards, octets: bytes = MAIL) -> list[str]:
    return [one.address for one in list_received(forwards, scan_fields(octets, forwards.header_names))]


def test_without_filters_a_mail_goes_to_its_recipients_and_nothing_is_scanned() -> None:
    assert relayed(compiled()) == [(address, "") for address in OWN]
    assert received(compiled()) == []
    assert not compiled().header_names


def test_a_copy_goes_beside_the_recipients_and_a_rewriting_one_takes_their_place() -> None:
    assert relayed(compiled(forward("log"))) == [*((address, "") for address in OWN), ("log@example.org", "log")]
    assert relayed(compiled(forward("log"), forward("test", "rewrite"))) == [
        ("test@example.org", "test"),
        ("log@example.org", "log"),
    ]


def test_of_those_that_rewrite_the_first_counts() -> None:
    both = compiled(forward("first", "rewrite"), forward("second", "rewrite"))
    assert relayed(both) == [("first@example.org", "first")]
    assert received(both) == ["first@example.org"]


def test_the_pattern_is_searched_in_the_decoded_value_of_its_header_alone() -> None:
    assert relayed(compiled(forward("x", pattern="other"))) == [(address, "") for address in OWN]
    assert received(compiled(forward("x", header="From", pattern=r"@example\.com$"))) == ["x@example.org"]
    assert received(compiled(forward("x", header="Cc", pattern="."))) == []


def test_one_address_gets_one_mail() -> None:
    twice = compiled(forward("a", address="A@example.net"), forward("b", address="x@example.org"), forward("x"))
    assert relayed(twice) == [("a@example.net", ""), ("b@example.net", ""), ("x@example.org", "b")]


def test_a_forwarded_mail_is_not_forwarded_there_again() -> None:
    forwards = compiled(forward("ping"), forward("pong", "rewrite", address="Pong@example.org"))
    once = mark_forwarded(MAIL, "ping@example.org")
    assert once == b"Delivered-To: ping@example.org\r\n" + MAIL
    assert received(forwards, once) == ["Pong@example.org"]
    assert received(forwards, mark_forwarded(once, "PONG@example.org")) == []
    assert relayed(forwards, mark_forwarded(once, "pong@example.org")) == [(address, "") for address in OWN]


def test_a_pattern_that_runs_away_forwards_nothing_and_is_named() -> None:
    forwards = compiled(forward("slow", pattern="(a|aa)+$", header="X-A"), forward("log"))
    for number in range(3):
        octets = b"X-A: " + b"a" * (200 + number) + b"!\r\n" + MAIL
        assert received(forwards, octets) == ["log@example.org"]
    assert [pattern.filter for pattern in forwards.set_aside()] == ["slow"]


FILTERS = st.lists(
    st.builds(
        forward,
        st.sampled_from("abcd"),
        st.sampled_from(["copy", "rewrite"]),
        pattern=st.sampled_from(["ご注文", "nothing"]),
    ),
    unique_by=lambda one: one.name,
)


@settings(max_examples=30)
@given(FILTERS)
def test_every_mail_goes_somewhere_once_and_forwarding_comes_to_an_end(filters: list[ForwardingFilter]) -> None:
    forwards = compiled(*filters)
    fields = scan_fields(MAIL, forwards.header_names)
    destinations = list_relayed(forwards, fields, OWN)
    addresses = [one.address for one in destinations]
    assert addresses and len(set(addresses)) == len(addresses)
    assert {Destination(address) for address in OWN} <= set(destinations) or any(
        one.mode == "rewrite" and one.pattern == "ご注文" for one in filters
    )
    waiting, hops = [MAIL], 0
    while waiting and hops <= len(filters):
        waiting = [mark_forwarded(octets, address) for octets in waiting for address in received(forwards, octets)]
        hops += 1
    assert not waiting
