"""Bounces in desk.db as the worker writes them, and as a person looks at one. Lists: `bounce_lists.py`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore
from sqlalchemy.orm import Session

from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.block_batch import AddressError, recount_error
from cmcdesk.store.desk.database import move_cursor
from cmcdesk.store.desk.models import BounceRow

CURSOR = "bounces"
ERROR_STATUSES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99)


@dataclass(frozen=True, slots=True)
class NewBounce:
    """What one notice says about one recipient; the columns of BounceRow of the same names."""

    log_id: str
    mail_id: int
    ordinal: int
    composition: str
    created_at: float
    final: bool
    recipient: str
    error_status: int
    status: str | None
    reply: str | None
    diagnostic: str
    evidence: str
    rule: str
    header_from: str
    message_id: str
    return_path: str
    subject: str
    api_data: str
    own_report: bool = False

    def columns(self) -> dict[str, object]:
        """Column name → value."""
        return {name: getattr(self, name) for name in self.__slots__}


def record_bounces(session: Session, log_id: str, position: int, found: Sequence[NewBounce]) -> Sequence[BounceRow]:
    """Add rows and move the cursor, in the caller's transaction; the rows that were added, in their order.

    A row that is there already (same mail, same ordinal) stays as it is and is not among them."""
    move_cursor(session, CURSOR, log_id, position)
    return add_bounces(session, found)


def add_bounces(session: Session, found: Sequence[NewBounce]) -> Sequence[BounceRow]:
    """The same without the cursor."""
    if not found:
        return []
    adding = insert_or_ignore(BounceRow).on_conflict_do_nothing().returning(BounceRow)
    rows = session.scalars(adding, [one.columns() for one in found]).all()
    return sorted(rows, key=lambda row: row.id)


def list_of_mail(session: Session, log_id: str, mail_id: int) -> list[BounceRow]:
    """All rows of one bounce mail, by ordinal."""
    query = select(BounceRow).where(BounceRow.log_id == log_id, BounceRow.mail_id == mail_id)
    return list(session.scalars(query.order_by(BounceRow.ordinal)))


def replace_of_mail(session: Session, log_id: str, mail_id: int, found: Sequence[NewBounce]) -> None:
    """Put what was read anew in the place of a mail's rows. A recipient that is named again keeps its row's id and what
    a person said about it (override)."""
    before = {row.recipient.lower(): (row.id, row.override) for row in list_of_mail(session, log_id, mail_id)}
    session.execute(delete(BounceRow).where(BounceRow.log_id == log_id, BounceRow.mail_id == mail_id))
    session.expire_all()
    pairs = [(one, before.pop(one.recipient.lower(), None)) for one in found]
    for one, kept in sorted(
        pairs, key=lambda pair: pair[1] is None
    ):  # first those that keep ids, lest others take them
        same = {"id": kept[0], "override": kept[1]} if kept else {}
        session.execute(insert(BounceRow).values(**one.columns(), **same))


def get_bounce(session: Session, bounce_id: int) -> BounceRow | None:
    """By its id."""
    return session.get(BounceRow, bounce_id)


def override_bounce(session: Session, bounce_id: int, error_status: int | None) -> bool:
    """Record what a person says instead of what was read; None takes it back. False: there is no such bounce. Towards
    配信停止 it counts as what the person says.

    Raises ValueError for a number that is no error status of CMC."""
    if error_status is not None and error_status not in ERROR_STATUSES:
        raise ValueError(f"{error_status} is no error status; there are {', '.join(map(str, ERROR_STATUSES))}")
    row = session.get(BounceRow, bounce_id)
    if row is None:
        return False
    before = shown_status(row)
    row.override = error_status
    if row.final and shown_status(row) != before:
        told = AddressError(row.composition, row.recipient, before)
        recount_error(session, told, shown_status(row), time.time())
    note_operation(session, "error_status", "class", row.recipient, "" if error_status is None else str(error_status))
    session.flush()
    return True


def shown_status(row: BounceRow) -> int:
    """The error status that counts: a person's word, else what was read."""
    return row.error_status if row.override is None else row.override
