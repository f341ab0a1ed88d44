"""Both databases for a command; imported without the ORM, which is loaded when they are opened.

A command that only looks makes no data folder: where there is no desk.db yet, it looks at an empty one elsewhere.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from cmcdesk.processes.terminal import in_locale

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from cmcdesk.store.maillog.log import MailLog

data_dir_option = click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Data folder of this cmcdesk."
)


@contextmanager
def find_desk_folder(folder: str | Path | None) -> Iterator[Path]:
    """The data folder where it has a desk.db; else an empty folder that is gone afterwards."""
    from cmcdesk.processes.paths import desk_db, look_for_data_dir

    place = look_for_data_dir(folder)
    if desk_db(place).exists():
        yield place
        return
    with TemporaryDirectory(prefix="cmcdesk-") as empty:
        yield Path(empty)


@contextmanager
def open_stores(folder: Path | None) -> "Iterator[tuple[Engine, MailLog | None]]":
    """desk.db, and mail.db if there is one yet."""
    from cmcdesk.processes.paths import look_for_data_dir, mail_db
    from cmcdesk.store.desk.database import DatabaseUnusable, NewerDatabase, open_desk
    from cmcdesk.store.maillog.log import MailLog
    from cmcdesk.store.maillog.schema import NewerMailLog

    place = look_for_data_dir(folder)
    with ExitStack() as closing:
        try:
            engine = open_desk(closing.enter_context(find_desk_folder(folder)))
            closing.callback(engine.dispose)
            log = closing.enter_context(MailLog(mail_db(place))) if mail_db(place).exists() else None
        except (DatabaseUnusable, NewerDatabase, NewerMailLog) as error:
            raise click.ClickException(in_locale(error.message)) from error
        yield engine, log
