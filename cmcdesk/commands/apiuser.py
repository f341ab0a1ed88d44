"""`cmcdesk apiuser …`: who may call CMC's own API paths, and relay mails with SMTP AUTH."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmcdesk.commands.instants import tell_instant
from cmcdesk.commands.stores import data_dir_option, find_desk_folder
from cmcdesk.processes.terminal import in_locale
from cmcdesk.rules.texts import N_

if TYPE_CHECKING:
    from sqlalchemy import Engine


TOLD = {
    "form": {
        "api_user": N_("must be 1 to 64 letters, digits or one of . _ @ -, beginning with a letter or digit"),
        "api_key": N_("must be 8 to 255 printable ASCII characters without spaces"),
    },
    "taken": {"api_user": N_("is taken by another API user")},
}


@click.group()
def command() -> None:
    """Add, list, change and remove API users, who may call CMC's own API paths and relay mails."""


@command.command()
@click.argument("api_user")
@click.option("--api-key", default="", help="The key (default: one is made).")
@click.option("--smtp", is_flag=True, help="May relay with SMTP AUTH, once the settings are reflected.")
@data_dir_option
def add(api_user: str, api_key: str, smtp: bool, data_dir: Path | None) -> None:
    """Add an API user and print its key; it is not shown again."""
    from cmcdesk.store.desk.api_users import BadApiUser, create_api_user
    from cmcdesk.store.desk.database import transaction

    with _open_desk(data_dir, makes=True) as engine:
        try:
            with transaction(engine) as session:
                made = create_api_user(session, api_user, time.time(), api_key, smtp=smtp)
        except BadApiUser as bad:
            raise click.UsageError(
                in_locale("%(field)s %(message)s", field=bad.field, message=in_locale(TOLD[bad.reason][bad.field]))
            ) from bad
    click.echo(made.api_key)


@command.command("list")
@data_dir_option
def list_(data_dir: Path | None) -> None:
    """List the API users, by name, with the time when each was added, and SMTP for those who may relay."""
    from cmcdesk.store.desk.api_users import list_api_users
    from cmcdesk.store.desk.database import reading

    with _open_desk(data_dir) as engine, reading(engine) as session:
        for row in list_api_users(session):
            line = f"{row.api_user}\t{tell_instant(row.created_at, data_dir)}"
            click.echo(f"{line}\tSMTP" if row.smtp else line)


@command.command("set")
@click.argument("api_user")
@click.option("--smtp/--no-smtp", required=True, help="May relay with SMTP AUTH, once the settings are reflected.")
@data_dir_option
def set_(api_user: str, smtp: bool, data_dir: Path | None) -> None:
    """Change an API user. Exit code 1: there is none of that name."""
    from cmcdesk.store.desk.api_users import allow_smtp
    from cmcdesk.store.desk.database import transaction

    with _open_desk(data_dir) as engine, transaction(engine) as session:
        _check_known(api_user, allow_smtp(session, api_user, smtp))


@command.command()
@click.argument("api_user")
@data_dir_option
def remove(api_user: str, data_dir: Path | None) -> None:
    """Remove an API user. Exit code 1: there is none of that name."""
    from cmcdesk.store.desk.api_users import remove_api_user
    from cmcdesk.store.desk.database import transaction

    with _open_desk(data_dir) as engine, transaction(engine) as session:
        _check_known(api_user, remove_api_user(session, api_user))


def _check_known(api_user: str, is_known: bool) -> None:
    if not is_known:
        click.echo(in_locale("there is no API user %(name)s", name=api_user), err=True)
        sys.exit(1)


@contextmanager
def _open_desk(folder: Path | None, makes: bool = False) -> "Iterator[Engine]":
    """makes: a data folder that is not there yet."""
    from cmcdesk.processes.paths import data_dir
    from cmcdesk.store.desk.database import DatabaseUnusable, NewerDatabase, open_desk

    with nullcontext(data_dir(folder)) if makes else find_desk_folder(folder) as place:
        try:
            engine = open_desk(place)
        except (DatabaseUnusable, NewerDatabase) as error:
            raise click.ClickException(in_locale(error.message)) from error
        yield engine
        engine.dispose()
