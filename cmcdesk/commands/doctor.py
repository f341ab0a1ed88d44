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
from cmcdesk.rules.domain_steps import STEP_TITLES
from cmcdesk.rules.texts import N_, Text, translate

WELL = N_("All is well.")
NO_NAME_SERVER = N_("This computer names no name server.")
MARKS = {"good": "✔", "bad": "✘", "note": "!", "unknown": "?"}
CLOSE_FIRST = N_("Close cmcdesk, then run this again.")


@click.command("doctor")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Data folder to look at.")
@click.option("--repair", is_flag=True, help="Mend what can be mended, while no cmcdesk runs on this folder.")
@click.option("--domains", is_flag=True, help="The manual's steps for each bounce and inbound domain instead.")
@click.option("--real-dns", is_flag=True, help="With --domains: ask this computer's name server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding, a line each.")
def command(data_dir: Path | None, repair: bool, domains: bool, real_dns: bool, as_json: bool) -> None:
    """Look at the data folder: permissions, room, lock, and every database; say what is wrong and what mends it.

    Without --repair nothing is changed. Exit codes: 0 all is well (or was mended), 1 something is left to be done.
    """
    folder, language = find_data_dir(data_dir), choose_language()
    if domains:
        raise click.exceptions.Exit(_tell_domains(folder, real_dns, language, as_json))
    left = _repair_all(folder, language, as_json) if repair else _tell_all(folder, language, as_json)
    if not left and not as_json:
        click.echo(translate(language, WELL))
    raise click.exceptions.Exit(1 if left else 0)


def _tell_domains(folder: Path, is_real: bool, language: str, as_json: bool) -> int:
    """The exit code: 1 where a step is wrong."""
    from sqlalchemy.exc import DatabaseError  # here: who looks at the folder only does not wait for these

    from cmcdesk.doctor.domains import NoNameServer, check_folder_domains

    try:
        checked = check_folder_domains(folder, is_real)
    except NoNameServer:
        raise click.ClickException(translate(language, NO_NAME_SERVER)) from None
    except DatabaseError as error:
        raise click.ClickException(str(error.orig or error)) from error
    for each in checked:
        if not as_json:
            click.echo(f"{each.domain} ({each.composition}, {each.use})")
        for step in each.steps:
            if as_json:
                about = {"composition": each.composition, "domain": each.domain, "use": each.use}
                texts = {"found": step.found, "expected": step.expected, "mend": step.mend}
                click.echo(json.dumps(about | {"step": step.name, "grade": step.grade} | texts, ensure_ascii=False))
                continue
            title = translate(language, STEP_TITLES[step.name])
            click.echo(f"  {MARKS[step.grade]} {title}: {step.found[language]}")
            if step.mend[language]:
                click.echo(f"      {step.mend[language]}")
    return int(any(each.grade == "bad" for each in checked))


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
