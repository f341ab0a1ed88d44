"""配信速度設定 and メール転送設定 among the settings."""

from typing import Any

import pytest

from cmcdesk.rules.settings import (
    Composition,
    SettingsError,
    check_composition,
    defaults_of,
    diff,
    read_form,
    read_settings_file,
    write_settings_file,
)
from cmcdesk.rules.settings.relations import find_conflicts

SPEED = {"name": "carriers", "patterns": [r"@docomo\.ne\.jp$"]}
FORWARD = {"name": "log", "header": "Subject", "pattern": "order", "address": "Log@Example.ORG", "mode": "copy"}


def pro(**changes: Any) -> Composition:
    return check_composition({"name": "pro", **changes})


def test_what_is_left_out_and_how_it_is_kept() -> None:
    composition = pro(delivery_speed=[SPEED], forwarding={"receiving": [FORWARD]})
    assert composition.delivery_speed[0].model_dump() == {
        **SPEED,
        "match_host": False,
        "max_connections": 10,
        "interval_ms": 100,
    }
    assert composition.forwarding.receiving[0].address == "Log@example.org"
    assert composition.forwarding.relay == []


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"delivery_speed": [{**SPEED, "patterns": []}]}, "delivery_speed[0].patterns", "at least one pattern"),
        ({"delivery_speed": [{**SPEED, "patterns": ["a", "("]}]}, "delivery_speed[0].patterns[1]", "no valid regular"),
        ({"delivery_speed": [{**SPEED, "interval_ms": 5}]}, "delivery_speed[0].interval_ms", "10 to 10000"),
        ({"delivery_speed": [{**SPEED, "max_connections": 0}]}, "delivery_speed[0].max_connections", "1 to 100"),
        ({"delivery_speed": [{**SPEED, "name": " "}]}, "delivery_speed[0].name", "must not be empty"),
        ({"delivery_speed": [SPEED, SPEED]}, "delivery_speed[1].name", "has this name"),
        ({"delivery_speed": [{"name": "x"}]}, "delivery_speed[0].patterns", "is required"),
        ({"delivery_speed": [{**SPEED, "ip_count": 2}]}, "delivery_speed[0].ip_count", "no such setting"),
        ({"delivery_speed": {}}, "delivery_speed", "[[composition.delivery_speed]]"),
        ({"forwarding": {"relay": {}}}, "forwarding.relay", "[[composition.forwarding.relay]]"),
        ({"forwarding": {"relay": [{**FORWARD, "mode": "move"}]}}, "forwarding.relay[0].mode", "copy, rewrite"),
        ({"forwarding": {"relay": [{**FORWARD, "header": "To:"}]}}, "forwarding.relay[0].header", "header field name"),
        ({"forwarding": {"relay": [FORWARD, FORWARD]}}, "forwarding.relay[1].name", "has this name"),
        ({"forwarding": {"outbound": [FORWARD]}}, "forwarding.outbound", "no such setting"),
        *(
            ({"forwarding": {"relay": [{**FORWARD, "address": address}]}}, "forwarding.relay[0].address", told)
            for address, told in (
                ("log", "one mail address"),
                ("", "one mail address"),
                ("a@example.org, b@example.org", "one mail address"),
                ("Log <log@example.org>", "one mail address"),
                ("log@example", "whole domain"),
                ("log@[127.0.0.1]", "not an IP address"),
                ("a b@example.org", "one mail address"),
            )
        ),
    ],
)
def test_what_is_wrong_is_told_by_field(changes: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        pro(**changes)
    [error] = refused.value.errors
    assert error.field == field and told in error.message["en"] and error.message["ja"]


def test_a_name_may_be_on_both_sides() -> None:
    assert pro(forwarding={"relay": [FORWARD], "receiving": [FORWARD]}).forwarding.relay[0].name == "log"


def test_standard_may_forward_and_has_the_speed_of_its_plan() -> None:
    standard = {"name": "sandbox", "plan": "standard"}
    composition = check_composition({**standard, "forwarding": {"relay": [FORWARD]}})
    assert read_settings_file(write_settings_file([composition])) == [composition]
    with pytest.raises(SettingsError) as refused:
        check_composition({**standard, "delivery_speed": [SPEED]})
    assert [error.field for error in refused.value.errors] == ["delivery_speed"]


def test_a_file_keeps_them_and_has_no_word_of_what_is_empty() -> None:
    one = pro(delivery_speed=[SPEED], forwarding={"relay": [FORWARD]})
    assert read_settings_file(write_settings_file([one])) == [one]
    empty = write_settings_file([defaults_of("pro", "pro")])
    assert "delivery_speed" not in empty and "forwarding" not in empty


def test_the_difference_goes_by_name() -> None:
    other = {**FORWARD, "name": "other"}
    old = pro(delivery_speed=[SPEED], forwarding={"relay": [FORWARD, other]})
    faster = {**SPEED, "interval_ms": 10, "patterns": ["a", "b"]}
    new = pro(delivery_speed=[faster], forwarding={"relay": [other, FORWARD], "receiving": [FORWARD]})
    changes = {change.field: change for change in diff(old, new)}
    assert list(changes) == [
        'delivery_speed["carriers"].patterns',
        'delivery_speed["carriers"].interval_ms',
        "forwarding.relay",
        'forwarding.receiving["log"]',
    ]
    assert changes['delivery_speed["carriers"].patterns'].added == ["a", "b"]
    assert changes["forwarding.relay"].label["ja"] == "メール転送（リレーサーバ）の並び順"
    assert changes['forwarding.receiving["log"]'].added == ["log"]


def test_a_form_says_that_a_list_is_empty_and_its_rows_may_have_gaps() -> None:
    assert read_form([("delivery_speed", "")]) == {"delivery_speed": []}
    fields = [
        ("forwarding.relay", ""),
        ("forwarding.relay[2].name", "b"),
        ("forwarding.relay[0].name", "a"),
        ("delivery_speed[1].patterns", "x\n\ny"),
        ("delivery_speed[1].interval_ms", "1,000"),
    ]
    assert read_form(fields) == {
        "forwarding": {"relay": [{"name": "a"}, {"name": "b"}]},
        "delivery_speed": [{"patterns": ["x", "y"], "interval_ms": 1000}],
    }


def test_broken_data_is_left_to_the_other_checks() -> None:
    for data in (
        {"delivery_speed": 5, "forwarding": []},
        {"delivery_speed": [5, {"name": []}], "forwarding": {"relay": 5}},
    ):
        assert list(find_conflicts(data, "")) == []
