"""Patterns that repeat what repeats itself, and those that only look like it."""

import pytest
import regex

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
        ("(a|aa)+$", "(a|aa)+"),
        ("x(?:a|ab|b){2,}$", "(?:a|ab|b){2,}"),
        ("(ab|a|bc|c)*!", "(ab|a|bc|c)*"),
        ("((a|a))+$", "((a|a))+"),
        ("((?:b|bc)d)+|((a|aa)a|a)+", "((a|aa)a|a)+"),
        (r"([a-c]|\w\.)+@|(\d|[0-9])*$", r"(\d|[0-9])*"),
    ],
)
def test_a_repetition_of_a_repetition_is_named(pattern: str, piece: str) -> None:
    assert find_runaway(pattern) == piece


@pytest.mark.parametrize(
    "pattern",
    [
        r"info@mailform\.example\.com", "a+b+", r"(\w+,)+", "(a+)?", "(a+){3}", r"(\(a\+\))+", "[(a+)+]", "(ab)+",
        "(a++)+", "(?=a+)b", "お問い合わせ.*", "", "(", ")+", "a{2}", "(ab?)*",
        "(a|b)+$", "(a|ab)+$", "(ab|ba)*", "(a|aa)?", "(a|aa){3}", "(?:a|aa)++",
        r"(\d|[a-z])+@", "(あ|い|あい)", r"(a|\.)+", "((a|b)c|d)+", "((a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b))+",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_not(pattern: str) -> None:
    assert find_runaway(pattern) is None and warn_pattern(pattern) is None


def test_what_is_called_ambiguous_runs_away_and_what_is_not_does_not() -> None:
    """On `regex` itself, which stops some by its own means; a time-out is far above what the others need."""
    for piece, unit in (
        ("(a|aa)+", "a"),
        ("(a|ab|b)+", "ab"),
        ("((a|a))+", "a"),
        ("([a-c]|b)+", "b"),
        ("(?:ab|abab)+", "ab"),
    ):
        assert find_runaway(f"{piece}$") == piece
        with pytest.raises(TimeoutError):
            regex.search(f"{piece}$", unit * 200 + "!", timeout=0.1)
    for piece in ("(a|b)+", "(a|ab)+"):
        assert regex.search(f"{piece}$", "ab" * 100 + "!", timeout=5) is None


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
