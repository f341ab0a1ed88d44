"""What the leaves of `cmcdesk settings` share: the saved settings, opened; errors told, one a line, then the end."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from cmcdesk.commands.stores import find_desk_folder
from cmcdesk.rules.settings import Composition, FieldError, SettingsError
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.rules.texts import list_languages, translate

if TYPE_CHECKING:
    from cmcdesk.store.desk.compositions import SavedComposition

MASKED = b"********"  # a secret of an export; only for one is what is saved looked at


class LanguageName(click.ParamType[str]):
    """The code of a language that there is a catalogue of; looked up when one is given or help is asked for."""

    name = "language"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """All of them."""
        return click.Choice(list_languages()).get_metavar(param, ctx)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """One of them, or the usage error that names them."""
        return click.Choice(list_languages()).convert(value, param, ctx)


@dataclass(frozen=True)
class Given:
    """What every leaf command is given. composition: None for all."""

    data_dir: Path | None
    composition: str | None
    lang: str

    def say(self, msgid: str, **values: object) -> str:
        """The text in the language that is asked for."""
        return translate(self.lang, msgid, **values)

    def tell(self, msgid: str, **values: object) -> None:
        """Print it."""
        click.echo(self.say(msgid, **values))


@contextmanager
def open_saved(given: Given, makes: bool = True) -> Iterator[Any]:
    """The engine of desk.db, with the first compositions if it is new. A file that cannot be used ends with code 1.
    makes: a data folder that is not there yet."""
    from cmcdesk.processes.paths import data_dir
    from cmcdesk.rules.settings import initial_compositions
    from cmcdesk.store.desk.compositions import seed_compositions
    from cmcdesk.store.desk.database import DatabaseUnusable, open_desk, transaction

    with nullcontext(data_dir(given.data_dir)) if makes else find_desk_folder(given.data_dir) as place:
        try:
            engine = open_desk(place)
        except DatabaseUnusable as problem:
            click.echo(problem.message[given.lang], err=True)
            sys.exit(1)
        with transaction(engine) as session:
            seed_compositions(session, initial_compositions(), time.time())
        yield engine
        engine.dispose()


def read_saved(given: Given) -> "list[SavedComposition]":
    """All, or that of --composition; an unknown one is misuse."""
    from cmcdesk.store.desk.compositions import list_saved
    from cmcdesk.store.desk.database import reading

    with open_saved(given, makes=False) as engine, reading(engine) as session:
        saved = list_saved(session)
    chosen = [one for one in saved if given.composition in (None, one.row.name)]
    if not chosen:
        names = ", ".join(one.row.name for one in saved)
        unknown = given.say(
            "no composition %(composition)s; there is %(names)s",
            composition=given.composition,
            names=names,
        )
        raise click.BadParameter(unknown, param_hint="--composition")
    return chosen


def read_given_file(given: Given, file: Any, exit_code: int) -> list[Composition]:
    """The compositions of a settings file, or the end with one line for each error."""
    from cmcdesk.rules.settings import read_settings_file

    def find_stored(name: str) -> Mapping[str, Any]:
        drafts: dict[str, StoredSettings] = {one.row.name: one.row.draft for one in read_saved(given)}
        return drafts.get(given.composition or name, {})

    text = file.read()
    try:
        return read_settings_file(text, find_stored) if MASKED in text else read_settings_file(text)
    except SettingsError as problem:
        raise_errors(given, problem.errors, exit_code)


def move_into(given: Given, session: Any, compositions: list[Composition]) -> Composition:
    """The file's one composition as settings of --composition."""
    from cmcdesk.rules.settings import check_composition
    from cmcdesk.store.desk.compositions import UnknownComposition, get_composition

    if len(compositions) != 1:
        many = given.say(
            "--composition needs a file with one composition",
        )
        raise click.UsageError(many)
    try:
        kept = get_composition(session, given.composition or "").draft
        own = {key: kept[key] for key in ("name", "plan", "subdomain")}
        return check_composition(compositions[0].as_data() | own, "composition[0]")
    except UnknownComposition as problem:
        unknown = given.say("no composition %(problem)s", problem=problem)
        raise click.BadParameter(unknown, param_hint="--composition") from None
    except SettingsError as problem:
        raise_errors(given, problem.errors, exit_code=2)


def raise_errors(given: Given, errors: list[FieldError], exit_code: int) -> NoReturn:
    """One line on stderr for each error, then the end."""
    click.echo("\n".join(error.line(given.lang) for error in errors), err=True)
    sys.exit(exit_code)
