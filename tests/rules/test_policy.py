import pytest

from cmcdesk.rules.policy import CATCH_UP, Policy, addresses_in, domain_of, first_due, is_spam, next_due

POLICY = Policy.of(["return.example.com"], ["mailform.example.com", "xn--r8jz45g.jp"])


@pytest.mark.parametrize(
    ("address", "route"),
    [
        ("a@return.example.com", "bounce"),
        ("a@mailform.example.com", "inbound"),
        ("a@MailForm.Example.COM", "inbound"),
        ("a+tag@mailform.example.com", "inbound"),
        ("a@例え.jp", "inbound"),
        ("a@XN--R8JZ45G.jp", "inbound"),
        ('"x@y"@mailform.example.com', "inbound"),
        ("a@example.com", None),
        ("a@sub.mailform.example.com", None),
        ("a@xmailform.example.com", None),
        ("a@mailform.example.com.", None),
        ("a@mailform.example.com.evil.example", None),
        ("a@mailform.example.соm", None),  # Cyrillic letters
        ("a@[127.0.0.1]", None),
        ("Postmaster", "bounce"),  # RFC 5321 §4.5.1
        ("postmaster", "bounce"),
        ("postmaster@example.com", None),
        ("a@", None),
        ("", None),
    ],
)
def test_the_domain_decides_the_route(address: str, route: str | None) -> None:
    assert POLICY.route_of(address) == route


def test_a_domain_is_lower_case_and_in_a_labels() -> None:
    assert domain_of("a@例え.JP") == "xn--r8jz45g.jp"
    assert domain_of("a@" + "x" * 70 + "é.jp") == ""


SPAM_POLICY = Policy.of(["return.example.com"], ["mailform.example.com"])


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
        ("<guest@a.example> <info@mailform.example.com>", "x@y.example"),  # the comma is missing
        ('"a..b"@docomo.example', "a..b@docomo.example"),  # quotes are no part of an address
        ("a..b@docomo.example", "x@y.example, " * 30 + '"a..\\b"@docomo.example'),
    ],
)
def test_spam(header_from: str, header_to: str) -> None:
    assert is_spam([header_from.encode()], [header_to.encode()], SPAM_POLICY)


@pytest.mark.parametrize(
    ("header_from", "header_to"),
    [
        ("guest@a.example", "info@mailform.example.com"),
        ('"info@mailform.example.com" <guest@a.example>', "info@mailform.example.com"),
        ("guest@sub.mailform.example.com", "x@y.example"),
        ("", ""),
        ("not an address", "not an address"),
        ('"a@b"@c.example', "b@c.example"),
    ],
)
def test_no_spam(header_from: str, header_to: str) -> None:
    assert not is_spam([header_from.encode()], [header_to.encode()], SPAM_POLICY)


def test_all_fields_of_a_name_count() -> None:
    assert is_spam([b"a@a.example", b"info@mailform.example.com"], [], SPAM_POLICY)


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
    assert is_spam([form % b"info@mailform.example.com"], [b"x@y.example"], SPAM_POLICY)
    assert is_spam([b"A@x.example"], [form % b"a@X.example"], SPAM_POLICY)
    assert not is_spam([form % b"guest@x.example"], [b"info@mailform.example.com"], SPAM_POLICY)


def test_a_name_that_holds_an_address_is_no_address_however_long() -> None:
    name = b'"' + b"info@mailform.example.com, " * 500 + b'" <guest@a.example>'
    assert not is_spam([name], [b"info@mailform.example.com"], SPAM_POLICY)


IDN = [
    ("x@\u4f8b.example", "x@xn--fsq.example"),
    ("X@\u4f8b.EXAMPLE", "x@XN--FSQ.example"),
    ("x@b\u00fccher.example", "<x@xn--bcher-kva.example>"),
    ("N <x@\u65e5\u672c\u8a9e\uff0eexample>", "x@xn--wgv71a119e.example"),
    ("\u5c71@\u4f8b.example", "\u5c71@xn--fsq.example"),
]


@pytest.mark.parametrize(("one", "other"), IDN)
def test_both_forms_of_a_domain_are_one(one: str, other: str) -> None:
    assert is_spam([one.encode()], [other.encode()], SPAM_POLICY)
    assert is_spam([other.encode()], [one.encode()], SPAM_POLICY)
    own = Policy.of([], [other.strip("<>").rpartition("@")[2].lower()])
    assert is_spam([one.encode()], [b"z@z.example"], own)
    assert is_spam([other.encode()], [b"z@z.example"], own)


def test_the_first_mail_of_a_session_waits_one_interval() -> None:
    assert first_due(connected_at=5.0, interval=0.1) == 5.1


def test_a_punctual_250_is_followed_one_interval_later() -> None:
    assert next_due(due=10.0, left_at=10.0, interval=0.1) == 10.1


def test_a_late_250_is_made_up_by_at_most_two_milliseconds() -> None:
    assert next_due(due=10.0, left_at=10.001, interval=0.1) == 10.1
    assert next_due(due=10.0, left_at=10.005, interval=0.1) == 10.005 + 0.1 - CATCH_UP


def test_an_idle_session_saves_nothing_up() -> None:
    assert next_due(due=10.0, left_at=70.0, interval=0.1) >= 70.09


def test_the_mean_is_the_interval_when_every_timer_is_a_little_late() -> None:
    due = left = 0.0
    for number in range(1, 1001):
        due = next_due(due, left, 0.01)
        left = due + (0.0015 if number % 2 else 0.0005)
    assert abs(left / 1000 - 0.01) < 0.0001
