import pytest

from cmcdesk.rules.policy import Policy
from cmcdesk.rules.spam import addresses_in, is_spam

POLICY = Policy.of(["return.example.com"], ["mailform.example.com"])


@pytest.mark.parametrize(
    ("header_from", "header_to"),
    [
        ("info@mailform.example.com", "x@y.example"),
        ("Info <INFO@MailForm.Example.com>", "x@y.example"),
        ("info@return.example.com", "x@y.example"),
        ("same@a.example", "Same <SAME@A.example>"),
        ("=?utf-8?B?5ZCN5YmN?= <info@mailform.example.com>", "x@y.example"),
        ('"Doe, John" <info@mailform.example.com>', "x@y.example"),
        ("a@a.example, b@b.example", "c@c.example, b@b.example"),
        ("(comment) info@mailform.example.com", ""),
    ],
)
def test_spam(header_from: str, header_to: str) -> None:
    assert is_spam([header_from.encode()], [header_to.encode()], POLICY)


@pytest.mark.parametrize(
    ("header_from", "header_to"),
    [
        ("guest@a.example", "info@mailform.example.com"),
        ('"info@mailform.example.com" <guest@a.example>', "info@mailform.example.com"),
        ("guest@sub.mailform.example.com", "x@y.example"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_no_spam(header_from: str, header_to: str) -> None:
    assert not is_spam([header_from.encode()], [header_to.encode()], POLICY)


def test_all_fields_of_a_name_count() -> None:
    assert is_spam([b"a@a.example", b"info@mailform.example.com"], [], POLICY)


def test_addresses_are_found_in_odd_fields() -> None:
    assert addresses_in([b"Group: a@a.example, <B@b.example>;"]).addresses == {"a@a.example", "b@b.example"}
    assert addresses_in([b'"\xff\xfe" <c@c.example>', b"<>", b"<<<"]).addresses >= {"c@c.example"}


LONG_FORMS = [
    b'"' + b"a" * 5000 + b'" <%b>',
    b"a" * 20_000 + b" <%b>",
    b"x@y.example, " * 10_000 + b"%b",
    b"(" + b"c" * 9000 + b") %b",
    b"=?utf-8?Q?" + b"=E5" * 3000 + b"?= <%b>",
]


@pytest.mark.parametrize("form", LONG_FORMS, ids=lambda form: form[:12].decode())
def test_a_long_field_is_judged_by_all_of_it(form: bytes) -> None:
    assert is_spam([form % b"info@mailform.example.com"], [b"x@y.example"], POLICY)
    assert is_spam([b"A@x.example"], [form % b"a@X.example"], POLICY)
    assert not is_spam([form % b"guest@x.example"], [b"info@mailform.example.com"], POLICY)


def test_a_name_that_holds_an_address_is_no_address_however_long() -> None:
    name = b'"' + b"info@mailform.example.com, " * 500 + b'" <guest@a.example>'
    assert not is_spam([name], [b"info@mailform.example.com"], POLICY)


IDN = [
    ("x@\u4f8b.example", "x@xn--fsq.example"),
    ("X@\u4f8b.EXAMPLE", "x@XN--FSQ.example"),
    ("x@b\u00fccher.example", "<x@xn--bcher-kva.example>"),
    ("N <x@\u65e5\u672c\u8a9e\uff0eexample>", "x@xn--wgv71a119e.example"),
    ("\u5c71@\u4f8b.example", "\u5c71@xn--fsq.example"),
]


@pytest.mark.parametrize(("one", "other"), IDN)
def test_both_forms_of_a_domain_are_one(one: str, other: str) -> None:
    assert is_spam([one.encode()], [other.encode()], POLICY)
    assert is_spam([other.encode()], [one.encode()], POLICY)
    own = Policy.of([], [other.strip("<>").rpartition("@")[2].lower()])
    assert is_spam([one.encode()], [b"z@z.example"], own)
    assert is_spam([other.encode()], [b"z@z.example"], own)
