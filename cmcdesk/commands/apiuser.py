"""`cmcdesk apiuser …`: who may call CMC's own API paths, and relay mails with SMTP AUTH."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmcdesk.commands.instants import tell_instant
from cmcdesk.commands.stores import data_dir_option, find_desk_folder
from cmcdesk.processes.terminal import in_locale
from cmcdesk.rules.texts import N_

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from cmcdesk.store.desk.api_users import BadApiUser


TOLD = {
    "form": {
        "api_user": N_("must be 1 to 254 letters, digits or one of . _ @ + = ~ -, beginning with a letter or digit"),
        "api_key": N_("must be 8 to 255 printable ASCII characters without spaces"),
        "time_zone": N_("must be the name of a time zone, such as Asia/Tokyo"),
    },
    "taken": {"api_user": N_("is taken by another API user")},
}


def terms_options(function: Callable[..., None]) -> Callable[..., None]:
    """What an API user may, as options; what is not given stays as it is."""
    options = (
        click.option("--role", type=click.Choice(["admin", "user"]), help="admin: API group administrator."),
        click.option("--http-api/--no-http-api", default=None, help="May call the transaction API."),
        click.option("--smtp/--no-smtp", default=None, help="May relay and send, once the settings are reflected."),
        click.option("--time-zone", help="Of the dates of its calls (default: Asia/Tokyo)."),
        click.option("--own-only/--no-own-only", default=None, help="Sees only what itself sent."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Add, list, change and remove API users, who may call CMC's own API paths and relay mails."""


@command.command()
@click.argument("api_user")
@click.option("--api-key", default="", help="The key (default: one is made).")
@terms_options
@data_dir_option
def add(api_user: str, api_key: str, data_dir: Path | None, **terms: Any) -> None:
    """Add an API user and print its key; it is not shown again."""
    from cmcdesk.store.desk.api_users import BadApiUser, create_api_user
    from cmcdesk.store.desk.database import transaction

    with _open_desk(data_dir, makes=True) as engine:
        try:
            with transaction(engine) as session:
                made = create_api_user(session, api_user, time.time(), api_key, **_given(terms))
        except BadApiUser as bad:
            raise _misuse(bad) from bad
    click.echo(made.api_key)


@command.command("list")
@data_dir_option
def list_(data_dir: Path | None) -> None:
    """List the API users, by name: when each was added, role, time zone; HTTP-API, SMTP and own-only where it is so."""
    from cmcdesk.store.desk.api_users import list_api_users
    from cmcdesk.store.desk.database import reading

    with _open_desk(data_dir) as engine, reading(engine) as session:
        for row in list_api_users(session):
            marks = {"HTTP-API": row.http_api, "SMTP": row.smtp, "own-only": row.own_only}
            line = [row.api_user, tell_instant(row.created_at, data_dir), row.role, row.time_zone]
            click.echo("\t".join([*line, *(mark for mark, is_so in marks.items() if is_so)]))


@command.command("set")
@click.argument("api_user")
@click.option("--api-key", help="Another key.")
@click.option("--new-key", is_flag=True, help="Make another key, and print it; it is not shown again.")
@terms_options
@data_dir_option
def set_(api_user: str, api_key: str | None, new_key: bool, data_dir: Path | None, **terms: Any) -> None:
    """Change an API user; what is not given stays. Exit code 1: there is none of that name."""
    from cmcdesk.store.desk.api_users import BadApiUser, change_api_key, change_api_user
    from cmcdesk.store.desk.database import transaction

    given = _given(terms)
    if not given and not new_key and api_key is None:
        raise click.UsageError(in_locale("say what to change"))
    with _open_desk(data_dir) as engine:
        try:
            with transaction(engine) as session:
                _check_known(api_user, change_api_user(session, api_user, **given))
                key = change_api_key(session, api_user, api_key or "") if new_key or api_key is not None else None
        except BadApiUser as bad:
            raise _misuse(bad) from bad
    if key and not api_key:
        click.echo(key)


def _given(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in terms.items() if value is not None}


def _misuse(bad: "BadApiUser") -> click.UsageError:
    told = in_locale(TOLD[bad.reason][bad.field])
    return click.UsageError(in_locale("%(field)s %(message)s", field=bad.field, message=told))


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
