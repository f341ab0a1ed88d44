"""A form and a JSON object give the same parameters."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, Request
from werkzeug.test import EnvironBuilder

from cmcdesk.console.cmc.calls import (
    CmcError,
    CmcRefused,
    check_names,
    choose_answer_language,
    list_errors,
    read_integer,
    read_parameters,
    refuse_value,
)


def ask(body: bytes, content_type: str | None) -> dict[str, str]:
    builder = EnvironBuilder(method="POST", data=body, content_type=content_type)
    return read_parameters(Request(builder.get_environ()))


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ({"a": "x", "b": 7, "c": -1}, {"a": "x", "b": "7", "c": "-1"}),
        ({"a": "", "b": None, "c": [], "d": {}}, {}),
        ({"a": {"from": "full"}}, {"a": '{"from": "full"}'}),
        ({"日本": "語 & =+"}, {"日本": "語 & =+"}),
    ],
)
def test_json_values_become_texts(content: dict[str, Any], texts: dict[str, str]) -> None:
    assert ask(json.dumps(content).encode(), "application/json") == texts
    assert ask(urlencode(texts | {"empty": ""}).encode(), "application/x-www-form-urlencoded") == texts


def test_a_content_type_with_a_charset_is_read_and_none_holds_nothing() -> None:
    assert ask(b'{"a": "\xe3\x81\x82"}', "application/json; charset=utf-8") == {"a": "あ"}
    assert ask(b"", None) == {}


@pytest.mark.parametrize("octets", [b"", b"null", b"[]", b'"x"', b"{", b"[" * 100_000, b'{"a": \xff}'])
def test_what_is_no_json_object_is_refused(octets: bytes) -> None:
    with pytest.raises(CmcRefused) as refused:
        ask(octets, "application/json")
    assert refused.value.status == 400


def test_all_names_that_are_wrong_are_told_at_once() -> None:
    with pytest.raises(CmcRefused) as refused:
        check_names({"a": "1", "x": "1", "y": "1"}, required=("a", "b"), allowed=("a", "b", "c"))
    assert [error.field for error in refused.value.errors] == ["b", "x", "y"]
    assert "a, b, c" in refused.value.errors[1].message["en"]
    check_names({"a": "1", "b": "1"}, ("a", "b"), ("a", "b", "c"))


@pytest.mark.parametrize("text", ["0", "11", "x", "1.0", "+1", "-1", " 1", "１", "9" * 5000])
def test_integers_outside_of_the_limits_are_refused(text: str) -> None:
    with pytest.raises(CmcRefused, match="from 1 to 10"):
        read_integer({"r": text}, "r", 1, 10, 5)


def test_integers_within_the_limits_and_the_default() -> None:
    assert [read_integer({"r": text}, "r", 1, 10, 5) for text in ("1", "10", "007")] == [1, 10, 7]
    assert read_integer({}, "r", 1, 10, 5) == 5


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
    value = refuse_value("p", {"ja": "だめ", "en": "bad"})
    refused = CmcRefused(400, [CmcError("90-004", "r", {"ja": "だめ", "en": "no"}), *value.errors])
    with Flask("x").test_request_context(headers={"Accept-Language": "en"}):
        errors = list_errors(refused)
    assert errors == [
        {"code": "90-004", "field": "r", "message": "r no"},
        {"code": "90-004", "field": "p", "message": "p bad"},
    ]
    assert str(refused) == "90-004 r: no; 90-004 p: bad"


@pytest.mark.parametrize("field", ["r", "p", "from", "to", "date"])
def test_the_message_names_its_parameter_also_where_its_words_hold_that_name(field: str) -> None:
    refused = refuse_value(field, {"ja": "だめ", "en": "is no date from 1 to 2, perhaps"})
    with Flask("x").test_request_context(headers={"Accept-Language": "en"}):
        assert [each["message"] for each in list_errors(refused)] == [f"{field} is no date from 1 to 2, perhaps"]
