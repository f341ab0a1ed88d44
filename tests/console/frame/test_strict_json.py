"""What is no JSON here (what the API answers to it: test_no_500.py)."""

from typing import Any

import pytest
from flask import Flask

from cmcdesk.console.frame.strict_json import DEEPEST, StrictJson, is_deep

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
