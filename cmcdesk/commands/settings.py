"""`cmcdesk settings`: the saved settings from the command line. import saves, as 保存 does; apply is 設定反映."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cmcdesk.commands.settings_saved import (
    Given,
    LanguageName,
    move_into,
    open_saved,
    raise_errors,
    read_given_file,
    read_saved,
)
from cmcdesk.processes.terminal import choose_language
from cmcdesk.rules.runaway import list_warnings
from cmcdesk.rules.settings import SettingsError


def take_common_options(leaf: Callable[..., None]) -> Callable[..., None]:
    """--data-dir, --composition and --lang, handed on as one Given."""

    def run(data_dir: Path | None, composition: str | None, lang: str | None, **other: Any) -> None:
        leaf(Given(data_dir, composition, lang or choose_language()), **other)

    run.__name__, run.__doc__ = leaf.__name__, leaf.__doc__
    run.__click_params__ = getattr(leaf, "__click_params__", [])  # type: ignore[attr-defined]
    run = click.option("--lang", type=LanguageName(), help="Language of the output (default: by locale).")(run)
    run = click.option("--composition", metavar="NAME", help="One composition only.")(run)
    return click.option("--data-dir", type=click.Path(path_type=Path), help="Where the databases are.")(run)


@click.group()
def command() -> None:
    """Show, check, import, export, apply and roll back settings."""


@command.command()
@take_common_options
def show(given: Given) -> None:
    """Print the saved settings and whether they are live. Secrets are masked."""
    from cmcdesk.commands.settings_text import write_settings

    for one in read_saved(given):
        click.echo("\n".join(write_settings(one, given.lang)))


@command.command()
@click.argument("file", type=click.File("rb"))
@take_common_options
def validate(given: Given, file: Any) -> None:
    """Check a settings file. Exit code 1: it is not valid, one line on stderr for each error. Warnings are no error."""
    compositions = read_given_file(given, file, exit_code=1)
    for composition in compositions:
        for field, _pattern, text in list_warnings(composition.as_data()):
            click.echo(f"{composition.name}: {field}: {text[given.lang]}", err=True)
    names = ", ".join(composition.name for composition in compositions)
    given.tell("valid settings: %(names)s", names=names)


@command.command("import")
@click.argument("file", type=click.File("rb"))
@take_common_options
def import_file(given: Given, file: Any) -> None:
    """Save the settings of a file; they become live with `apply`.

    Compositions that the file does not name stay as they are. With --composition the settings of the file's one
    composition go into NAME, which keeps its name, plan and subdomain.
    """
    from cmcdesk.store.desk.compositions import import_drafts
    from cmcdesk.store.desk.database import transaction

    compositions = read_given_file(given, file, exit_code=2)
    with open_saved(given) as engine, transaction(engine) as session:
        if given.composition:
            compositions = [move_into(given, session, compositions)]
        try:
            new = import_drafts(session, compositions, time.time())
        except SettingsError as problem:
            raise_errors(given, problem.errors, exit_code=2)
    for composition in compositions:
        added = given.say(" (new)") if composition.name in new else ""
        given.tell("%(name)s%(added)s: saved", name=composition.name, added=added)
    given.tell("to make them live: cmcdesk settings apply")


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--with-secrets", is_flag=True, help="With api_key, basic and bearer in clear.")
@take_common_options
def export(given: Given, file: Path | None, with_secrets: bool) -> None:
    """Write the saved settings as a settings file, to stdout without FILE.

    Secrets of webhooks are masked; `import` on the same data folder takes a mask for what is saved there. A file for
    another data folder needs --with-secrets.
    """
    from cmcdesk.processes.instance import write_private
    from cmcdesk.rules.settings import check_composition, write_settings_file

    try:
        saved = [check_composition(one.row.draft, one.row.name) for one in read_saved(given)]
        text = write_settings_file(saved, with_secrets)
    except SettingsError as problem:
        raise_errors(given, problem.errors, exit_code=1)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        write_private(file, text)
    except OSError as problem:
        raise click.FileError(str(file), problem.strerror or str(problem)) from None


@command.command()
@take_common_options
def diff(given: Given) -> None:
    """Print what reflecting would change, and what each change does."""
    from cmcdesk.commands.settings_text import write_changes

    lines = [line for one in read_saved(given) for line in write_changes(one, given.lang)]
    click.echo("\n".join(lines) or given.say("no changes"))


@command.command()
@take_common_options
def apply(given: Given) -> None:
    """Reflect what is saved to the mail server of the running cmcdesk, one composition after the other.

    Exit code 1: cmcdesk does not run on this data folder, or the settings were refused.
    """
    from cmcdesk.commands.running_console import ConsoleRefused, NotRunning, find_console
    from cmcdesk.processes.paths import find_data_dir

    changed = [one.row.name for one in read_saved(given) if one.has_changes]
    if not changed:
        given.tell("nothing to apply")
        return
    refused = False
    try:
        console = find_console(find_data_dir(given.data_dir), given.lang)
        for name in changed:
            try:
                number = console.apply(name)
                given.tell("%(name)s: applied as revision %(number)s", name=name, number=number)
            except ConsoleRefused as problem:
                refused = True
                click.echo("\n".join(f"{name}: {line}" for line in problem.lines), err=True)
    except NotRunning as problem:
        click.echo(problem.message[given.lang], err=True)
        refused = True
    if refused:
        sys.exit(1)


@command.command()
@take_common_options
def history(given: Given) -> None:
    """List the revisions, newest first; * marks the live one."""
    from cmcdesk.commands.settings_text import write_history
    from cmcdesk.store.desk.compositions import list_revisions
    from cmcdesk.store.desk.database import reading

    rows = [one.row for one in read_saved(given)]
    with open_saved(given, makes=False) as engine, reading(engine) as session:
        for row in rows:
            click.echo("\n".join(write_history(row, list_revisions(session, row.name), given.lang, given.data_dir)))


@command.command()
@click.argument("number", type=click.IntRange(min=1))
@take_common_options
def rollback(given: Given, number: int) -> None:
    """Save the settings of revision NUMBER again, as a draft; `apply` makes them live."""
    from cmcdesk.applying import roll_back
    from cmcdesk.store.desk.compositions import UnknownRevision

    saved = read_saved(given)
    if len(saved) != 1:
        raise click.UsageError(given.say("say --composition NAME"))
    name = saved[0].row.name
    with open_saved(given) as engine:
        try:
            roll_back(engine, name, number)
        except UnknownRevision:
            missing = given.say("%(name)s has no revision %(number)s", name=name, number=number)
            click.echo(missing, err=True)
            sys.exit(1)
        except SettingsError as problem:
            raise_errors(given, problem.errors, exit_code=1)
    given.tell(
        "%(name)s: saved the settings of revision %(number)s; to make them live: cmcdesk settings apply",
        name=name,
        number=number,
    )
