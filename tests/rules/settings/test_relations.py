"""Checks across settings work on data that is wrong elsewhere."""

from typing import Any

import pytest

from cmcdesk.rules.settings.relations import find_conflicts, find_fixed


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"receiving": 5, "advanced": [], "inbound_webhook": {}},
        {"receiving": {"bounce_domains": "x", "inbound_domains": [5, None, {}, "no domain"]}},
        {"inbound_webhook": [5, None, {"name": []}, {"basic": 1}]},
        {"name": [], "plan": {}, "subdomain": 5},
        {"name": "sandbox", "plan": "pro", "advanced": {"envelope_from": 5}},
    ],
)
def test_broken_data_is_left_to_the_other_checks(data: dict[str, Any]) -> None:
    assert [error for error in find_conflicts(data, "") if error.field != "name"] == []
    assert list(find_fixed(data, "")) == []


def test_domains_are_compared_as_they_are_kept() -> None:
    data = {"receiving": {"bounce_domains": ["例え.jp"], "inbound_domains": ["a.jp", "XN--R8JZ45G.jp."]}}
    assert [error.field for error in find_conflicts(data, "p")] == ["p.receiving.inbound_domains[1]"]


def test_find_fixed_compares_values_not_spelling_and_types_too() -> None:
    same = {"bounce_domains": ["Return.Sandbox.smtps.jp"]}
    data: dict[str, Any] = {"name": "sandbox", "plan": "standard", "subdomain": "sandbox", "receiving": same}
    told = {error.field for error in find_fixed(data | {"advanced": {"envelope_from": {"rewrite": 1}}}, "")}
    assert "receiving.bounce_domains" not in told
    assert "advanced.envelope_from.rewrite" in told
