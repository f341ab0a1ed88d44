"""`cmcdesk apiuser …`: who may call CMC's own API paths."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from cmcdesk.commands.instants import write_instant
from cmcdesk.commands.stores import find_desk_folder

if TYPE_CHECKING:
    from sqlalchemy import Engine

data_dir_option = click.option("--data-dir", type=click.Path(file_okay=False), help="Data folder of this cmcdesk.")

TOLD = {
    "form": {
        "api_user": "must be 1 to 64 letters, digits or one of . _ @ -, beginning with a letter or digit",
        "api_key": "must be 8 to 255 printable ASCII characters without spaces",
    },
    "taken": {"api_user": "is taken by another API user"},
}


@click.group()
def command() -> None:
    """Add, list and remove API users, who may call CMC's own API paths."""


@command.command()
@click.argument("api_user")
@click.option("--api-key", default="", help="The key (default: one is made).")
@data_dir_option
def add(api_user: str, api_key: str, data_dir: str | None) -> None:
    """Add an API user and print its key; it is not shown again."""
    from cmcdesk.store.desk.api_users import BadApiUser, create_api_user
    from cmcdesk.store.desk.database import transaction

    with _open_desk(data_dir, makes=True) as engine:
        try:
            with transaction(engine) as session:
                made = create_api_user(session, api_user, time.time(), api_key)
        except BadApiUser as bad:
            raise click.UsageError(f"{bad.field} {TOLD[bad.reason][bad.field]}") from bad
    click.echo(made.api_key)


@command.command("list")
@data_dir_option
def list_(data_dir: str | None) -> None:
    """List the API users, by name, with the time when each was added."""
    from cmcdesk.store.desk.api_users import list_api_users
    from cmcdesk.store.desk.database import reading

    with _open_desk(data_dir) as engine, reading(engine) as session:
        for row in list_api_users(session):
            click.echo(f"{row.api_user}\t{write_instant(row.created_at, data_dir)}")


@command.command()
@click.argument("api_user")
@data_dir_option
def remove(api_user: str, data_dir: str | None) -> None:
    """Remove an API user. Exit code 1: there is none of that name."""
    from cmcdesk.store.desk.api_users import remove_api_user
    from cmcdesk.store.desk.database import transaction

    with _open_desk(data_dir) as engine, transaction(engine) as session:
        known = remove_api_user(session, api_user)
    if not known:
        click.echo(f"there is no API user {api_user}", err=True)
        sys.exit(1)


@contextmanager
def _open_desk(folder: str | None, makes: bool = False) -> "Iterator[Engine]":
    """makes: a data folder that is not there yet."""
    from cmcdesk.processes.paths import data_dir
    from cmcdesk.store.desk.database import DatabaseUnusable, NewerDatabase, open_desk

    with nullcontext(data_dir(folder)) if makes else find_desk_folder(folder) as place:
        try:
            engine = open_desk(place)
        except (DatabaseUnusable, NewerDatabase) as error:
            raise click.ClickException(str(error)) from error
        yield engine
        engine.dispose()
