"""Which stored mails a person has opened (既読), kept in desk.db: nothing is written when a mail arrives, one row when
it is opened first, and a mark below which all count as read."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cmcdesk.store.desk.models import ReadMailRow, ReadUpToRow


def mark_read(session: Session, log_id: str, mail_ids: Iterable[int]) -> None:
    """These mails of that mail.db were opened."""
    for mail_id in find_unread(session, log_id, mail_ids):
        session.add(ReadMailRow(log_id=log_id, mail_id=mail_id))


def mark_all_read(session: Session, log_id: str, newest: int) -> None:
    """All mails up to that id count as read; what was kept of single ones is not needed any more."""
    session.merge(ReadUpToRow(log_id=log_id, mail_id=newest))
    session.execute(delete(ReadMailRow).where(ReadMailRow.log_id == log_id, ReadMailRow.mail_id <= newest))


def find_unread(session: Session, log_id: str, mail_ids: Iterable[int]) -> set[int]:
    """Of these mails, those that nobody has opened yet."""
    up_to = session.scalar(select(ReadUpToRow.mail_id).where(ReadUpToRow.log_id == log_id)) or 0
    asked = {mail_id for mail_id in mail_ids if mail_id > up_to}
    opened = select(ReadMailRow.mail_id).where(ReadMailRow.log_id == log_id, ReadMailRow.mail_id.in_(asked))
    return asked - set(session.scalars(opened)) if asked else set()
