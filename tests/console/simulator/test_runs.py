"""Runs of the simulator as a program of its own."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cmcdesk.console.simulator.runs import (
    MOST_AT_ONCE,
    Order,
    RefusalCount,
    Run,
    SimulatorRuns,
    TooManyRuns,
    read_summary,
)
from cmcdesk.console.simulator.traffic_form import Traffic, write_arguments

from ..conftest import Console

WaitFor = Callable[..., Any]
Start = Callable[[Traffic], Run]


@pytest.fixture
def runs() -> Iterator[SimulatorRuns]:
    """Runs whose mails are always counted as 7, and whose receiver refuses one each time it is asked."""
    refused = (RefusalCount(number, 4e9) for number in itertools.count())
    runs = SimulatorRuns(lambda run: 7, lambda name: next(refused), lambda: None)
    yield runs
    runs.stop_all()


@pytest.fixture
def start(console: Console, runs: SimulatorRuns, composition: Callable[[Console], str]) -> Start:
    """`start(traffic)`: a run of it to a composition that takes test.example."""
    name = composition(console)
    host, port = console.place(name)

    def begin(traffic: Traffic) -> Run:
        return runs.start(Order(traffic, write_arguments(traffic, f"{host}:{port}"), name))

    return begin


LONG = Traffic(to="info@test.example", seconds="60", rate="20")


def test_a_run_sends_and_its_summary_is_kept(console: Console, start: Start, wait_for: WaitFor) -> None:
    run = start(Traffic(mail="form", to="info@test.example", count="3"))
    wait_for(lambda: not run.is_running, 30)
    assert run.summary is not None and run.summary["accepted"] == 3 and run.error == ""
    assert run.stored == 7 and run.refused == 1 and run.measure_progress() == 1.0
    newest = console.api(f"mails?composition={run.order.composition}&limit=1").json["mails"][0]
    assert newest["message_id"].startswith(f"<{run.name}."), "a run's mails carry its name"


def test_a_run_that_cannot_send_says_why_in_one_line(runs: SimulatorRuns, wait_for: WaitFor) -> None:
    run = runs.start(Order(Traffic(count="1"), ["load", "--target=nonsense", "--count=1"], "pro"))
    wait_for(lambda: not run.is_running, 30)
    assert run.summary is None and re.fullmatch(r"target 'nonsense'.*HOST:PORT.*", run.error)


def test_a_run_is_paused_resumed_and_stopped_with_its_summary(
    runs: SimulatorRuns, start: Start, wait_for: WaitFor
) -> None:
    run = start(LONG)
    wait_for(lambda: run.progress.get("accepted", 0) > 3, 20)
    assert 0 < run.measure_progress() < 0.5
    assert runs.pause(run.number)
    wait_for(lambda: run.is_paused)
    assert runs.pause(run.number)
    before = run.progress["accepted"]
    wait_for(lambda: not run.is_paused and run.progress["accepted"] > before)
    assert runs.stop(run.number) and not runs.stop(999) and not runs.pause(999)
    wait_for(lambda: not run.is_running)
    assert run.was_stopped and run.summary and run.summary["accepted"] > before and run.figures == run.summary
    assert not runs.stop(run.number) and runs.find(run.number) is run


def test_a_run_that_must_end_at_once_keeps_what_it_told_last(
    runs: SimulatorRuns, start: Start, wait_for: WaitFor
) -> None:
    run = start(LONG)
    wait_for(lambda: run.progress.get("accepted", 0) > 0, 20)
    runs.stop_all()
    wait_for(lambda: not run.is_running)
    assert run.summary is None and run.was_stopped and run.figures["accepted"] > 0


def test_runs_are_limited_and_counted_apart(runs: SimulatorRuns, start: Start, wait_for: WaitFor) -> None:
    started = [start(LONG) for _ in range(MOST_AT_ONCE)]
    with pytest.raises(TooManyRuns):
        start(LONG)
    wait_for(lambda: all(run.progress for run in started), 30)
    assert [run.progress["run"] for run in started] == [run.name for run in started]
    assert len({run.name for run in started}) == MOST_AT_ONCE
    assert [run.number for run in runs.list_runs()] == [4, 3, 2, 1]
    runs.stop_all()
    wait_for(lambda: not any(run.is_running for run in started))
    assert {run.refused for run in started} == {None}, "what the receiver refused is nobody's alone"


def test_progress_is_by_mails_or_by_time() -> None:
    run = Run(1, "", Order(Traffic(count="10"), [], "pro"), 100.0, None)  # type: ignore[arg-type]
    run.progress = {"mails": 4, "seconds": 1.0}
    assert run.measure_progress() == 0.4
    run.order = Order(Traffic(seconds="20"), [], "pro")
    run.progress = {"mails": 4, "seconds": 5.0}
    assert run.measure_progress() == 0.25
    run.progress = {"seconds": 400.0}
    assert run.measure_progress() == 0.99


@pytest.mark.parametrize(
    ("said", "summary", "error"),
    [
        ('x\n{"mails": 1}', {"mails": 1}, ""),
        ("Usage: cmcsim load\n\nError: no size", None, "no size"),
        ("[1]", None, "[1]"),
        ("Traceback\nValueError: x", None, "Traceback\nValueError: x"),
    ],
)
def test_the_last_line_is_the_summary(said: str, summary: dict[str, int] | None, error: str) -> None:
    assert read_summary(said) == (summary, error)
