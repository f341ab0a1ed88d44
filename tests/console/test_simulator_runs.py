"""Runs of the simulator as a program of its own."""

from collections.abc import Callable
from typing import Any

import pytest

from cmcdesk.console.simulator_runs import MOST_AT_ONCE, Counts, SimulatorRuns, TooManyRuns, read_summary

from .conftest import Console

LONG = ["load", "--to=info@test.example", "--seconds=60", "--rate=1"]


@pytest.fixture
def runs() -> Any:
    """Runs whose receiver counts nothing."""
    runs = SimulatorRuns(lambda name: Counts(at=4e9), lambda: None)
    yield runs
    runs.stop_all()


def test_a_run_sends_and_its_summary_is_kept(
    console: Console, runs: SimulatorRuns, composition: Callable[[Console], str], wait_for: Callable[..., Any]
) -> None:
    name = composition(console)
    host, port = console.place(name)
    arguments = ["form", f"--target={host}:{port}", "--to=info@test.example", "--count=3"]
    run = runs.start("form mails", arguments, name, (3, None))
    wait_for(lambda: not run.is_running, 30)
    assert run.summary is not None and run.summary["accepted"] == 3 and run.error == ""
    assert console.api(f"mails?composition={name}&limit=1").json["mails"][0]["sender"]


def test_a_run_that_cannot_send_says_why(runs: SimulatorRuns, wait_for: Callable[..., Any]) -> None:
    run = runs.start("wrong", ["load", "--target=nonsense", "--count=1"], "pro", (1, None))
    wait_for(lambda: not run.is_running, 30)
    assert run.summary is None and "HOST:PORT" in run.error


def test_runs_are_stopped_and_limited(
    console: Console, runs: SimulatorRuns, composition: Callable[[Console], str], wait_for: Callable[..., Any]
) -> None:
    host, port = console.place(composition(console))
    started = [runs.start("long", [*LONG, f"--target={host}:{port}"], "pro", (None, 60.0)) for _ in range(MOST_AT_ONCE)]
    with pytest.raises(TooManyRuns):
        runs.start("one more", LONG, "pro", (None, 60.0))
    assert runs.stop(started[0].number) and not runs.stop(999)
    wait_for(lambda: not started[0].is_running)
    assert started[0].was_stopped
    runs.stop_all()
    wait_for(lambda: not any(run.is_running for run in started))
    assert [run.number for run in runs.list_runs()] == [4, 3, 2, 1]


@pytest.mark.parametrize(("said", "summary"), [('x\n{"mails": 1}', {"mails": 1}), ("Error: no", None), ("[1]", None)])
def test_the_last_line_is_the_summary(said: str, summary: dict[str, int] | None) -> None:
    assert read_summary(said) == (summary, "" if summary else said)
