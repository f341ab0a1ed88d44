"""Courier: dsnheader, dsnfailed, dsndelayed."""

from collections.abc import Callable

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Text = Callable[[Mail], str]


def test_the_dialogue_is_quoted_below_the_address(bounce: Bounce, text_of: Text) -> None:
    text = text_of(bounce("courier/unknown-user", failed=("a@b.example",)))
    lines = text.partition("<a@b.example>:\n")[2].split("\n")
    assert lines[1:3] == ["    >>> RCPT TO:<a@b.example>", "    <<< 550 User unknown."]


def test_the_heading_tells_failure_from_delay(bounce: Bounce, text_of: Text) -> None:
    assert "           UNDELIVERABLE MAIL\n" in text_of(bounce("courier/unknown-user"))
    assert "           DELAYED MAIL\n" in text_of(bounce("courier/delayed"))
