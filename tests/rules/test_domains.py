"""The one form of a domain that is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.rules.domains import NotADomain, is_label, parse_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("mailform.example.com", "mailform.example.com"),
        ("MailForm.Example.COM.", "mailform.example.com"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｍａｉｌ．example.com", "mail.example.com"),
        ("xn--r8jz45g.example.com", "xn--r8jz45g.example.com"),
        (f"{'a' * 63}.example.com", f"{'a' * 63}.example.com"),
        ("1.2.example", "1.2.example"),
    ],
)
def test_parse_domain_gives_the_form_that_is_compared(text: str, domain: str) -> None:
    assert parse_domain(text) == domain
    assert parse_domain(domain) == domain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "domain_empty"),
        (" \t", "domain_empty"),
        ("info@example.com", "domain_address"),
        ("*.example.com", "domain_wildcard"),
        ("192.0.2.1", "domain_ip"),
        ("[192.0.2.1]", "domain_ip"),
        ("[IPv6:2001:db8::1]", "domain_ip"),
        ("1.2.3", "domain_ip"),
        ("localhost", "domain_no_dot"),
        ("a..example.com", "domain_characters"),
        (".example.com", "domain_characters"),
        ("example.com..", "domain_characters"),
        ("a b.example.com", "domain_characters"),
        ("a_b.example.com", "domain_characters"),
        ("-a.example.com", "domain_characters"),
        ("xn--zz.example.com", "domain_characters"),
        ("a\n.example.com", "domain_characters"),
        ("\ud800.example.com", "domain_characters"),
        (f"{'a' * 64}.example.com", "domain_label_length"),
        (f"{'語' * 60}.example.com", "domain_label_length"),
        (".".join(["a" * 60] * 5), "domain_length"),
    ],
)
def test_parse_domain_says_why_a_text_is_no_domain(text: str, reason: str) -> None:
    with pytest.raises(NotADomain) as refused:
        parse_domain(text)
    assert refused.value.reason == reason


@given(st.text())
def test_parse_domain_is_total_and_settles_at_once(text: str) -> None:
    try:
        domain = parse_domain(text)
    except NotADomain:
        return
    assert domain.isascii() and domain == domain.lower() and len(domain) <= 253
    assert parse_domain(domain) == domain


@pytest.mark.parametrize("text", ["pro", "a-1", "1", "a" * 63])
def test_a_label(text: str) -> None:
    assert is_label(text)


@pytest.mark.parametrize("text", ["", "a" * 64, "-a", "a-", "Pro", "a.b", "会社", "a_b", "a\n", "-"])
def test_no_label(text: str) -> None:
    assert not is_label(text)
