"""The batch of 配信停止 in desk.db: errors are counted as they are recorded, in the same transaction; each run looks at
what was counted since the run before, by an index, and suppresses whose count has reached its condition.

Terms belong to the name of a composition. On the standard plan they are the initial ones, whatever is kept (CMC: always
on, cannot be changed).
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert as insert_or_add
from sqlalchemy.orm import Session

from cmcdesk.rules.suppression import BLOCK_REASONS, BlockCondition, BlockTerms, find_next_run, fold_address
from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow, BlockTermsRow
from cmcdesk.store.desk.blocks import find_exempt, find_suppressed, forget_errors, lift_some
from cmcdesk.store.desk.compositions import list_compositions
from cmcdesk.store.desk.models import BounceRow

DAY_SECONDS = 86400.0
BEGINNING = (0.0, 0)


@dataclass(frozen=True, slots=True)
class AddressError:
    """One mail to one address that failed; status: CMC's error status."""

    composition: str
    email: str
    status: int


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """One composition's terms, and where its batch stands (unix seconds)."""

    composition: str
    is_fixed: bool  # the standard plan
    terms: BlockTerms
    next_run_at: float
    last_run_at: float | None = None
    evaluated_until: float = 0.0
    requested_at: float | None = None

    def is_due(self, now: float) -> bool:
        """Whether its time has come, or somebody wants it run."""
        return self.requested_at is not None or self.next_run_at <= now


def count_errors(session: Session, errors: Sequence[AddressError], at: float) -> None:
    """Count errors, in the caller's transaction, which must have begun to write. What no condition can be about (10,
    11) and what names no address is passed over."""
    counted = Counter(
        (one.composition, email, one.status)
        for one in errors
        if one.status in BLOCK_REASONS and (email := fold_address(one.email))
    )
    if not counted:
        return
    adding = insert_or_add(BlockErrorRow.__table__)  # type: ignore[arg-type]  # Core: a mapped class's table is a Table
    added = adding.on_conflict_do_update(
        index_elements=["composition", "email", "status"],
        set_={"occurred": BlockErrorRow.occurred + adding.excluded.occurred, "counted_at": adding.excluded.counted_at},
    )
    rows = [
        {"composition": name, "email": email, "status": status, "occurred": occurred, "counted_at": at}
        for (name, email, status), occurred in counted.items()
    ]
    session.connection().execute(added, rows)


def tally_bounces(session: Session, rows: Sequence[BounceRow], at: float) -> None:
    """Count what bounces tell of, but for reports of this MTA: that failure was counted when it happened."""
    told = [row for row in rows if row.final and not row.own_report]
    count_errors(session, [AddressError(row.composition, row.recipient, row.error_status) for row in told], at)


def recount_error(session: Session, one: AddressError, status: int, at: float) -> None:
    """An error that a person classed anew counts for `status` instead; nothing happens where it counts no more."""
    which = (BlockErrorRow.composition == one.composition, BlockErrorRow.email == fold_address(one.email))
    taken = update(BlockErrorRow).where(*which, BlockErrorRow.status == one.status, BlockErrorRow.occurred > 0)
    if session.scalar(taken.values(occurred=BlockErrorRow.occurred - 1).returning(BlockErrorRow.id)) is not None:
        count_errors(session, [AddressError(one.composition, one.email, status)], at)


def list_plans(session: Session, now: float) -> list[BlockPlan]:
    """Of every composition, in their order; one without terms of its own has the initial ones."""
    rows = {row.composition: row for row in session.scalars(select(BlockTermsRow))}
    return [
        _read_plan(rows.get(one.name), one.name, one.draft.get("plan") == "standard", now)
        for one in list_compositions(session)
    ]


def find_plan(session: Session, composition: str, now: float) -> BlockPlan | None:
    """One composition's; None: there is no such composition."""
    return next((plan for plan in list_plans(session, now) if plan.composition == composition), None)


def _read_plan(row: BlockTermsRow | None, name: str, is_fixed: bool, now: float) -> BlockPlan:
    if row is None:
        terms = BlockTerms()
        return BlockPlan(name, is_fixed, terms, find_next_run(terms.run_at, now))
    kept = BlockTerms(
        row.run_at,
        row.watch_days,
        dict(BlockTerms().conditions)
        | {int(key): BlockCondition(bool(one[0]), one[1]) for key, one in row.conditions.items()},
    )
    terms = BlockTerms() if is_fixed else kept
    return BlockPlan(name, is_fixed, terms, row.next_run_at, row.last_run_at, row.evaluated_until, row.requested_at)


def save_terms(session: Session, composition: str, terms: BlockTerms, now: float) -> None:
    """Keep them. All errors that are counted are held against them at the next run."""
    values = {
        "run_at": terms.run_at,
        "watch_days": terms.watch_days,
        "conditions": {str(key): [int(one.enabled), one.occurrences] for key, one in terms.conditions.items()},
        "next_run_at": find_next_run(terms.run_at, now),
        "evaluated_until": 0.0,
    }
    changed = update(BlockTermsRow).where(BlockTermsRow.composition == composition).values(values)
    if session.scalar(changed.returning(BlockTermsRow.composition)) is None:
        session.execute(insert(BlockTermsRow).values(composition=composition, **values))


def request_run(session: Session, composition: str, now: float) -> None:
    """Have it run now (即時実行)."""
    keep_place(session, composition, now)
    wanted = update(BlockTermsRow).where(BlockTermsRow.composition == composition)
    session.execute(wanted.values(requested_at=now))
    note_operation(session, "suppression_terms", "run", composition)


def keep_place(session: Session, composition: str, now: float) -> None:
    """Give a composition its row, so that its next run is known whoever is started when."""
    if session.get(BlockTermsRow, composition) is None:
        save_terms(session, composition, BlockTerms(), now)


def suppress_counted(
    session: Session, plan: BlockPlan, after: tuple[float, int], limit: int, at: float
) -> tuple[list[BlockRow], tuple[float, int] | None]:
    """Look at the next `limit` counts since `after` and suppress whom they name often enough: the rows that were added,
    and where to go on (None: that was all). Who is suppressed already stays so; who is exempt is passed over."""
    found = session.scalars(
        select(BlockErrorRow)
        .where(tuple_(BlockErrorRow.counted_at, BlockErrorRow.id) > after)
        .order_by(BlockErrorRow.counted_at, BlockErrorRow.id)
        .limit(limit)
    ).all()
    reached = [row for row in found if row.composition == plan.composition and _has_reached(row, plan.terms)]
    emails = [row.email for row in reached]
    passed = find_suppressed(session, plan.composition, emails) | find_exempt(session, plan.composition, emails)
    added: dict[str, BlockRow] = {}
    for row in sorted(reached, key=lambda row: -row.occurred):  # of two reasons, the more frequent one is told
        if row.email not in passed and row.email not in added:
            added[row.email] = BlockRow(
                id=secrets.token_hex(7)[:13],
                composition=plan.composition,
                email=row.email,
                occurred=row.occurred,
                status=row.status,
                created_at=at,
                removal="",
                exempt=False,
            )
    session.add_all(added.values())
    session.flush()
    forget_errors(session, plan.composition, list(added))
    return list(added.values()), (found[-1].counted_at, found[-1].id) if len(found) == limit else None


def _has_reached(row: BlockErrorRow, terms: BlockTerms) -> bool:
    condition = terms.conditions.get(row.status)
    return condition is not None and condition.enabled and row.occurred >= condition.occurrences


def free_watched(session: Session, plan: BlockPlan, at: float) -> int:
    """Free some of those whose watch period is over; how many went."""
    if plan.terms.watch_days is None:
        return 0
    before = at - plan.terms.watch_days * DAY_SECONDS
    which = (BlockRow.composition == plan.composition, BlockRow.created_at <= before)
    return lift_some(session, which, "watched", at)


def free_reason(session: Session, composition: str, status: int, at: float) -> int:
    """Free some of those that are suppressed for a reason; how many went."""
    return lift_some(session, (BlockRow.composition == composition, BlockRow.status == status), "unticked", at)


def finish_run(session: Session, plan: BlockPlan, begun: float, at: float) -> None:
    """It has run, and looked at what was counted before `begun`; conditions saved meanwhile have yet to be."""
    row = session.get(BlockTermsRow, plan.composition)
    if row is None:
        return
    row.last_run_at = at
    row.next_run_at = find_next_run(row.run_at, at) if not plan.is_fixed else find_next_run(plan.terms.run_at, at)
    if row.requested_at is not None and plan.requested_at is not None and row.requested_at <= plan.requested_at:
        row.requested_at = None
    if _read_plan(row, plan.composition, plan.is_fixed, at).terms == plan.terms:
        row.evaluated_until = begun
