"""Webhook failures are told in the language of the page."""

import re

import pytest
from flask_babel import force_locale

from cmcdesk.console.webhook.failures import BEGINNINGS, KNOWN, tell_failure
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
