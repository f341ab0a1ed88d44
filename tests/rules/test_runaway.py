"""Patterns that repeat what repeats itself, and those that only look like it."""

import pytest

from cmcdesk.rules.runaway import find_runaway, list_warnings, warn_pattern


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        ("(a+)+$", "(a+)+"),
        ("^x(?:[a-z]*)*!", "(?:[a-z]*)*"),
        (r"(\w+\s?)+$", r"(\w+\s?)+"),
        ("(?P<name>a|b+){2,}", "(?P<name>a|b+){2,}"),
        ("((a+))+", "((a+))+"),
        ("(.+,)+", "(.+,)+"),
        ("([)]+)*", "([)]+)*"),
    ],
)
def test_a_repetition_of_a_repetition_is_named(pattern: str, piece: str) -> None:
    assert find_runaway(pattern) == piece


@pytest.mark.parametrize(
    "pattern",
    [
        r"info@mailform\.example\.com", "a+b+", r"(\w+,)+", "(a+)?", "(a+){3}", r"(\(a\+\))+", "[(a+)+]", "(ab)+",
        "(a++)+", "(?=a+)b", "お問い合わせ.*", "", "(", ")+", "a{2}", "(ab?)*",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_not(pattern: str) -> None:
    assert find_runaway(pattern) is None and warn_pattern(pattern) is None


def test_the_warnings_of_a_composition_name_their_field() -> None:
    settings = {"inbound_webhook": [{"condition": [{"pattern": "x"}, {"pattern": "(a+)+$"}]}, {"condition": []}]}
    ((field, pattern, text),) = list_warnings(settings)
    assert (field, pattern) == ("inbound_webhook[0].condition[1].pattern", "(a+)+$")
    assert "(a+)+" in text["ja"] and "(a+)+" in text["en"]
    assert list_warnings({}) == []


def test_patterns_of_all_filters_are_looked_at() -> None:
    bad = "(a+)+$"
    settings = {
        "delivery_speed": [{"patterns": ["x", bad]}],
        "forwarding": {"relay": [{"pattern": "x"}], "receiving": [{"pattern": bad}]},
        "inbound_webhook": [{"condition": [{"pattern": bad}]}],
    }
    assert [field for field, _pattern, _warning in list_warnings(settings)] == [
        "delivery_speed[0].patterns[1]",
        "forwarding.receiving[0].pattern",
        "inbound_webhook[0].condition[0].pattern",
    ]
