"""What lessons need, how it is put there and taken away."""

from typing import Any

import pytest

from cmcdesk.rules.lessons import (
    NEEDS,
    Added,
    find_missing,
    join,
    pick_bounce_domain,
    pick_inbound_domain,
    prepare,
    take_away,
    takes,
)
from cmcdesk.rules.settings import check_composition, defaults_of

URL = "http://127.0.0.1:8028/token"


def everywhere(_endpoint: str) -> bool:
    return True


def nowhere(_endpoint: str) -> bool:
    return False


def fresh(**receiving: Any) -> dict[str, Any]:
    """A Pro composition as a fresh installation has it, with changes."""
    settings = defaults_of("pro", "pro").as_data()
    settings["receiving"] |= receiving
    return settings


def test_a_fresh_composition_takes_bounces_and_no_more() -> None:
    missing = {lesson: find_missing(lesson, fresh(), everywhere) for lesson in NEEDS}
    assert {lesson: needs for lesson, needs in missing.items() if needs} == {
        "spam": ["inbound_domain"],
        "webhook": ["inbound_domain", "notification"],
        "event": ["event_webhook"],
    }
    bare = fresh(bounce_domains=[])
    assert find_missing("interval", bare, everywhere) == ["domain"]
    assert find_missing("bounce", bare, everywhere) == ["bounce_domain"]
    assert find_missing("no such lesson", bare, everywhere) == []


@pytest.mark.parametrize("lesson", NEEDS)
def test_after_a_set_up_nothing_is_missing_and_taken_away_all_is_as_it_was(lesson: str) -> None:
    for before in (fresh(), fresh(bounce_domains=[]), fresh(inbound_domains=["a.example", "b.example"])):
        new, added = prepare(before, find_missing(lesson, before, everywhere), URL)
        assert find_missing(lesson, new, everywhere) == []
        check_composition(new)
        assert take_away(new, added) == before
        assert bool(added) == (new != before)
        assert Added(**added.as_data()) == added


def test_the_standard_plan_can_be_set_up_too() -> None:
    before = defaults_of("standard", "sandbox").as_data()
    new, added = prepare(before, find_missing("webhook", before, everywhere), URL)
    assert check_composition(new).receiving.inbound_domains == ["mailform.example.com"]
    assert added.filters == ["simulator"]


def test_an_endpoint_where_nobody_listens_is_as_good_as_none() -> None:
    new, _ = prepare(fresh(), ["inbound_domain", "notification"], URL)
    assert find_missing("webhook", new, nowhere) == ["notification"]
    again, added = prepare(new, ["notification"], URL)
    assert added.filters == ["simulator 2"] and len(again["inbound_webhook"]) == 2
    event, _ = prepare(fresh(), ["event_webhook"], URL)
    assert find_missing("event", event, nowhere) == ["event_webhook"]


def notification(enabled: bool = True, **conditions: str) -> dict[str, Any]:
    return {"enabled": enabled, "condition": [{"header": h, "pattern": p} for h, p in conditions.items()]}


def test_a_notification_counts_only_if_it_surely_fires() -> None:
    assert takes(notification(To=r"info@form\.example"), "info@form.example")
    assert takes(notification(to="info"), "info@form.example")
    assert not takes(notification(To="other"), "info@form.example")
    assert not takes(notification(To="info", Subject="order"), "info@form.example")
    assert not takes(notification(enabled=False, To="info"), "info@form.example")
    assert not takes(notification(To="("), "info@form.example")
    assert not takes(notification(To="(a+)+$"), "a" * 60 + "!")


def test_domains_are_picked_or_offered() -> None:
    assert pick_inbound_domain(fresh()) == "mailform.example.com"
    assert pick_inbound_domain(fresh(inbound_domains=["a.example"])) == "a.example"
    taken = fresh(bounce_domains=["mailform.example.com"])
    assert pick_inbound_domain(taken) == "inbound.mailform.example.com"
    assert pick_bounce_domain(fresh(bounce_domains=[])) == "return.pro.smtps.jp"


def test_two_set_ups_are_put_back_together() -> None:
    before = fresh()
    first, one = prepare(before, ["inbound_domain", "notification"], URL)
    second, two = prepare(first, ["event_webhook"], URL)
    assert take_away(second, join(one, two)) == before
    assert not Added() and join(Added(), two).event_webhook == before["event_webhook"]


def test_what_a_person_changed_meanwhile_stays() -> None:
    new, added = prepare(fresh(), ["inbound_domain"], URL)
    new["receiving"]["inbound_domains"].append("mine.example")
    assert take_away(new, added)["receiving"]["inbound_domains"] == ["mine.example"]
