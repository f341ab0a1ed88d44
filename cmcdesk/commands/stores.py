"""Both databases for a command; imported without the ORM, which is loaded when they are opened."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from cmcdesk.store.maillog.log import MailLog


@contextmanager
def open_stores(folder: str | None) -> "Iterator[tuple[Engine, MailLog | None]]":
    """desk.db, and mail.db if there is one yet."""
    from cmcdesk.processes.paths import data_dir, mail_db
    from cmcdesk.store.desk.database import DatabaseUnusable, NewerDatabase, open_desk
    from cmcdesk.store.maillog.log import MailLog
    from cmcdesk.store.maillog.schema import NewerMailLog

    place = data_dir(folder)
    with ExitStack() as closing:
        try:
            engine = open_desk(place)
            closing.callback(engine.dispose)
            log = closing.enter_context(MailLog(mail_db(place))) if mail_db(place).exists() else None
        except (DatabaseUnusable, NewerDatabase, NewerMailLog) as error:
            raise click.ClickException(str(error)) from error
        yield engine, log
