"""The acceptance run: a cmcdesk of its own or one that runs already, a sink, and the scenarios one after the other; and
`cmcsim accept` at the terminal: progress while it plays, then table, files and exit code.
"""

import json
import sys
import tempfile
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


Tell = Callable[[int, Scenario, Said | None], None]


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
            api.do("GET", "status")
            yield World(api, sink, loops, pointed.target)
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


def accept(scenarios: Sequence[Scenario], pointed: Pointed | None, tell: Tell, falsified: bool = False) -> list[Result]:
    """Play the scenarios; ``tell`` is told (number, scenario, what happens now; None: it is over)."""
    results = []
    with open_world(pointed) as world:
        for number, scenario in enumerate(scenarios):

            def say(says: Said, number: int = number, scenario: Scenario = scenario) -> None:
                tell(number, scenario, says)

            results.append(play(world, scenario, say, falsified))
            tell(number + 1, scenario, None)
    return results


def list_titles(scenarios: Sequence[Scenario], language: str) -> None:
    """One line per scenario."""
    for scenario in scenarios:
        click.echo(f"{scenario.name:28} {getattr(scenario.title, language)}")


def run_acceptance(scenarios: Sequence[Scenario], options: Mapping[str, Any]) -> int:
    """Play, print, write the files asked for; the exit code (skipped scenarios are no failure)."""
    from rich.console import Console

    language = options["language"]
    pointed = Pointed(options["api"], options["target"]) if options["api"] else None
    if options["target"] and not pointed:
        raise click.UsageError("--target goes with --api")
    try:
        with ended_in_order():
            results = play_with_progress(scenarios, pointed, language, options["falsify"])
    except (DeskFailed, ApiFailed, requests.RequestException) as fault:
        raise click.ClickException(str(fault)) from fault
    Console(width=None if sys.stdout.isatty() else 120).print(make_table(results, language))
    if options["junit"]:
        write_junit(results, Path(options["junit"]))
    if options["html"]:
        write_html(results, Path(options["html"]))
    bad = [result.scenario.name for result in results if not result.good and not result.skipped]
    if bad:
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

        def tell(number: int, scenario: Scenario, says: Said | None) -> None:
            now = f": {getattr(says, language)}" if says else ""
            progress.update(task, completed=number, description=f"{scenario.name}{now}")

        return accept(scenarios, pointed, tell, falsified)
