"""The acceptance run: a cmcdesk of its own or one that runs already, a sink, and the scenarios one after the other; and
`cmcsim accept` at the terminal: progress while it plays, then table, files and exit code.
"""

import _thread
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import requests

from simulator.acceptance.api import Api, ApiFailed
from simulator.acceptance.desk import FRESH, Desk, DeskFailed
from simulator.acceptance.play import Result, play
from simulator.acceptance.report import make_table, write_html, write_junit
from simulator.acceptance.scenario import Scenario
from simulator.acceptance.steps import Said
from simulator.acceptance.world import Loops, World
from simulator.processes import ended_in_order
from simulator.sink.sink import Sink
from simulator.world.file import read_world
from simulator.world.world import RunningWorld

OUTSIDE = Path(__file__).with_name("outside.toml")
OUTSIDE_SPEED = 600.0  # ten minutes of resends in a second


@dataclass(frozen=True)
class Pointed:
    """A cmcdesk that runs already: its API's URL with ``?token=``; ``target`` HOST:PORT if mail must go elsewhere."""

    api: str
    target: str | None = None


@dataclass(frozen=True)
class Moment:
    """How far a run is. ``number``: of scenarios that are over; ``says``: what happens now; ``result``: of the
    scenario, at its end."""

    number: int
    scenario: Scenario
    says: Said | None = None
    result: Result | None = None


Tell = Callable[[Moment], None]


@contextmanager
def open_world(pointed: Pointed | None) -> Iterator[World]:
    """Start what is needed and end it again. Raises DeskFailed, ApiFailed."""
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        loops = Loops()
        stack.callback(loops.stop)
        if pointed is not None:
            api = Api(pointed.api)
            stack.callback(api.close)
            yield World(api, sink, loops, pointed.target, product=read_version(api))
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cmcsim-", ignore_cleanup_errors=True))
        zones = read_world(OUTSIDE)
        outside = stack.enter_context(RunningWorld(zones, OUTSIDE_SPEED))
        note = Path(folder, "world.json")
        note.write_text(json.dumps(outside.describe()), "utf-8")
        desk = Desk(Path(folder), ("--world", str(note)))
        stack.callback(desk.stop)
        desk.start(FRESH)
        world = World(api_of(desk), sink, loops, outside=outside, zones=zones.zones)
        world.product = read_version(world.api)
        stack.callback(lambda: world.api.close())

        def restart() -> Api:
            world.api.close()
            desk.kill()
            desk.start()
            return api_of(desk)

        world.restart = restart
        yield world


def api_of(desk: Desk) -> Api:
    """The API of a cmcdesk that was started."""
    return Api(desk.ready["url"], desk.ready["token"])


def read_version(api: Api) -> str:
    """Of the cmcdesk under test."""
    return str(api.do("GET", "status").get("version", ""))


def accept(scenarios: Sequence[Scenario], pointed: Pointed | None, tell: Tell, falsified: bool = False) -> list[Result]:
    """Play the scenarios; ``tell`` is told what happens."""
    results = []
    with open_world(pointed) as world:
        for number, scenario in enumerate(scenarios):

            def say(says: Said, number: int = number, scenario: Scenario = scenario) -> None:
                tell(Moment(number, scenario, says))

            results.append(play(world, scenario, say, falsified))
            tell(Moment(number + 1, scenario, result=results[-1]))
    return results


def list_titles(scenarios: Sequence[Scenario], language: str, with_details: bool = False) -> None:
    """One line per scenario; with details, for programs, as one JSON list."""
    if with_details:
        told = [
            {"name": one.name, "title": vars(one.title), "about": vars(one.about), "needs": one.needs}
            for one in scenarios
        ]
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for scenario in scenarios:
        click.echo(f"{scenario.name:28} {getattr(scenario.title, language)}")


def run_acceptance(scenarios: Sequence[Scenario], options: Mapping[str, Any]) -> int:
    """Play, print, write the files asked for; the exit code (skipped scenarios are no failure)."""
    from rich.console import Console

    language = options["language"] or "en"
    pointed = Pointed(options["api"], options["target"]) if options["api"] else None
    if options["target"] and not pointed:
        raise click.UsageError("--target goes with --api")
    try:
        with ended_in_order():
            if options["controlled"]:
                results = play_controlled(scenarios, pointed, options["falsify"])
            else:
                results = play_with_progress(scenarios, pointed, language, options["falsify"])
    except (DeskFailed, ApiFailed, requests.RequestException) as fault:
        raise click.ClickException(str(fault)) from fault
    if not options["controlled"]:
        Console(width=None if sys.stdout.isatty() else 120).print(make_table(results, language))
    if options["junit"]:
        write_junit(results, Path(options["junit"]))
    if options["html"]:
        write_html(results, Path(options["html"]), options["language"] or "")
    bad = [result.scenario.name for result in results if not result.good and not result.skipped]
    if options["controlled"]:
        click.echo(json.dumps({"summary": [describe_result(result) for result in results]}, ensure_ascii=False))
    elif bad:
        click.echo(f"{len(bad)} of {len(results)} scenarios failed: {', '.join(bad)}", err=True)
    return 1 if bad else 0


def play_with_progress(
    scenarios: Sequence[Scenario], pointed: Pointed | None, language: str, falsified: bool
) -> list[Result]:
    """Play with a bar on stderr that names the scenario and what happens now."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False)
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("starting …", total=len(scenarios))

        def tell(now: Moment) -> None:
            says = f": {getattr(now.says, language)}" if now.says else ""
            progress.update(task, completed=now.number, description=f"{now.scenario.name}{says}")

        return accept(scenarios, pointed, tell, falsified)


def play_controlled(scenarios: Sequence[Scenario], pointed: Pointed | None, falsified: bool) -> list[Result]:
    """Play under the eyes of another program: a JSON object a line, and an end when standard input ends."""

    def tell(now: Moment) -> None:
        told: dict[str, Any] = {"number": now.number, "total": len(scenarios), "scenario": now.scenario.name}
        told["says"] = vars(now.says) if now.says else None
        told["result"] = describe_result(now.result) if now.result else None
        click.echo(json.dumps({"progress": told}, ensure_ascii=False))

    threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    return accept(scenarios, pointed, tell, falsified)


def describe_result(result: Result) -> dict[str, Any]:
    """A scenario's outcome for programs: word is passed, failed or skipped."""
    word = "skipped" if result.skipped else "passed" if result.good else "failed"
    return {"name": result.scenario.name, "word": word, "seconds": round(result.seconds, 1)}


def _end_with_input() -> None:
    """As Ctrl-C would, once nobody holds the other end of standard input."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    if sys.platform == "win32":  # where a signal to oneself is the end at once
        _thread.interrupt_main()
    else:
        os.kill(os.getpid(), signal.SIGTERM)
