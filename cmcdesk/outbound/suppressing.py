"""The batch of 配信停止, in the worker: at the time of each composition, and when somebody wants it, addresses that
failed often enough are suppressed and those whose watch period is over are freed. The list is in force with the commit:
mails are held against it when they are handed to a lane (`dispatcher`).

A run that was due while the program was not running is made up for at the next start (ours).
"""

import logging
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.store.desk.block_batch import (
    BEGINNING,
    BlockPlan,
    finish_run,
    free_watched,
    keep_place,
    list_plans,
    suppress_counted,
)
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.kept import KeptReading

SLICE = 500  # counts of one transaction

#: Called inside the transaction with the rows it adds, to queue events for them.
AnnounceBlocks = Callable[[Session, Sequence[BlockRow]], None]

log = logging.getLogger(__name__)


class SuppressionBatch:
    """One per worker; `tick` is called by one thread at a time."""

    def __init__(self, engine: Engine, announce: AnnounceBlocks, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._announce = announce
        self._now = now
        self._plans = KeptReading(engine, lambda session: list_plans(session, self._now()))
        self._known: set[str] = set()  # compositions whose next run is kept
        self.runs = 0  # since the start, for telemetry

    def tick(self) -> None:
        """Run what is due. Cheap while nothing is."""
        now = self._now()
        plans = self._plans.get()
        new = {plan.composition for plan in plans} - self._known
        if new:
            with transaction(self._engine) as session:
                for name in sorted(new):
                    keep_place(session, name, now)
            self._known |= new
        for plan in plans:
            if plan.is_due(now):
                self.run(plan)

    def stop(self, seconds: float) -> None:
        """Nothing to end: a run is made in short transactions, and what is not done is due again."""
        self._plans.close()

    def run(self, plan: BlockPlan) -> tuple[int, int]:
        """One run, in short transactions; how many were suppressed, and freed. What a kill cuts off is due again, and
        what it has done stays done."""
        suppressed = freed = 0
        place: tuple[float, int] | None = (plan.evaluated_until, 0) if plan.evaluated_until else BEGINNING
        begun: float | None = None
        while place is not None:
            with transaction(self._engine) as session:
                now = self._now()  # under the write lock: what is counted later has a later time
                begun = begun or now
                rows, place = suppress_counted(session, plan, place, SLICE, now)
                if rows:
                    self._announce(session, rows)
            suppressed += len(rows)
        while True:
            with transaction(self._engine) as session:
                gone = free_watched(session, plan, self._now())
            freed += gone
            if not gone:
                break
        with transaction(self._engine) as session:
            finish_run(session, plan, begun or self._now(), self._now())
        self.runs += 1
        if suppressed or freed:
            log.info("%s: %d addresses suppressed, %d freed", plan.composition, suppressed, freed)
        return suppressed, freed
