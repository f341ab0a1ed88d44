"""Purging desk.db: what the worker made of mails has an end, by age and by number. In slices, each a short transaction
of its own with a pause behind it, so that the worker writes between two of them."""

import time
from dataclasses import dataclass

from sqlalchemy import CursorResult, Engine, Select, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from cmcdesk.store.desk.audit import LoginRow, OperationRow
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import BounceRow, CompositionRow, DeliveryRow, OutboundOwnRow, OutboundRow
from cmcdesk.store.desk.outbound_counts import MINUTE, QUARTER, OutboundCountRow

SLICE_ROWS = 500
PAUSE_SECONDS = 0.01
DAY = 86400
COUNTED_DAYS = 400  # ours: statistics of a year ago can be compared
ENDED = ("delivered", "given_up")
OUTBOUND_ENDED = ("succeeded", "failed")


@dataclass(frozen=True, slots=True)
class Limits:
    """most: rows kept, 0 for any number; oldest: when (seconds since 1970) what is older goes, None for any age."""

    most: int = 0
    oldest: float | None = None


def purge_bounces(engine: Engine, limits: Limits) -> int:
    """Delete the bounces that are over the limits, the oldest first. How many went."""
    gone = 0
    if limits.oldest is not None:
        old = select(BounceRow.id).where(BounceRow.created_at < limits.oldest).order_by(BounceRow.created_at)
        gone = _delete_slices(engine, BounceRow.id, old)
    last = _last_over(engine, BounceRow.id, limits.most)
    return gone + (
        _delete_slices(engine, BounceRow.id, select(BounceRow.id).where(BounceRow.id <= last)) if last else 0
    )


def purge_deliveries(engine: Engine, limits: Limits) -> int:
    """Delete deliveries that have ended and are over the limits, with their attempts. How many went.

    What waits stays: it is tried until it has ended."""
    gone = 0
    last = _last_over(engine, DeliveryRow.number, limits.most)
    begun = _last_begun_before(engine, DeliveryRow.number, DeliveryRow.created_at, limits.oldest)
    for state in ENDED:  # with each, an index has them in their order
        ended = select(DeliveryRow.number).where(DeliveryRow.state == state)
        if last:
            gone += _delete_slices(engine, DeliveryRow.number, ended.where(DeliveryRow.number <= last))
        if begun:
            old = ended.where(DeliveryRow.number <= begun, DeliveryRow.finished_at < limits.oldest)
            gone += _delete_slices(engine, DeliveryRow.number, old)
    return gone


def purge_outbound(engine: Engine, limits: Limits) -> int:
    """Delete outbound rows that have ended and are over the limits, with their tries; and the mails of our own making
    that none of the rows left goes out with. How many rows went. What waits stays."""
    gone = 0
    last = _last_over(engine, OutboundRow.id, limits.most)
    begun = _last_begun_before(engine, OutboundRow.id, OutboundRow.queued_at, limits.oldest)
    for state in OUTBOUND_ENDED:
        ended = select(OutboundRow.id).where(OutboundRow.state == state)
        if last:
            gone += _delete_slices(engine, OutboundRow.id, ended.where(OutboundRow.id <= last))
        if begun:
            old = ended.where(OutboundRow.id <= begun, OutboundRow.ended_at < limits.oldest)
            gone += _delete_slices(engine, OutboundRow.id, old)
    if gone:
        carried = select(OutboundRow.own_id).where(OutboundRow.own_id.is_not(None))
        _delete_slices(engine, OutboundOwnRow.id, select(OutboundOwnRow.id).where(OutboundOwnRow.id.not_in(carried)))
    return gone


def purge_blocks(engine: Engine, limits: Limits) -> int:
    """Delete what is too old of 配信停止: errors that were counted, and addresses that were freed. Who is suppressed
    stays so, and who is exempt stays exempt. How many went."""
    if limits.oldest is None:
        return 0
    counted = select(BlockErrorRow.id).where(BlockErrorRow.counted_at < limits.oldest)
    freed = select(BlockRow.number).where(BlockRow.removed_at < limits.oldest, BlockRow.exempt.is_(False))
    return _delete_slices(engine, BlockErrorRow.id, counted) + _delete_slices(engine, BlockRow.number, freed)


def purge_audit(engine: Engine, limits: Limits) -> int:
    """Delete lines of both parts of the operation log that are over the limits. How many went."""
    gone = 0
    for kind in (LoginRow, OperationRow):
        if limits.oldest is not None:
            gone += _delete_slices(engine, kind.id, select(kind.id).where(kind.at < limits.oldest).order_by(kind.at))
        last = _last_over(engine, kind.id, limits.most)
        gone += _delete_slices(engine, kind.id, select(kind.id).where(kind.id <= last)) if last else 0
    return gone


def purge_counts(engine: Engine, oldest: float | None, at: float) -> int:
    """Delete counts of deliveries: by minute those before `oldest` (None: none), by quarter of an hour those of
    COUNTED_DAYS before `at`. How many went."""
    gone = 0
    with reading(engine) as session:
        names = list(session.scalars(select(CompositionRow.name)))  # removed ones too
    for name in names:
        for span, before in ((MINUTE, oldest), (QUARTER, at - COUNTED_DAYS * DAY)):
            mine = (OutboundCountRow.composition == name, OutboundCountRow.span == span)
            while before is not None:
                with transaction(engine) as session:  # a day of slots at a time
                    first = session.scalar(select(func.min(OutboundCountRow.slot)).where(*mine))
                    if first is None or first >= before:
                        break
                    until = min(before, first + DAY)
                    done = session.execute(delete(OutboundCountRow).where(*mine, OutboundCountRow.slot < until))
                    assert isinstance(done, CursorResult)
                    gone += done.rowcount
                time.sleep(PAUSE_SECONDS)
    return gone


def _delete_slices(engine: Engine, key: InstrumentedAttribute[int], which: Select[int]) -> int:
    """Delete the rows of these keys, slice by slice, until none is left."""
    gone = 0
    while True:
        with transaction(engine) as session:
            keys = list(session.scalars(which.limit(SLICE_ROWS)))
            if keys:
                done = session.execute(delete(key.class_).where(key.in_(keys)))
                assert isinstance(done, CursorResult)
                gone += done.rowcount
        if len(keys) < SLICE_ROWS:
            return gone
        time.sleep(PAUSE_SECONDS)


def _last_over(engine: Engine, key: InstrumentedAttribute[int], most: int) -> int:
    """The highest key of those that are too many; 0: none is. Keys without a row in between count as rows."""
    if not most:
        return 0
    with reading(engine) as session:
        return max(0, (session.scalar(select(func.max(key))) or 0) - most)


def _last_begun_before(
    engine: Engine, key: InstrumentedAttribute[int], begun: InstrumentedAttribute[float], at: float | None
) -> int:
    """The key of the last row that was queued (column `begun`) before `at`, found by halving: keys grow with time.
    0: there is none, or no such time."""
    if at is None:
        return 0
    with reading(engine) as session:
        low, high = 0, session.scalar(select(func.max(key))) or 0
        while low < high:
            middle = (low + high + 1) // 2
            queued_at = session.scalar(select(begun).where(key >= middle).order_by(key).limit(1))
            low, high = (middle, high) if queued_at is not None and queued_at < at else (low, middle - 1)
    return low
