import pytest
import regex

from cmcdesk.rules.matching import FIELDS_SEARCHED, TIMEOUTS_ALLOWED, Filters, compile_filters


def filters(*named: tuple[str, list[tuple[str, str]]]) -> Filters:
    return compile_filters(named)


def test_the_pattern_of_the_manual() -> None:
    one = filters(("contact form", [("To", r"info@mailform\.example\.com")]))
    assert one.match({"to": [b"Info <info@mailform.example.com>"]}) == ["contact form"]
    assert one.match({"to": [b"info@mailformXexample.com"]}) == []
    assert one.match({}) == []


def test_all_conditions_must_match_and_all_filters_fire() -> None:
    several = filters(
        ("both", [("To", "form"), ("Subject", "^Order")]),
        ("to", [("TO", "form")]),
        ("other", [("Subject", "complaint")]),
    )
    assert several.match({"to": [b"form@x.example"], "subject": [b"Order 1"]}) == ["both", "to"]
    assert several.match({"to": [b"form@x.example"], "subject": [b"Re: Order"]}) == ["to"]
    assert several.header_names == {"to", "subject"}


def test_any_field_of_the_name_and_its_decoded_value_count() -> None:
    one = filters(("f", [("X-Kind", "注文")]))
    assert one.match({"x-kind": [b"no", "注文".encode()]}) == ["f"]


def test_a_plain_value_is_searched_as_it_is_sent_without_control_characters() -> None:
    assert filters(("f", [("Subject", "^Order$")])).match({"subject": [b"Or\0der\x07"]}) == ["f"]


def test_patterns_mind_case_unless_told() -> None:
    assert filters(("f", [("To", "INFO")])).match({"to": [b"info"]}) == []
    assert filters(("f", [("To", "(?i)INFO")])).match({"to": [b"info"]}) == ["f"]


def test_a_catastrophic_pattern_is_set_aside_after_its_time_is_up() -> None:
    evil = filters(("evil", [("To", r"(a|a)*$")]), ("good", [("To", "a")]))
    bodies = [b"a" * (80 + number) + b"b" for number in range(20)]  # 2 ** 80 ways: too many for any machine
    for body in bodies:
        assert evil.match({"to": [body]}) == ["good"]
    assert [pattern.filter for pattern in evil.set_aside()] == ["evil"]
    assert evil.filters[0].patterns[0].timeouts == TIMEOUTS_ALLOWED


def test_very_many_fields_of_one_name_share_the_time() -> None:
    evil = filters(("evil", [("X", r"(a|aa)+$")]))
    values = [b"a" * 60 + b"b%d" % number for number in range(3000)]
    assert evil.match({"x": values}) == []
    assert len(evil.searches["x"].remembered) <= FIELDS_SEARCHED


def test_a_remembered_answer_is_the_answer() -> None:
    one = filters(("f", [("To", "x1")]))
    for number in (1, 2, 1, 2):
        assert one.match({"to": [b"x%d" % number]}) == (["f"] if number == 1 else [])
    for number in range(3000):
        assert one.match({"to": [b"y%d" % number]}) == []
    assert one.match({"to": [b"x1"]}) == ["f"]


def test_a_pattern_that_does_not_compile_is_an_error() -> None:
    with pytest.raises(regex.error):
        filters(("f", [("To", "(")]))


def test_what_was_searched_before_is_recalled_and_nothing_else() -> None:
    several = filters(("both", [("To", "form"), ("Subject", "^Order")]), ("to", [("To", "form")]))
    fields = {"to": [b"form@x.example"], "subject": [b"Order 1"]}
    assert several.recall(fields) is None
    assert several.match(fields) == several.recall(fields) == ["both", "to"]
    assert several.recall({**fields, "subject": [b"Order 2"]}) is None
    assert several.recall({"to": [b"form@x.example"]}) == ["to"]
    assert several.recall({}) == []
    assert filters().recall(fields) == []


def test_a_search_that_ran_out_of_its_time_is_not_recalled() -> None:
    evil = filters(("evil", [("To", r"(a|aa)+$")]))
    fields = {"to": [b"a" * 60 + b"b"]}
    assert evil.match(fields) == []
    assert evil.filters[0].patterns[0].timeouts == 1
    assert evil.recall(fields) is None
