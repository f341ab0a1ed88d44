"""Single steps on a real cmcdesk; the scenarios use them all."""

from typing import Any

import pytest

from simulator.acceptance.api import pick
from simulator.acceptance.steps import Said, Step, do_step
from simulator.acceptance.world import StepFailed, World

GIVEN = {
    "name": "pro",
    "plan": "pro",
    "subdomain": "pro",
    "receiving": {"interval_ms": 10, "inbound_domains": ["mailform.example.com"]},
}


def step(do: str, name: str = "", **options: Any) -> Step:
    return Step(do, name or do, options, Said("", ""))


@pytest.fixture(autouse=True)
def begun(world: World) -> None:
    world.begin((GIVEN,))


def test_a_background_load_is_waited_for_and_stopped(world: World) -> None:
    do_step(world, step("load", "slow", seconds=30.0, rate=50.0, background=True))
    do_step(world, step("wait", of="slow", accepted=5))
    do_step(world, step("finish", of="slow", stop=True))
    tally = world.find("slow").tally
    assert 5 <= tally.accepted == tally.finished < 200


def test_a_save_keeps_the_answer_and_applies_nothing(world: World) -> None:
    do_step(world, step("save", "good", change={"receiving.interval_ms": 50}))
    do_step(world, step("save", "bad", change={"receiving.interval_ms": 5}))
    do_step(world, step("save", "stale", change={}, version=-1))
    statuses = [world.answers[name].status for name in ("good", "bad", "stale")]
    assert statuses == [200, 422, 409]
    assert world.answers["bad"].fields == ["receiving.interval_ms"]
    assert pick(world.api.applied_settings("pro"), "receiving.interval_ms") == 10


def test_what_cannot_be_done_is_told(world: World) -> None:
    do_step(world, step("form", "sent"))
    with pytest.raises(StepFailed, match="holds no sessions"):
        do_step(world, step("release", of="sent"))
    kept, world.restart = world.restart, None
    try:
        with pytest.raises(StepFailed, match="not started by the run"):
            do_step(world, step("restart"))
    finally:
        world.restart = kept
