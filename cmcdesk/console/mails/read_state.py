"""既読: what the pages know of mails that a person has opened (`store/desk/read_mails.py`)."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy.exc import OperationalError

from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.database import db
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.read_mails import find_unread, mark_all_read, mark_read
from cmcdesk.store.maillog.log import MailRow


def list_unread(rows: Iterable[MailRow]) -> set[int]:
    """The ids of those rows that nobody has opened yet."""
    log = current_mail_log()
    return find_unread(db.session(), log.log_id, [row.id for row in rows]) if log else set()


def mark_opened(row: MailRow) -> None:
    """A mail is being shown. Nothing is written for one that was opened before."""
    log = current_mail_log()
    if log is None or not list_unread([row]):
        return
    with suppress(OperationalError), transaction(current_services().engine) as session:  # full disk: it is shown anyway
        mark_read(session, log.log_id, [row.id])


def mark_everything_read() -> None:
    """All mails that are there count as read."""
    log = current_mail_log()
    if log is not None:
        with transaction(current_services().engine) as session:
            mark_all_read(session, log.log_id, log.newest_mail())
