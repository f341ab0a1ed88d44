"""`cmcdesk doctor`: what is wrong with a data folder, and what mends it."""

import json
import sqlite3
from pathlib import Path

import click

from cmcdesk.doctor.checks import examine
from cmcdesk.doctor.finding import Finding
from cmcdesk.processes.instance import AlreadyRunning, InstanceLock
from cmcdesk.processes.paths import begin_private, find_data_dir
from cmcdesk.processes.terminal import choose_language, in_locale
from cmcdesk.rules.texts import N_, Text, translate

WELL = N_("All is well.")
CLOSE_FIRST = N_("Close cmcdesk, then run this again.")


@click.command("doctor")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Data folder to look at.")
@click.option("--repair", is_flag=True, help="Mend what can be mended, while no cmcdesk runs on this folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding, a line each.")
def command(data_dir: Path | None, repair: bool, as_json: bool) -> None:
    """Look at the data folder: permissions, room, lock, and every database; say what is wrong and what mends it.

    Without --repair nothing is changed. Exit codes: 0 all is well (or was mended), 1 something is left to be done.
    """
    folder, language = find_data_dir(data_dir), choose_language()
    left = _repair_all(folder, language, as_json) if repair else _tell_all(folder, language, as_json)
    if not left and not as_json:
        click.echo(translate(language, WELL))
    raise click.exceptions.Exit(1 if left else 0)


def _tell_all(folder: Path, language: str, as_json: bool) -> int:
    found = 0
    for finding in examine(folder):
        found += 1
        _tell(finding, language, as_json)
    return found


def _repair_all(folder: Path, language: str, as_json: bool) -> int:
    """How much is left."""
    if not folder.is_dir():
        return _tell_all(folder, language, as_json)
    begin_private()
    try:
        lock = InstanceLock(folder)
    except AlreadyRunning as running:
        raise click.ClickException(f"{in_locale(running.message)} {translate(language, CLOSE_FIRST)}") from running
    left = 0
    try:
        for finding in list(examine(folder)):
            _tell(finding, language, as_json)
            left += not _mend(finding, language, as_json)
    finally:
        lock.release()
    return left


def _mend(finding: Finding, language: str, as_json: bool) -> bool:
    """Whether it was mended."""
    if finding.repair is None:
        return False
    try:
        done: Text = finding.repair()
    except (OSError, sqlite3.Error) as error:
        click.echo(f"  {error}", err=True)
        return False
    if not as_json:
        click.echo(f"  → {done[language]}")
    return True


def _tell(finding: Finding, language: str, as_json: bool) -> None:
    if as_json:
        told = {"check": finding.check, "state": finding.state, "what": finding.what, "mend": finding.mend}
        click.echo(json.dumps(told | {"can_repair": finding.repair is not None}, ensure_ascii=False))
    else:
        click.echo(f"{finding.check}: {finding.what[language]}\n  {finding.mend[language]}")
