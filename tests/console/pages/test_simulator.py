"""The simulator panel."""

from collections.abc import Callable
from typing import Any

from cmcdesk.console.pages.simulator import count_received, measure_progress
from cmcdesk.console.simulator_runs import Counts, Run

from ..conftest import Console


def test_a_run_is_started_watched_and_counted(
    console: Console, composition: Callable[[Console], str], wait_for: Callable[..., Any]
) -> None:
    name = composition(console)
    form = {"composition": name, "mail": "form", "to": "info@test.example", "count": "3", "sessions": "1", "seed": "4"}
    started = console.post("/simulator", form)
    assert started.status_code == 200 and "--to=info@test.example --count=3" in started.text
    runs = wait_for(lambda: (page := console.get("/simulator/runs").text) and "Finished" in page and page, 30)
    assert "3 accepted" in runs and "mean spacing" in runs


def test_a_long_run_is_stopped(
    console: Console, composition: Callable[[Console], str], wait_for: Callable[..., Any]
) -> None:
    form = {
        "composition": composition(console),
        "mail": "plain",
        "to": "info@test.example",
        "seconds": "60",
        "rate": "1",
    }
    console.post("/simulator", form)
    (run, *_) = console.desk.app.extensions["simulator_runs"].list_runs()
    assert f'hx-post="/simulator/runs/{run.number}/stop"' in console.get("/simulator/runs").text
    assert console.post(f"/simulator/runs/{run.number}/stop").status_code == 200
    wait_for(lambda: not run.is_running)
    assert "Stopped" in console.get("/simulator/runs").text
    assert console.post("/simulator/runs/999/stop").status_code == 404


def test_faults_keep_what_was_typed(console: Console) -> None:
    answer = console.post("/simulator", {"composition": "pro", "mail": "plain", "to": "nobody", "count": "x"})
    assert answer.status_code == 422 and 'value="nobody"' in answer.text and "one or more addresses" in answer.text
    unapplied = console.add_composition(apply=False)
    form = {"composition": unapplied, "mail": "plain", "to": "a@b.example", "count": "1"}
    assert "does not receive at the moment" in console.post("/simulator", form).text


def test_lessons_fill_the_form_in(console: Console) -> None:
    page = console.get("/simulator?preset=sessions&composition=sandbox").text
    assert 'name="sessions" value="15"' in page and 'name="seconds" value="10"' in page
    assert "qmail" in page, "the catalogue of bounces comes from the simulator"


def test_progress() -> None:
    run = Run(1, "", [], "pro", (10, None), Counts(mails=5), 100.0, None)  # type: ignore[arg-type]
    assert measure_progress(run, Counts(8, 1), 0) == 0.4
    run.goal = (None, 20.0)
    assert measure_progress(run, run.before, 105.0) == 0.25 and measure_progress(run, run.before, 500.0) == 0.99
    run.ended_at = 1.0
    assert measure_progress(run, run.before, 0) == 1.0
    assert count_received({}, "pro") == Counts()
