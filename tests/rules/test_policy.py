import pytest

from cmcdesk.rules.policy import Policy, domain_of

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
