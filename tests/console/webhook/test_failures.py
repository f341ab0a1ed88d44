"""Webhook failures are told in the language of the page."""

import re

import pytest

from cmcdesk.console.webhook.failures import BEGINNINGS, KNOWN, find_unlisted_host, tell_failure
from cmcdesk.rules.reach import Reach
from cmcdesk.rules.texts import same
from cmcdesk.webhook.courier import describe_failure

ERRORS = [
    *KNOWN,
    *(f"{beginning}x" for beginning, _told in BEGINNINGS),
    "answer longer than 65536 octets, the rest was not read",
    f"answer cut off: {describe_failure(TimeoutError())}",
    describe_failure(ConnectionRefusedError(111, "Connection refused")),
]


@pytest.mark.parametrize("error", ERRORS)
def test_each_is_told_in_japanese_and_english(error: str) -> None:
    told = tell_failure(error)
    assert re.search("[ぁ-ん]", told["ja"]) and not re.search("[a-z]{3}", told["ja"]), told
    assert told["en"].isascii()


def test_what_is_not_known_stays_as_it_is() -> None:
    assert tell_failure("something else") == same("something else")
    assert tell_failure(None) == same("")


def test_destinations_that_are_refused_are_told_with_the_way_to_list_them() -> None:
    reach = Reach()
    cases = [
        (reach.refuse_host("http", "app"), "app は", "app"),
        (reach.refuse_address("hook.example", "10.0.0.5"), "10.0.0.5", "hook.example"),
        (reach.refuse_host("https", "169.254.1.1"), "リンクローカル", None),
        (reach.refuse_address("hook.example", "169.254.1.1"), "リンクローカル", None),
        ("timed out", "時間切れ", None),
    ]
    for error, part, host in cases:
        told = tell_failure(error)["ja"]
        assert error and part in told and find_unlisted_host(error) == host
        assert not re.search("listed|link-local|public", told)
