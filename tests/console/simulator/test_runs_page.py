"""The runs of the simulator on its page."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import render_template

from cmcdesk.console.simulator.runs import Order, Run
from cmcdesk.console.simulator.runs_page import list_turned_away
from cmcdesk.console.simulator.traffic_form import Traffic

from ..conftest import Console

WaitFor = Callable[..., Any]
FORM = {"mail": "plain", "to": "info@test.example", "sessions": "1", "seed": "1"}


def test_a_run_is_paused_stopped_counted_and_run_again(
    console: Console, composition: Callable[[Console], str], wait_for: WaitFor
) -> None:
    name = composition(console)
    console.post("/simulator", FORM | {"composition": name, "seconds": "60", "rate": "20"})
    (run, *_) = console.desk.app.extensions["simulator_runs"].list_runs()
    place = f"/simulator/runs/{run.number}"
    wait_for(lambda: run.progress.get("accepted", 0) > 2, 20)
    assert f'hx-post="{place}/pause"' in console.get("/simulator/runs").text
    assert console.post(f"{place}/pause").status_code == 200
    wait_for(lambda: "Paused" in console.get("/simulator/runs").text)
    assert console.post(f"{place}/stop").status_code == 200
    wait_for(lambda: not run.is_running)
    shown = console.get("/simulator/runs").text
    assert (
        "Stopped" in shown
        and f"(the receiver counted: {run.stored} stored, 0 refused)" in shown
        and run.stored == run.summary["accepted"] > 2
    )
    assert f"/mails?search={run.name}" in shown and f"/monitor?composition={name}" in shown
    assert console.post(f"{place}/again").status_code == 303
    (again, *_) = console.desk.app.extensions["simulator_runs"].list_runs()
    assert again.number == run.number + 1 and again.order.traffic == run.order.traffic and again.name != run.name
    assert console.post(f"/simulator/runs/{again.number}/stop", HX_Request="true").status_code == 200
    wait_for(lambda: not again.is_running)
    for path in ("stop", "pause", "again"):
        assert console.post(f"/simulator/runs/999/{path}").status_code == 404


def test_parallel_runs_are_counted_apart(
    console: Console, composition: Callable[[Console], str], wait_for: WaitFor
) -> None:
    name = composition(console)
    for count in ("3", "5"):
        console.post("/simulator", FORM | {"composition": name, "count": count, "rate": "10"})
    second, first, *_ = console.desk.app.extensions["simulator_runs"].list_runs()
    wait_for(lambda: not first.is_running and not second.is_running, 30)
    assert (first.stored, second.stored) == (3, 5)


def test_titles_are_in_the_language_of_who_looks(
    console: Console, composition: Callable[[Console], str], wait_for: WaitFor
) -> None:
    form = FORM | {"composition": composition(console), "mail": "form", "count": "1"}
    console.post("/simulator", form, Accept_Language="ja")
    assert "<strong>Form mails</strong>" in console.get("/simulator/runs", Accept_Language="en").text
    assert "<strong>フォームメール</strong>" in console.get("/simulator/runs", Accept_Language="ja").text


@pytest.mark.parametrize(
    ("connections", "shown"),
    [({"220": 9}, []), ({"0": 2, "220": 1, "421": 5}, [("", "", 2), ("421", "4.7.0 full", 5)])],
)
def test_connections_that_were_turned_away_are_told(connections: dict[str, int], shown: list[Any]) -> None:
    run = Run(1, "", Order(Traffic(), [], "pro"), 0.0, None)  # type: ignore[arg-type]
    run.progress = {"connections": connections, "greetings": {"421": "4.7.0 full"}}
    assert list_turned_away(run) == shown


def test_a_run_that_ends_while_it_is_drawn_is_drawn(console: Console) -> None:
    ended = Run(1, "0123456789", Order(Traffic(), [], "pro"), 0.0, None)  # type: ignore[arg-type]
    ended.progress = {"accepted": 3, "seconds": 1.0}
    shown = {"run": ended, "title": "t", "verdict": None, "percent": 5, "turned_away": []}
    ended.summary = {"mails_per_second": 2.0}

    class Ending(Run):
        """Its figures are those of a moment ago."""

        figures = ended.progress  # type: ignore[assignment]

    shown["run"] = Ending(**{name: getattr(ended, name) for name in Run.__dataclass_fields__})
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": "en"}):
        assert "3 accepted" in render_template("simulator/runs.html", runs=[shown])


def test_refusals_of_a_run_are_those_of_its_time() -> None:
    run = Run(1, "", Order(Traffic(), [], "pro"), 100.7, None)  # type: ignore[arg-type]
    assert run.as_refusal_query() == {"composition": "pro", "since": 100}
    run.ended_at = 200.2
    assert run.as_refusal_query() == {"composition": "pro", "since": 100, "until": 201}
