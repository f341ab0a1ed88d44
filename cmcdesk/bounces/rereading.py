"""Reading all stored bounces again, when the tables know more than they did; shown before it is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from cmcdesk.bounces.reader import read_mail
from cmcdesk.store.desk.bounces import CURSOR, NewBounce, list_of_mail, replace_of_mail
from cmcdesk.store.desk.database import read_cursor, reading, transaction
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.maillog.log import MailLog

BATCH = 100
_COMPARED = tuple(name for name in NewBounce.__slots__ if name not in ("log_id", "mail_id", "ordinal"))


@dataclass(frozen=True, slots=True)
class ChangedReading:
    """What is read otherwise than before in one mail. before, after: one line for each recipient."""

    mail_id: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def find_changes(engine: Engine, mail_log: MailLog) -> Iterator[ChangedReading]:
    """Read again every mail up to the cursor and tell the differences; nothing is written."""
    for batch in _batches(engine, mail_log):
        with reading(engine) as session:
            for mail_id, found in batch:
                rows = list_of_mail(session, mail_log.log_id, mail_id)
                if _differs(rows, found):
                    yield ChangedReading(mail_id, tuple(map(_describe, rows)), tuple(map(_describe, found)))


def reread_all(engine: Engine, mail_log: MailLog) -> int:
    """Write what is read otherwise now; overrides and row ids stay. The number of mails that changed.

    Rows of mails that were purged from the mail log cannot be read again and stay as they are."""
    changed = 0
    for batch in _batches(engine, mail_log):
        with transaction(engine) as session:
            for mail_id, found in batch:
                if _differs(list_of_mail(session, mail_log.log_id, mail_id), found):
                    replace_of_mail(session, mail_log.log_id, mail_id, found)
                    changed += 1
    return changed


def _batches(engine: Engine, mail_log: MailLog) -> Iterator[list[tuple[int, list[NewBounce]]]]:
    with reading(engine) as session:
        last = read_cursor(session, CURSOR, mail_log.log_id)  # beyond it the reader has its own say
    position = 0
    while mails := [one for one in mail_log.bounces_after(position, BATCH) if one[0].id <= last]:
        position = mails[-1][0].id
        yield [(mail.id, read_mail(mail_log.log_id, mail, octets)) for mail, octets in mails]


def _differs(rows: list[BounceRow], found: list[NewBounce]) -> bool:
    if len(rows) != len(found):
        return True
    pairs = zip(rows, found, strict=True)
    return any(getattr(row, name) != getattr(new, name) for row, new in pairs for name in _COMPARED)


def _describe(bounce: BounceRow | NewBounce) -> str:
    kind = "" if bounce.final else " (delay)"
    return f"{bounce.recipient or '(nobody named)'} {bounce.error_status} {bounce.status or '-'} {bounce.rule}{kind}"
