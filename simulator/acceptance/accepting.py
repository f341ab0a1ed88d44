"""`cmcsim accept` at the terminal: progress while it plays, then table, files and exit code."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import requests

from simulator.acceptance.accept import Pointed, accept
from simulator.acceptance.api import ApiFailed
from simulator.acceptance.desk import DeskFailed
from simulator.acceptance.play import Result
from simulator.acceptance.report import make_table, write_html, write_junit
from simulator.acceptance.scenario import Said, Scenario
from simulator.ending import ended_in_order


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
