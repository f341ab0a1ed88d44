"""Codes in running text."""

import pytest

from cmcdesk.mail.bounce.codes import choose_reply, choose_status, find_replies, find_statuses, read_status_field


@pytest.mark.parametrize(
    ("text", "statuses", "replies"),
    [
        ("550 5.1.1 User unknown", ["5.1.1"], ["550"]),
        ("550-5.7.1 first\n550 5.7.1 last", ["5.7.1", "5.7.1"], ["550", "550"]),
        ("Sorry, no mailbox here. (#5.1.1)", ["5.1.1"], []),
        ("#550 5.1.10 RESOLVER", ["5.1.10"], ["550"]),
        ("ERROR_CODE :550, ERROR_CODE :5.1.1", ["5.1.1"], ["550"]),
        ("host mx[5.6.7.8] said", [], []),
        ("version 5.5.1960.3", [], []),
        ("after 450 hours", [], []),
        ("id 550123", [], []),
        ("571 Message refused", [], ["571"]),
        ("250 2.0.0 ok", ["2.0.0"], []),
    ],
)
def test_codes_are_found_where_they_are_codes(text: str, statuses: list[str], replies: list[str]) -> None:
    assert find_statuses(text) == statuses
    assert find_replies(text) == replies


@pytest.mark.parametrize(
    ("remote", "stated", "around", "chosen"),
    [
        ("550 5.7.1 no", "5.0.0", "", "5.7.1"),  # the remote's word is more telling than the relay's field
        ("554 4.4.7 Message expired <421 4.4.2 timed out>", "4.4.7", "", "4.4.7"),  # said twice
        ("554 4.4.7 Message expired <421 4.4.2 timed out>", "4.0.0", "", "4.4.2"),  # the innermost answer
        ("550 User unknown", "5.1.1", "553 5.3.0 no", "5.1.1"),
        ("550 User unknown", "5.0.0", "550 5.7.26 no", "5.7.26"),
        ("550 5.0.0 no", "5.0.0", "550 5.1.1 no", "5.0.0"),
        ("", None, "<-- 250 2.1.0 Ok\n<-- 550 User unknown", None),  # a talk with the other server
        ("", None, "", None),
    ],
)
def test_the_most_telling_status_is_chosen(remote: str, stated: str | None, around: str, chosen: str | None) -> None:
    assert choose_status(remote, stated, around) == chosen


def test_the_reply_beside_the_status_is_chosen() -> None:
    assert choose_reply(("554 4.4.7 expired <421 4.4.2 timed out>",), "4.4.2") == "421"
    assert choose_reply(("", "552 full"), None) == "552"
    assert choose_reply(("nothing",), "5.1.1") is None


def test_a_status_field_may_carry_more_than_a_status() -> None:
    assert read_status_field("5.0.0 (permanent failure)") == "5.0.0"
    assert read_status_field("unknown") is None
