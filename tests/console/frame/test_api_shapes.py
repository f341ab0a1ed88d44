"""The shapes of the API's answers."""

from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError

from cmcdesk.console.frame.api_shapes import DEEPEST, Errors, StrictJson, Telemetry, format_instant, is_deep


def test_instants_are_utc_with_milliseconds() -> None:
    assert format_instant(0.5) == "1970-01-01T00:00:00.500Z"
    assert format_instant(None) is None


def test_an_answer_with_an_undeclared_key_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        Telemetry(mail_server={}, worker={}, relay={})  # type: ignore[call-arg]
    assert Errors(errors=[]).as_json() == {"errors": []}


READ = StrictJson(Flask(__name__)).loads


def nest(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("text", [nest(100_000), nest(DEEPEST + 1), '{"a":' * 5000 + "1" + "}" * 5000])
def test_what_is_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too deeply"):
        READ(text)


@pytest.mark.parametrize("text", [r'"\ud800"', r'{"\udfff": 1}', r'[{"a": "x\ud83d"}]'])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        READ(text)


@pytest.mark.parametrize(("text", "value"), [(r'"\ud83d\ude00"', "😀"), (r'"\u0000"', "\0"), ("7", 7), ("[[]]", [[]])])
def test_everything_else_is_read(text: str, value: Any) -> None:
    assert READ(text) == value


def test_depth_is_counted_in_lists_and_tables() -> None:
    assert not is_deep(7, 1) and not is_deep([7], 1) and is_deep([[7]], 1) and is_deep({"a": [{}]}, 2)
    assert READ(nest(DEEPEST))
