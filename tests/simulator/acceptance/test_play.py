"""How a scenario is played and judged."""

from dataclasses import replace

from simulator.acceptance.play import judge, play
from simulator.acceptance.scenario import Expectation, Fact, Scenario, list_scenarios
from simulator.acceptance.steps import Said, Step
from simulator.acceptance.world import World

SAID = Said("", "")


def quiet(says: Said) -> None:
    del says


def domains() -> Scenario:
    return list_scenarios(("06-domains",))[0]


def test_falsified_every_fact_fails(world: World) -> None:
    result = play(world, domains(), quiet, falsified=True)
    assert [line.good for line in result.lines if line.kind == "fact"] == [False] * len(domains().then)


def test_a_step_that_fails_ends_the_scenario(world: World) -> None:
    broken = Step("form", "x", {"charset": "klingon"}, SAID)
    result = play(world, replace(domains(), when=(broken, *domains().when)), quiet)
    assert not result.good
    assert [line.kind for line in result.lines] == ["step", "step"]
    assert "klingon" in result.lines[-1].fault


def test_a_check_that_could_not_fail_is_a_failure(world: World) -> None:
    empty = Fact("mails", {}, Expectation("at_least", 0), Expectation("at_most", 10**9), 1.0, SAID)
    (line,) = judge(world, (empty,), quiet)
    assert not line.good
    assert "proves nothing" in line.fault


def test_what_it_cannot_do_is_skipped(world: World) -> None:
    kept, world.restart = world.restart, None
    try:
        result = play(world, replace(domains(), needs=("restart",)), quiet)
    finally:
        world.restart = kept
    assert result.skipped
    assert not result.good
