"""Shapes: whom a recipient group of a report is about."""

import pytest

from cmcdesk.mail.bounce.verdict import BounceVerdict, Original, RecipientReport


@pytest.mark.parametrize(
    ("final", "original", "actual", "recipient"),
    [
        ("a@x.example", "b@x.example", "", "a@x.example"),
        ("/var/mail/a", "b@x.example", "", "b@x.example"),  # Exim: a file is no address
        ("a@inner-host", "b@x.example", "", "b@x.example"),  # Oracle: a host of its own, which nobody wrote to
        ("a@inner-host", "a", "", "a@inner-host"),
        ("a", "", "c@y.example", "c@y.example"),
        ("a", "b", "", "a"),
        ("", "b", "", "b"),
    ],
)
def test_the_recipient_is_the_first_address_of_a_group(final: str, original: str, actual: str, recipient: str) -> None:
    assert RecipientReport(final, original, actual).recipient() == recipient


def test_a_verdict_without_failures_returns_nothing() -> None:
    assert BounceVerdict(False, False, "x").failures == ()
    assert BounceVerdict(False, False, "x").original == Original()
