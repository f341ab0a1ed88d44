"""高度な設定 among the settings: Received header, resends, Envelope From."""

from typing import Any

import pytest

from cmcdesk.rules.settings import Advanced, SettingsError, check_composition, defaults_of, diff
from cmcdesk.rules.settings.relations import find_conflicts


def check_advanced(**changes: Any) -> Advanced:
    return check_composition({"name": "pro", "advanced": changes}).advanced


def test_what_a_composition_has_from_the_first() -> None:
    advanced = defaults_of("pro", "shop").advanced
    assert (advanced.received, advanced.resend_period_min, advanced.resend_interval_min) == ("short", 600, 10)
    assert (advanced.envelope_from.rewrite, advanced.envelope_from.domain) == (True, "return.shop.smtps.jp")


def test_one_key_given_leaves_the_others_as_they_are_from_the_first() -> None:
    assert check_advanced(received="strip").envelope_from.rewrite
    assert check_advanced(resend_interval_min=600).resend_period_min == 600


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"received": "long"}, "received", "short, normal, none, strip"),
        ({"resend_period_min": 0}, "resend_period_min", "1 to 10080"),
        ({"resend_interval_min": 1441, "resend_period_min": 2000}, "resend_interval_min", "1 to 1440"),
        ({"resend_interval_min": 61, "resend_period_min": 60}, "resend_interval_min", "(60 minutes)"),
        ({"resend_interval_min": "10 min"}, "resend_interval_min", "1 to 1440"),
        ({"resend_period": 5}, "resend_period", "did you mean resend_period_min"),
    ],
)
def test_what_is_wrong_is_told_by_field(changes: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_advanced(**changes)
    [error] = refused.value.errors
    assert error.field == f"advanced.{field}" and told in error.message["en"] and error.message["ja"]


def test_numbers_differ_with_their_unit() -> None:
    changed = check_composition({"name": "pro", "advanced": {"resend_period_min": 60, "resend_interval_min": 5}})
    changes = diff(defaults_of("pro", "pro"), changed)
    assert [(change.field, change.unit and change.unit["ja"]) for change in changes] == [
        ("advanced.resend_period_min", "分"),
        ("advanced.resend_interval_min", "分"),
    ]


def test_broken_data_is_left_to_the_other_checks() -> None:
    for advanced in (5, {"resend_period_min": "x", "resend_interval_min": 5}, {"resend_period_min": True}):
        assert list(find_conflicts({"advanced": advanced}, "")) == []
