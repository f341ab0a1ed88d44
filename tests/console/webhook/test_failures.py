"""Webhook failures are told in the language of the page."""

import re

import pytest
from flask_babel import force_locale

from cmcdesk.console.webhook.failures import BEGINNINGS, KNOWN, find_unlisted_host, tell_failure
from cmcdesk.rules.reach import Reach
from cmcdesk.webhook.courier import describe_failure

from ..conftest import Console

ERRORS = [
    *KNOWN,
    *(f"{beginning}x" for beginning, _told in BEGINNINGS),
    "answer longer than 65536 octets, the rest was not read",
    f"answer cut off: {describe_failure(TimeoutError())}",
    describe_failure(ConnectionRefusedError(111, "Connection refused")),
]


@pytest.mark.parametrize("error", ERRORS)
def test_each_is_told_in_japanese_and_english(console: Console, error: str) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        with force_locale("ja"):
            told = tell_failure(error)
            assert re.search("[ぁ-ん]", told) and not re.search("[a-z]{3}", told), told
        with force_locale("en"):
            assert tell_failure(error).isascii()


def test_what_is_not_known_stays_as_it_is(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert tell_failure("something else") == "something else"
        assert tell_failure(None) == ""


def test_destinations_that_are_refused_are_told_with_the_way_to_list_them(console: Console) -> None:
    reach = Reach()
    cases = [
        (reach.refuse_host("http", "app"), "app は", "app"),
        (reach.refuse_address("hook.example", "10.0.0.5"), "10.0.0.5", "hook.example"),
        (reach.refuse_host("https", "169.254.1.1"), "リンクローカル", None),
        (reach.refuse_address("hook.example", "169.254.1.1"), "リンクローカル", None),
        ("timed out", "時間切れ", None),
    ]
    with console.desk.app.test_request_context("/", base_url=console.base), force_locale("ja"):
        for error, part, host in cases:
            assert error and part in tell_failure(error) and find_unlisted_host(error) == host
            assert not re.search("listed|link-local|public", tell_failure(error))
