"""Plays one scenario: given, steps, then facts, each waited for; at the end all must hold together."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.acceptance.evidence import Evidence
from simulator.acceptance.facts import FACTS
from simulator.acceptance.scenario import Expectation, Fact, Scenario
from simulator.acceptance.steps import Said, Step, do_step
from simulator.acceptance.world import POLL, World

FALSE_WITHIN = 0.3  # seconds: nobody needs to wait long for what must not come true
FAILED_WITHIN = 1.0  # seconds for the facts after one that failed: the scenario has failed anyway
Tell = Callable[[Said], None]


@dataclass(frozen=True)
class Seen:
    """One line of the report: what was done or expected, what was seen. ``fault`` is "" if all is well."""

    kind: str  # step or fact
    says: Said
    expected: str
    seen: str
    good: bool
    seconds: float
    fault: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one scenario. ``product``: the version of the cmcdesk that it was played on."""

    scenario: Scenario
    lines: tuple[Seen, ...]
    seconds: float
    skipped: str = ""
    product: str = ""
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def good(self) -> bool:
        """Whether it was played and everything in it held."""
        return not self.skipped and bool(self.lines) and all(line.good for line in self.lines)


def play(world: World, scenario: Scenario, tell: Tell, falsified: bool = False) -> Result:
    """Play it. ``falsified`` puts what each fact declares as false in the place of what it expects."""
    begun = time.monotonic()
    if "restart" in scenario.needs and world.restart is None:
        return Result(scenario, (), 0.0, "needs a cmcdesk that the run has started itself", world.product)
    if "world" in scenario.needs and world.outside is None:
        needs = "needs a cmcdesk with a world around it, which the run has started itself"
        return Result(scenario, (), 0.0, needs, world.product)
    lines: list[Seen] = []
    try:
        given = Step("given", "given", {}, Said("設定を反映する", "Reflect the given settings"))
        lines.append(_do(given, tell, lambda: world.begin(scenario.given)))
        for step in scenario.when:
            if lines[-1].good:
                lines.append(_do(step, tell, lambda step=step: do_step(world, step)))  # type: ignore[misc]
        if lines[-1].good:
            lines += judge(world, scenario.then, tell, falsified)
    finally:
        lines += _end(world)
        _catch(lambda: world.note_revisions(scenario.given))
    seconds = time.monotonic() - begun
    return Result(scenario, tuple(lines), seconds, product=world.product, evidence=world.evidence)


def _do(step: Step, tell: Tell, act: Callable[[], None]) -> Seen:
    tell(step.says)
    begun = time.monotonic()
    fault = _catch(act)
    return Seen("step", step.says, "", "", not fault, time.monotonic() - begun, fault)


def _end(world: World) -> list[Seen]:
    fault = _catch(world.end)
    ending = Said("後始末", "Leave nothing running")
    return [Seen("step", ending, "", "", False, 0.0, fault)] if fault else []


def _catch(act: Callable[[], Any]) -> str:
    """Run it; what went wrong, "" if nothing. A fault of any kind fails the scenario, never the whole run."""
    try:
        act()
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    return ""


def judge(world: World, facts: tuple[Fact, ...], tell: Tell, falsified: bool = False) -> list[Seen]:
    """Wait for each fact, then look at all of them once more: what came true must have stayed so."""
    waited: list[float] = []
    failed = False
    for fact in facts:
        tell(fact.says)
        begun = time.monotonic()
        within = FALSE_WITHIN if falsified else FAILED_WITHIN if failed else fact.within
        failed |= not wait_for(world, fact, fact.falsely if falsified else fact.expected, within)
        waited.append(time.monotonic() - begun)
    return [judge_now(world, fact, seconds, falsified) for fact, seconds in zip(facts, waited, strict=True)]


def wait_for(world: World, fact: Fact, expected: Expectation, within: float) -> bool:
    """Look until the expectation holds or the time is over; whether it does. What is final is looked at once."""
    deadline = time.monotonic() + (0 if FACTS[fact.kind].final else within)
    while True:
        seen, _ = look(world, fact)
        if expected.holds(seen):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)


def look(world: World, fact: Fact) -> tuple[Any, str]:
    """The value now, and what went wrong in looking ("" if nothing)."""
    try:
        return FACTS[fact.kind].look(world, fact.options), ""
    except Exception as fault:  # while a server restarts there is nothing to be seen
        return None, f"{type(fault).__name__}: {fault}"


def judge_now(world: World, fact: Fact, seconds: float, falsified: bool) -> Seen:
    """Look once, and compare: with what is expected, or (``falsified``) with what must not hold."""
    seen, fault = look(world, fact)
    expected = fact.falsely if falsified else fact.expected
    if not falsified and not fault and fact.falsely.holds(seen):
        fault = f"this proves nothing: {fact.falsely} holds as well"
    good = expected.holds(seen) and not fault
    return Seen("fact", fact.says, str(expected), _show(seen), good, seconds, fault)


def _show(seen: Any) -> str:
    return "-" if seen is None else f"{seen:.1f}" if isinstance(seen, float) else str(seen)
