"""All our scenarios on a real cmcdesk, and the proof that each could fail.

Three proofs: what each fact declares as false does not hold of what was seen; a receiver with other settings makes the
scenario fail; and between them the scenarios use every kind of fact and step.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from simulator.acceptance.api import put_in
from simulator.acceptance.facts import FACTS
from simulator.acceptance.play import judge_now, play
from simulator.acceptance.scenario import Scenario, list_scenarios
from simulator.acceptance.steps import STEPS, Said
from simulator.acceptance.world import World

OURS = list_scenarios()

#: Scenario → one setting that the receiver then has wrong.
WRONG: Mapping[str, tuple[str, Any]] = {
    "01-interval-10ms": ("receiving.interval_ms", 80),
    "03-interval-1000ms": ("receiving.interval_ms", 300),
    "02-interval-100ms": ("receiving.interval_ms", 20),
    "04-session-cap": ("receiving.max_sessions", 4),
    "05-size": ("receiving.size_kb", 17),
    "06-domains": ("receiving.inbound_domains", ["mailform.example.com", "other.example.net"]),
    "07-look-alikes": ("receiving.inbound_domains", ["mailform.example.com", "問い合わせ.example", "example.com"]),
    "08-spam": ("receiving.bounce_domains", ["return.example.com", "customer.example.jp"]),
    "09-webhook-to": ("inbound_webhook.0.condition.0.pattern", "(?i)info@"),
    "10-webhook-filters": ("inbound_webhook.3.enabled", True),
    "11-webhook-payload": ("inbound_webhook.0.api_key", "other"),
    "12-endpoint-down": ("inbound_webhook.1.enabled", False),
    "14-apply-in-traffic": ("receiving.interval_ms", 60),
    "17-side-by-side": ("receiving.interval_ms", 60),
    "18-restart": ("inbound_webhook.0.condition.0.pattern", "nobody@"),
    "13-save-only": ("receiving.inbound_domains", ["mailform.example.com", "new.example.com"]),
    "16-rollback": ("receiving.size_kb", 7),
    "19-bounce-comes-home": ("advanced.envelope_from.rewrite", False),
    "20-bounce-mx": ("advanced.envelope_from.domain", "customer.example"),
    "21-bounce-domain": ("receiving.bounce_domains", ["return.denied.example"]),
    "22-bounce-reflected": ("advanced.envelope_from.rewrite", False),
    "23-envelope-from": ("advanced.envelope_from.rewrite", True),
    "24-inbound-domain": ("inbound_webhook.0.enabled", False),
    "25-plan-defaults": ("advanced.envelope_from", {"rewrite": False, "domain": ""}),
    "26-impatient-client": ("relay.interval_ms", 10),
    "28-suppression": ("event_webhook.blocks", False),
}


def say_nothing(says: Said) -> None:
    del says


@pytest.mark.parametrize("scenario", OURS, ids=lambda one: one.name)
def test_it_holds_and_nothing_false_does(world: World, scenario: Scenario) -> None:
    result = play(world, scenario, say_nothing)
    assert [line for line in result.lines if not line.good] == []
    assert result.good
    for fact in scenario.then:
        assert not judge_now(world, fact, 0.0, falsified=True).good, fact.says.en


@pytest.mark.parametrize("name", WRONG)
def test_it_fails_on_a_receiver_that_is_set_otherwise(world: World, name: str) -> None:
    (scenario,) = list_scenarios((name,))
    given = deepcopy(list(scenario.given))
    put_in(given[0], *WRONG[name])
    hurried = tuple(replace(fact, within=min(fact.within, 2.0)) for fact in scenario.then)
    result = play(world, replace(scenario, given=tuple(given), then=hurried), say_nothing)
    assert not result.good
    assert [line.kind for line in result.lines if not line.good] != []


def test_mails_to_ten_destinations_disagree_where_no_bounce_becomes_an_event(world: World) -> None:
    """The twin of 27: its other facts need their time, for they hold; only what is to fail is hurried."""
    (scenario,) = list_scenarios(("27-ten-destinations",))
    given = deepcopy(list(scenario.given))
    put_in(given[0], "event_webhook.bounces", False)
    then = tuple(replace(fact, within=2.0) if fact.kind == "disagreements" else fact for fact in scenario.then)
    result = play(world, replace(scenario, given=tuple(given), then=then), say_nothing)
    assert [line.says.en for line in result.lines if not line.good] == ["Nothing disagrees"]


def test_every_kind_of_fact_and_step_is_used() -> None:
    assert set(FACTS) - {fact.kind for scenario in OURS for fact in scenario.then} == set()
    assert set(STEPS) - {step.do for scenario in OURS for step in scenario.when} == set()
