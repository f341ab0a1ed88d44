"""The tick that moves webhook deliveries: record what the lanes did, copy new matches, hand due ones to the lanes.

All of desk.db is written here, by one thread, many rows to a transaction; the lanes only read mail.db and post.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.lanes import ROOM, Lanes
from cmcdesk.rules.reach import Reach
from cmcdesk.store.desk.database import read_cursor, reading, transaction
from cmcdesk.store.desk.deliveries import WaitingQueue, count_deliveries, list_waiting
from cmcdesk.store.desk.delivery_queue import (
    CURSOR,
    AttemptRecord,
    DueDelivery,
    copy_matches,
    list_due,
    read_settings,
    record_attempts,
)
from cmcdesk.store.desk.webhook_reach import load_reach
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.reading_guard import Guard
from cmcdesk.webhook.courier import Courier
from cmcdesk.webhook.job import Job, RetryClock, fail, record_attempt, run_job
from cmcdesk.webhook.mails import MailReader, PartsCache
from cmcdesk.webhook.target import Target, find_event_target, find_target

COPY_BATCH = 1000  # matches a tick: 10,000/s are copied, and wait in desk.db
LOOK_SECONDS = (
    1.0  # desk.db is looked at this often though nothing is known to be due: another process may have retried
)
COUNT_SECONDS = 0.25  # between two counts of what waits, while something moves
COUNT_SHARE = 0.02  # of the time, at most, goes into them


@dataclass(frozen=True, slots=True)
class DispatchStatus:
    """The worker's telemetry. waiting: deliveries to be made, those not yet copied too; oldest_due_age: seconds, None
    if none is due; delivered, attempts: since the start; failing: filters whose last attempt failed."""

    waiting: int = 0
    oldest_due_age: float | None = None
    delivered: int = 0
    attempts: int = 0
    failing: int = 0


class Dispatcher:
    """One per worker; `tick` is called by one thread at a time."""

    def __init__(
        self, engine: Engine, mail_db: Path, clock: RetryClock | None = None, guard: Guard | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock or RetryClock(time.time, random.random)
        cache = PartsCache()
        self._reader = MailReader(mail_db, cache)
        self._reach = Reach()
        self._lanes = Lanes(partial(open_work, mail_db, cache, self._clock, guard, lambda: self._reach))
        self._ended: list[tuple[Job, AttemptRecord]] = []
        self._log: MailLog | None = None
        self._position = 0
        self._look_at = 0.0
        self._count_after = 0.0
        self._failing: set[tuple[str, str]] = set()  # composition, filter
        self.status = DispatchStatus()

    def wake(self) -> None:
        """Let the next tick look at desk.db, whatever is known."""
        self._look_at = 0.0

    def tick(self) -> None:
        """Do what is to be done now; returns soon, the lanes go on."""
        recorded, copied = self._record(), self._copy()
        if recorded or copied or self._clock.now() >= self._look_at:
            self._hand_out()
            self._count()

    def linger(self, seconds: float) -> None:
        """Record each answer the moment it comes, for so long at most: who waits for one sees it at once."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._lanes.await_one(left):
            self._record()
            self._look_at = 0.0  # the next tick counts

    def stop(self, seconds: float) -> None:
        """Let attempts under way end (at most so long) and record them. What is not done by then is due again."""
        self._lanes.stop(seconds)
        self._record()
        self._reader.close()

    def _record(self) -> bool:
        self._ended += self._lanes.collect()  # kept until written: desk.db may be busy or its disk full
        if not self._ended:
            return False
        self._write([(job.delivery, record) for job, record in self._ended])
        for job, _ in self._ended:
            self._lanes.settle(job)
        self._ended = []
        return True

    def _write(self, ended: Sequence[tuple[DueDelivery, AttemptRecord]]) -> None:
        if not ended:
            return
        with transaction(self._engine) as session:
            record_attempts(session, [record for _, record in ended])
        for delivery, record in ended:
            change = self._failing.discard if record.outcome == "delivered" else self._failing.add
            change((delivery.composition, delivery.filter))
        self.status = replace(
            self.status,
            delivered=self.status.delivered + sum(record.outcome == "delivered" for _, record in ended),
            attempts=self.status.attempts + len(ended),
            failing=len(self._failing),
        )

    def _copy(self) -> bool:
        """Queue what the mail server matched since; the cursor moves in the same transaction."""
        try:
            log = self._reader.open()
        except MailLogMissing:
            return False
        if log is not self._log:
            with reading(self._engine) as session:
                self._position = read_cursor(session, CURSOR, log.log_id)
            self._log = log
        matches = log.matches_after(self._position, COPY_BATCH)
        if not matches:
            return False
        with transaction(self._engine) as session:
            position = copy_matches(session, log.log_id, matches, self._clock.now())
        self._position = position  # only once that is committed
        return True

    def _hand_out(self) -> None:
        now = self._clock.now()
        self._look_at = now + LOOK_SECONDS
        lost: list[tuple[DueDelivery, AttemptRecord]] = []
        with reading(self._engine) as session:
            self._reach = load_reach(session)
            for waiting in sorted(list_waiting(session), key=lambda one: one.due_at):
                if waiting.due_at > now:
                    self._look_at = min(self._look_at, waiting.due_at)
                    break
                lost += self._hand_out_queue(session, waiting, now)
        self._write(lost)
        self._lanes.dismiss_idle()

    def _hand_out_queue(
        self, session: Session, waiting: WaitingQueue, now: float
    ) -> list[tuple[DueDelivery, AttemptRecord]]:
        """Hand over what the lane has room for. Returns those that can go nowhere, given up."""
        held = self._lanes.count_held((waiting.composition, waiting.filter))
        if held > ROOM // 2:
            return []
        targets: dict[tuple[str, int], Target | None] = {}
        lost = []
        for delivery in list_due(session, waiting, now, held + ROOM):  # those in hand are still due: read past them
            if self._lanes.holds(delivery.number):
                continue
            settings = delivery.kind, delivery.revision
            if settings not in targets:
                targets[settings] = look_up_target(session, delivery)
            target = targets[settings]
            if target is None:
                lost.append((delivery, self._give_up(delivery)))
            elif not self._lanes.hand_over(Job(delivery, target)):
                break
        return lost

    def _give_up(self, delivery: DueDelivery) -> AttemptRecord:
        what = "the endpoint of events" if delivery.kind == "event" else f"filter {delivery.filter!r}"
        error = f"{what} is neither in the applied settings nor in revision {delivery.revision}"
        return record_attempt(delivery, fail("permanent", error), self._clock.now(), self._clock)

    def _count(self) -> None:
        """Count what waits, seldom enough that a long queue does not make counting the main work."""
        begun = time.monotonic()
        if begun < self._count_after:
            self._look_at = min(self._look_at, self._clock.now() + COUNT_SECONDS)  # the last word is counted too
            return
        with reading(self._engine) as session:
            counts = count_deliveries(session, self._clock.now())
        not_copied = max(0, self._log.newest_match() - self._position) if self._log else 0
        waiting = counts.waiting + not_copied
        self.status = replace(self.status, waiting=waiting, oldest_due_age=counts.oldest_due_age)
        ended = time.monotonic()
        self._count_after = ended + max(COUNT_SECONDS, (ended - begun) / COUNT_SHARE)


def look_up_target(session: Session, delivery: DueDelivery) -> Target | None:
    """Where a delivery goes: as the applied settings say, so that a corrected endpoint counts; by those of the revision
    under which it matched if the filter is gone from them. A filter that was disabled since still gets it (ours)."""
    found = read_settings(session, delivery.composition, delivery.revision)
    if delivery.kind == "event":
        return next(filter(None, map(find_event_target, found)), None)
    return next((target for settings in found if (target := find_target(settings, delivery.filter))), None)


@contextmanager
def open_work(
    mail_db: Path, cache: PartsCache, clock: RetryClock, guard: Guard | None, ask_reach: Callable[[], Reach]
) -> Iterator[Callable[[Job], AttemptRecord]]:
    """What one thread of a lane works with: its own view of mail.db and its own connection."""
    with closing(MailReader(mail_db, cache, guard)) as reader, closing(Courier(ask_reach=ask_reach)) as courier:
        yield lambda job: run_job(job, reader, courier, clock)
