"""Single mails: those that ended the worker twice, and that no reader reads any more."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from cmcdesk.doctor.finding import LOCK_SECONDS, Finding
from cmcdesk.processes.paths import desk_db, mail_db
from cmcdesk.rules.texts import both
from cmcdesk.store.desk.set_aside import SetAside, list_set_aside
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing, NewerMailLog


def check_mails(folder: Path) -> Iterator[Finding]:
    """That every mail can be read."""
    aside = _list_aside(folder)
    if aside:
        numbers = ", ".join(str(one.mail_id) for one in aside[:10]) + (" …" if len(aside) > 10 else "")
        yield Finding(
            "mails", "set_aside",
            both(f"読み取り中に処理を 2 回止めたため、読み飛ばしているメールがあります: {numbers}",
                 f"Mails that ended their reader twice are passed over: {numbers}"),
            both("cmcdesk mail raw 番号 で内容を確かめ、cmcdesk mail again 番号 でもう一度読ませてください。",
                 "Look at each with cmcdesk mail raw ID, and let it be read again with cmcdesk mail again ID."),
        )  # fmt: skip


def _list_aside(folder: Path) -> list[SetAside]:
    """None where the databases cannot be read: other checks tell that."""
    place = f"{desk_db(folder).absolute().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True))
    try:
        with MailLog(mail_db(folder), LOCK_SECONDS) as log, Session(engine) as session:
            return list_set_aside(session, log.log_id)
    except (DatabaseError, sqlite3.Error, MailLogMissing, NewerMailLog):
        return []
    finally:
        engine.dispose()
