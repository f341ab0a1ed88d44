"""Codes alone."""

import pytest

from cmcdesk.mail.bounce.phrases.statuses import cause_of_reply, cause_of_status


@pytest.mark.parametrize(
    ("status", "error_status"),
    [
        ("5.1.1", 2),
        ("5.1.2", 1),
        ("5.1.3", 9),
        ("4.4.1", 3),
        ("4.4.7", 3),
        ("5.4.6", 7),
        ("5.2.2", 5),
        ("5.3.4", 8),
        ("5.7.1", 4),
        ("5.7.999", 4),
        ("5.4.4", 1),
        ("5.1.10", 2),  # Microsoft's; a null MX is told by words, or by 556
        ("5.0.0", None),
        (None, None),
        ("5.9.9", None),
    ],
)
def test_an_enhanced_status(status: str | None, error_status: int | None) -> None:
    cause = cause_of_status(status)
    assert (cause.error_status if cause else None) == error_status


@pytest.mark.parametrize(
    ("reply", "error_status"), [("552", 5), ("421", 3), ("550", None), ("554", None), (None, None)]
)
def test_a_reply(reply: str | None, error_status: int | None) -> None:
    cause = cause_of_reply(reply)
    assert (cause.error_status if cause else None) == error_status
