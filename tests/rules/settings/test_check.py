"""Data of any origin becomes a composition or a list of errors; nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.rules.settings import SettingsError, check_beside, check_composition, check_compositions, defaults_of


def fields_of(problem: pytest.ExceptionInfo[SettingsError]) -> list[str]:
    return [error.field for error in problem.value.errors]


def test_left_out_keys_take_the_defaults_of_the_plan() -> None:
    assert check_composition({"name": "pro"}) == defaults_of("pro", "pro")
    assert check_composition({"name": "sandbox"}) == defaults_of("standard", "sandbox")


def test_as_data_is_taken_back_unchanged() -> None:
    data = defaults_of("pro", "pro").as_data()
    assert check_composition(data).as_data() == data


def test_domains_are_kept_lower_case_as_a_labels() -> None:
    given_domains = ["MAIL.例え.jp.", "mailform.example.com"]
    composition = check_composition({"name": "pro", "receiving": {"inbound_domains": given_domains}})
    assert composition.as_data()["receiving"]["inbound_domains"] == ["mail.xn--r8jz45g.jp", "mailform.example.com"]


def test_fields_begin_with_the_given_path() -> None:
    with pytest.raises(SettingsError) as refused:
        check_composition({"name": "pro", "receiving": {"max_sessions": 0}}, "composition[3]")
    assert fields_of(refused) == ["composition[3].receiving.max_sessions"]
    with pytest.raises(SettingsError) as refused:
        check_composition({"name": "pro", "receiving": {"max_sessions": 0}})
    assert fields_of(refused) == ["receiving.max_sessions"]


@pytest.mark.parametrize("data", [None, 5, "pro", [], [{"name": "pro"}]])
def test_what_is_no_table_is_refused(data: object) -> None:
    with pytest.raises(SettingsError):
        check_composition(data)


def test_standard_may_change_inbound_domains_and_webhooks() -> None:
    one = {"name": "a", "endpoint": "https://example.com/", "condition": [{"header": "To", "pattern": "x"}]}
    composition = check_composition(
        {"name": "sandbox", "receiving": {"inbound_domains": ["a.example.com"]}, "inbound_webhook": [one]}
    )
    assert composition.receiving.inbound_domains == ["a.example.com"]
    assert composition.inbound_webhook[0].format == "multipart"


def test_a_wrong_value_that_the_plan_fixes_is_told_once() -> None:
    with pytest.raises(SettingsError) as refused:
        check_composition({"name": "sandbox", "receiving": {"max_sessions": 500, "bounce_domains": ["x", 5]}})
    assert fields_of(refused) == ["receiving.max_sessions", "receiving.bounce_domains"]


def test_two_compositions_may_have_one_inbound_domain() -> None:
    receiving = {"inbound_domains": ["mailform.example.com"]}
    assert len(check_compositions([{"name": "a", "receiving": receiving}, {"name": "b", "receiving": receiving}])) == 2


def test_a_list_has_as_many_compositions_as_there_are_addresses() -> None:
    with pytest.raises(SettingsError) as refused:
        check_compositions([{"name": f"c{number}"} for number in range(255)])
    assert fields_of(refused) == ["composition"]


def test_check_beside_compares_without_case() -> None:
    with pytest.raises(SettingsError) as refused:
        check_beside(check_composition({"name": "PRO", "subdomain": "other"}), [defaults_of("pro", "pro").as_data()])
    assert fields_of(refused) == ["name"]


WORDS = (
    "name plan subdomain receiving advanced envelope_from rewrite domain inbound_webhook max_sessions bounce_domains"
    " inbound_domains endpoint condition header pattern basic x"
)
KEYS = st.sampled_from(WORDS.split())
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("sandbox"), st.just("pro"))
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)


@given(DATA)
def test_check_composition_is_total(data: Any) -> None:
    try:
        composition = check_composition(data)
    except SettingsError as problem:
        assert problem.errors
        for error in problem.errors:
            assert error.message["ja"] and error.message["en"] and error.line("ja")
        return
    assert check_composition(composition.as_data()) == composition
