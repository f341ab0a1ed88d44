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
