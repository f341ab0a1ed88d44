"""配信停止 in desk.db: the list as mails are held against it, as a person looks at it, and as addresses leave it.

What the batch of the worker does: `block_batch`. Addresses are kept as `fold_address` writes them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from cmcdesk.rules.suppression import fold_address
from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow

Removal = Literal["cancelled", "deleted", "watched", "unticked"]
AT_ONCE = 500  # parameters of one query


@dataclass(frozen=True, slots=True)
class BlockQuery:
    """What is looked for; None: whatever. email: a part, whatever case; exactly: the whole address. removed: those that
    were freed, instead of those that are suppressed. Times: unix seconds, from inclusive, until exclusive."""

    composition: str | None = None
    email: str | None = None
    exactly: bool = False
    status: int | None = None
    removed: bool = False
    created_from: float | None = None
    created_until: float | None = None


def find_suppressed(session: Session, composition: str, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses (folded) that get no mail of this composition; by an index. Next to nothing where the
    list is empty."""
    if not session.scalar(select(exists().where(BlockRow.removed_at.is_(None), BlockRow.composition == composition))):
        return set()
    return _find(session, BlockRow.removed_at.is_(None), composition, addresses)


def find_exempt(session: Session, composition: str, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses (folded) that no error suppresses any more."""
    return _find(session, BlockRow.exempt.is_(True), composition, addresses)


def _find(session: Session, which: ColumnElement[bool], composition: str, addresses: Iterable[str]) -> set[str]:
    folded = sorted({fold_address(each) for each in addresses} - {""})
    found: set[str] = set()
    for begin in range(0, len(folded), AT_ONCE):
        wanted = BlockRow.email.in_(folded[begin : begin + AT_ONCE])
        found.update(session.scalars(select(BlockRow.email).where(which, BlockRow.composition == composition, wanted)))
    return found


def list_blocks(
    session: Session, query: BlockQuery, before: int | None = None, limit: int = 50, skip: int = 0
) -> list[BlockRow]:
    """Newest first, numbers below `before`; skip: rows to pass over, for CMC's numbered pages."""
    wanted = select(BlockRow).where(*_clauses(query))
    if before is not None:
        wanted = wanted.where(BlockRow.number < before)
    return list(session.scalars(wanted.order_by(BlockRow.number.desc()).offset(skip).limit(limit)))


def count_blocks(session: Session, query: BlockQuery) -> int:
    """How many there are."""
    return session.scalar(select(func.count(BlockRow.number)).where(*_clauses(query))) or 0


def count_blocks_by_status(session: Session, composition: str, statuses: Collection[int]) -> dict[int, int]:
    """Error status → suppressed addresses of that reason, for those of `statuses` that have any."""
    counted = select(BlockRow.status, func.count()).where(*_clauses(BlockQuery(composition)))
    rows = session.execute(counted.where(BlockRow.status.in_(statuses)).group_by(BlockRow.status))
    return {row[0]: row[1] for row in rows}


def get_block(session: Session, block_id: str) -> BlockRow | None:
    """By its id."""
    return session.scalars(select(BlockRow).where(BlockRow.id == block_id)).one_or_none()


def find_active(session: Session, composition: str, email: str) -> BlockRow | None:
    """The row by which an address is suppressed now."""
    return session.scalars(
        select(BlockRow).where(
            BlockRow.removed_at.is_(None), BlockRow.composition == composition, BlockRow.email == fold_address(email)
        )
    ).one_or_none()


def lift_blocks(session: Session, ids: Sequence[str], how: Removal, at: float) -> list[BlockRow]:
    """Free addresses that are suppressed now, by the ids of their rows; "deleted" exempts them for good. The rows that
    were freed. Their errors are counted anew."""
    freed: list[BlockRow] = []
    for begin in range(0, len(ids), AT_ONCE):
        wanted = BlockRow.id.in_(ids[begin : begin + AT_ONCE])
        freed += session.scalars(select(BlockRow).where(BlockRow.removed_at.is_(None), wanted))
    for row in freed:
        row.removed_at, row.removal, row.exempt = at, how, how == "deleted"
    session.flush()
    for name in {row.composition for row in freed}:
        emails = [row.email for row in freed if row.composition == name]
        forget_errors(session, name, emails)
        if how in ("cancelled", "deleted"):  # by somebody; the others go by the batch
            operation = "lift" if how == "cancelled" else "lift_for_good"
            note_operation(session, "suppression", operation, name, ", ".join(emails))
    return freed


def lift_some(session: Session, which: Sequence[ColumnElement[bool]], how: Removal, at: float) -> int:
    """Free up to AT_ONCE of the suppressed addresses that the clauses name; how many went."""
    found = select(BlockRow.id).where(BlockRow.removed_at.is_(None), *which)
    return len(lift_blocks(session, list(session.scalars(found.limit(AT_ONCE))), how, at))


def forget_errors(session: Session, composition: str, emails: Sequence[str]) -> None:
    """Count the errors of these addresses (folded) anew."""
    for begin in range(0, len(emails), AT_ONCE):
        session.execute(
            delete(BlockErrorRow).where(
                BlockErrorRow.composition == composition,
                BlockErrorRow.email.in_(emails[begin : begin + AT_ONCE]),
            )
        )


def _clauses(query: BlockQuery) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    clauses.append(BlockRow.removed_at.is_not(None) if query.removed else BlockRow.removed_at.is_(None))
    if query.composition is not None:
        clauses.append(BlockRow.composition == query.composition)
    if query.status is not None:
        clauses.append(BlockRow.status == query.status)
    if query.email and query.exactly:
        clauses.append(BlockRow.email == (fold_address(query.email) or query.email.lower()))
    elif query.email:
        parts = {query.email.lower(), fold_address(query.email) or query.email.lower()}
        clauses.append(or_(*(BlockRow.email.contains(part, autoescape=True) for part in parts)))
    if query.created_from is not None:
        clauses.append(BlockRow.created_at >= query.created_from)
    if query.created_until is not None:
        clauses.append(BlockRow.created_at < query.created_until)
    return clauses
