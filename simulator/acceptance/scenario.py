"""Scenario files: given settings, when traffic, then facts. Read and checked here, before anything is played.

A file is TOML. ``[[given.composition]]`` has the shape of the product's settings file; ``{sink}`` in it stands for the
webhook sink's URL. Every fact declares, beside what it expects, a ``falsely`` expectation that must not hold: a check
that could not fail is refused as one that proves nothing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.acceptance.facts import FACTS
from simulator.acceptance.steps import STEPS, Said, Step

OPERATORS = ("is", "at_least", "at_most", "between")
LONGEST_WAIT = 10.0  # seconds that a fact may take to come true, unless it says otherwise
FOLDER = Path(__file__).with_name("scenarios")


class BadScenario(ValueError):
    """A scenario file that cannot be played; the text says where and why."""


@dataclass(frozen=True)
class Expectation:
    """What a seen value is compared with."""

    operator: str
    value: Any

    def holds(self, seen: Any) -> bool:
        """Whether ``seen`` is as expected; None (nothing to be seen) never is, unless None is expected."""
        if self.operator == "is":
            return bool(seen == self.value) and isinstance(seen, bool) == isinstance(self.value, bool)
        if not isinstance(seen, int | float):
            return False
        if self.operator == "between":
            return bool(self.value[0] <= seen <= self.value[1])
        return bool(seen >= self.value) if self.operator == "at_least" else bool(seen <= self.value)

    def __str__(self) -> str:
        if self.operator == "between":
            return f"{self.value[0]} … {self.value[1]}"
        return {"is": "", "at_least": "≥ ", "at_most": "≤ "}[self.operator] + str(self.value)


@dataclass(frozen=True)
class Fact:
    """One thing that must come true within ``within`` seconds, and stay true to the end."""

    kind: str
    options: Mapping[str, Any]
    expected: Expectation
    falsely: Expectation
    within: float
    says: Said


@dataclass(frozen=True)
class Scenario:
    """One file. ``needs`` "restart" is only played on a cmcdesk that the run has started itself."""

    name: str
    title: Said
    about: Said
    needs: tuple[str, ...]
    given: tuple[Mapping[str, Any], ...]
    when: tuple[Step, ...]
    then: tuple[Fact, ...]


def read_scenario(path: Path) -> Scenario:
    """Read one file. Raises BadScenario."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise BadScenario(f"{path.name}: {fault}") from fault
    return make_scenario(path.stem, data)


def list_scenarios(names: tuple[str, ...] = (), folder: Path = FOLDER) -> list[Scenario]:
    """The scenarios of those names (or paths of files), all if there are none, in order. Raises BadScenario."""
    files = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    unknown = [name for name in names if name not in files and not name.endswith(".toml")]
    if unknown:
        raise BadScenario(f"no scenario {', '.join(unknown)}; there are {', '.join(files)}")
    return [read_scenario(files.get(name) or Path(name)) for name in names or files]


def make_scenario(name: str, data: Mapping[str, Any]) -> Scenario:
    """Check the data of a file. Raises BadScenario."""
    _check_keys(name, data, {"title", "about", "needs", "given", "when", "then"})
    given = data.get("given", {}).get("composition", [])
    if not given or not data.get("when") or not data.get("then"):
        raise BadScenario(f"{name}: a scenario has [[given.composition]], [[when]] and [[then]]")
    when = tuple(_read_step(f"{name}: when {at}", step) for at, step in enumerate(data["when"], 1))
    then = tuple(_read_fact(f"{name}: then {at}", fact) for at, fact in enumerate(data["then"], 1))
    _check_names(name, when, then)
    title, about = _read_said(name, data.get("title", {})), _read_said(name, data.get("about", {}))
    return Scenario(name, title, about, tuple(data.get("needs", ())), tuple(given), when, then)


def _check_keys(where: str, data: Mapping[str, Any], allowed: set[str] | frozenset[str]) -> None:
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise BadScenario(f"{where}: no key {', '.join(unknown)} here; there are {', '.join(sorted(allowed))}")


def _read_said(where: str, data: Mapping[str, Any]) -> Said:
    if not data.get("ja") or not data.get("en"):
        raise BadScenario(f"{where}: say it in both languages (ja and en)")
    return Said(data["ja"], data["en"])


def _read_step(where: str, data: Mapping[str, Any]) -> Step:
    do = data.get("do", "")
    if do not in STEPS:
        raise BadScenario(f"{where}: do = {do!r}; there are {', '.join(STEPS)}")
    options = {key: value for key, value in data.items() if key not in ("do", "name", "ja", "en")}
    _check_keys(where, options, STEPS[do].options)
    return Step(do, data.get("name", do), options, _read_said(where, data))


def _read_fact(where: str, data: Mapping[str, Any]) -> Fact:
    kind = data.get("fact", "")
    if kind not in FACTS:
        raise BadScenario(f"{where}: fact = {kind!r}; there are {', '.join(FACTS)}")
    expected = _read_expectation(where, data)
    falsely = _read_expectation(f"{where}: falsely", data.get("falsely", {}))
    options = {key: value for key, value in data.items() if key not in (*OPERATORS, *_FACT_KEYS)}
    _check_keys(where, options, FACTS[kind].options)
    return Fact(kind, options, expected, falsely, float(data.get("within", LONGEST_WAIT)), _read_said(where, data))


_FACT_KEYS = ("fact", "falsely", "within", "ja", "en")


def _read_expectation(where: str, data: Mapping[str, Any]) -> Expectation:
    given = [operator for operator in OPERATORS if operator in data]
    if len(given) != 1:
        raise BadScenario(f"{where}: give one of {', '.join(OPERATORS)}")
    return Expectation(given[0], data[given[0]])


def _check_names(name: str, when: tuple[Step, ...], then: tuple[Fact, ...]) -> None:
    """``of`` must name a step that comes before."""
    known: set[str] = set()
    for step in when:
        if "of" in step.options and step.options["of"] not in known:
            raise BadScenario(f"{name}: step {step.name!r} is about {step.options['of']!r}, which no earlier step is")
        known.add(step.name)
    for fact in then:
        if "of" in fact.options and fact.options["of"] not in known:
            raise BadScenario(f"{name}: fact {fact.kind!r} is about {fact.options['of']!r}, which no step is")
