"""CMC's shape of errors, in the caller's language."""

import pytest
from flask import Flask

from cmcdesk.console.cmc.errors import CmcError, CmcRefused, answer_refused, choose_answer_language, refuse_value
from cmcdesk.rules.texts import both


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-US", "en"),
        ("de, ja;q=0.1", "ja"),
        ("de", "en"),
        ("", "en"),
    ],
)
def test_japanese_if_asked_for_else_english(asked: str, chosen: str) -> None:
    with Flask("x").test_request_context(headers={"Accept-Language": asked}):
        assert choose_answer_language() == chosen


def test_every_error_has_code_field_and_message() -> None:
    refused = CmcRefused(400, [CmcError("90-004", "r", both("だめ", "no")), *refuse_value("p", "だめ", "bad").errors])
    with Flask("x").test_request_context(headers={"Accept-Language": "en"}):
        answer = answer_refused(refused)
    assert (answer.status_code, answer.headers["Content-Language"]) == (400, "en")
    assert answer.json == {
        "errors": [
            {"code": "90-004", "field": "r", "message": "r no"},
            {"code": "90-004", "field": "p", "message": "p bad"},
        ]
    }
    assert str(refused) == "90-004 r: no; 90-004 p: bad"


def test_a_wrong_method_is_told_which_is_right() -> None:
    with Flask("x").test_request_context():
        assert answer_refused(CmcRefused(405, [])).headers["Allow"] == "POST"
