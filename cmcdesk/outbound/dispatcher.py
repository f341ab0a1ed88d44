"""The tick that moves outbound mail: record what the lanes did, queue what came in, hand due mails to the lanes.

All of desk.db is written here, by one thread, many rows to a transaction; the lanes read mail.db and talk SMTP.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.lanes import ROOM, Lanes
from cmcdesk.outbound.follower import AnnounceEvents, OutboundFollower
from cmcdesk.outbound.job import OCTETS_AT_ONCE, OutboundJob, OutboundResult, OutboundWork, Outside
from cmcdesk.outbound.network import Surroundings
from cmcdesk.outbound.terms import TermsBook
from cmcdesk.pipe import PatternSetAside
from cmcdesk.rules.suppression import SUPPRESSED, fold_address
from cmcdesk.store.desk.block_batch import AddressError, count_errors
from cmcdesk.store.desk.blocks import find_suppressed
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.outbound import (
    DueOutbound,
    OutboundQueue,
    count_outbound,
    list_due_outbound,
    list_outbound_queues,
    record_outbound,
)
from cmcdesk.store.desk.outbound_events import OutboundEvent
from cmcdesk.store.room import Room

LANE_LIMIT = 100  # ours: destinations served at the same time; a slow one holds its lane for minutes
MOST_RECIPIENTS = 50  # ours, of one transaction; RFC 5321 §4.5.3.1.8 asks of servers that they take 100
KEPT_SECONDS = 2.0  # that a connection waits for the next mail, as in Postfix: a server has others to serve
LOOK_SECONDS = 1.0  # desk.db is looked at this often though nothing is known to be due
COUNT_SECONDS = 0.25
COUNT_SHARE = 0.02  # of the time, at most, goes into counting
STEP_SECONDS = 0.1  # of one tick, while something is under way
ALL = 1 << 30
MANY = 10  # queued, or recorded, together: some hundred a second
HURRIED_SECONDS = 1.0  # after that
GATHER_SECONDS = 0.02  # while much is in hand: what comes in it is recorded together


@dataclass(frozen=True, slots=True)
class OutboundStatus:
    """The worker's telemetry. outbound: recipients that wait; outbound_sent, outbound_attempts: since the start;
    outbound_suppressed: those of them that were turned away, since the start; has_resolver: without one, all waits;
    patterns_set_aside: of forwarding and speed, by composition."""

    outbound: int = 0
    outbound_sent: int = 0
    outbound_attempts: int = 0
    outbound_suppressed: int = 0
    has_resolver: bool = False
    patterns_set_aside: dict[str, list[PatternSetAside]] = field(default_factory=dict)


def announce_to_nobody(session: Session, events: Sequence[OutboundEvent]) -> None:
    """Where nobody asks for events."""


class OutboundDispatcher:
    """One per worker; `tick` is called by one thread at a time."""

    def __init__(
        self,
        engine: Engine,
        mail_db: Path,
        ask_surroundings: Callable[[], Surroundings],
        announce: AnnounceEvents = announce_to_nobody,
        now: Callable[[], float] = time.time,
    ) -> None:
        """ask_surroundings: the world that is there now; the same object as long as it has not changed."""
        self._announce = announce
        self._engine = engine
        self._now = now
        self._ask_surroundings = ask_surroundings
        self._outside = Outside(ask_surroundings())
        self._book = TermsBook()
        self._follower = OutboundFollower(engine, mail_db, self._book, now, announce)
        room = Room(OCTETS_AT_ONCE)
        self._lanes: Lanes[OutboundJob, OutboundResult] = Lanes(
            lambda: open_outbound_work(OutboundWork(engine, mail_db, room, lambda: self._outside, now)),
            LANE_LIMIT,
            KEPT_SECONDS,
        )
        self._ended: list[tuple[OutboundJob, OutboundResult]] = []
        self._look_at = 0.0
        self._count_after = 0.0
        self._hurried_until = 0.0
        self.status = OutboundStatus()

    def wake(self) -> None:
        """Let the next tick look at desk.db, whatever is known."""
        self._look_at = 0.0

    def tick(self) -> None:
        """Do what is to be done now, and for a moment what the lanes make of it; returns soon, the lanes go on."""
        deadline = time.monotonic() + STEP_SECONDS
        self._step()
        while (left := deadline - time.monotonic()) > 0 and self._lanes.await_one(left, ALL):
            if self._lanes.is_busy:
                time.sleep(GATHER_SECONDS)
            self._step()

    @property
    def is_hurried(self) -> bool:
        """Whether many mails go out now, so that what can wait should."""
        return time.monotonic() < self._hurried_until

    def stop(self, seconds: float) -> None:
        """Let attempts under way end (at most so long) and record them. What is not done by then is due again."""
        self._lanes.stop(seconds)
        self._record()
        self._follower.close()

    def _step(self) -> None:
        surroundings = self._ask_surroundings()
        if surroundings is not self._outside.surroundings:
            self._outside = Outside(surroundings)
            self._look_at = 0.0
        recorded, queued = self._record(), self._follower.follow()
        self._note_pace(self._follower.queued)
        if recorded or queued or self._now() >= self._look_at:
            self._hand_out()
            self._count()

    def _note_pace(self, count: int) -> None:
        if count >= MANY:
            self._hurried_until = time.monotonic() + HURRIED_SECONDS

    def _record(self) -> bool:
        self._ended += self._lanes.collect()  # kept until written: desk.db may be busy or its disk full
        if not self._ended:
            return False
        records = [record for _, result in self._ended for record in result.records]
        with transaction(self._engine) as session:
            reports = [result.report for _, result in self._ended if result.report]
            self._announce(session, record_outbound(session, records, reports))
            count_errors(session, list_failed(self._ended), self._now())
        for job, _ in self._ended:
            self._lanes.settle(job)
        self._ended = []
        self._note_pace(len(records))
        self.status = replace(
            self.status,
            outbound_sent=self.status.outbound_sent + sum(record.outcome == "delivered" for record in records),
            outbound_attempts=self.status.outbound_attempts + len(records),
            outbound_suppressed=self.status.outbound_suppressed
            + sum(record.error_status == SUPPRESSED for record in records),
        )
        return True

    def _hand_out(self) -> None:
        now = self._now()
        self._look_at = now + LOOK_SECONDS
        self._lanes.dismiss_idle()
        if self._outside.surroundings.resolver is None:
            return
        with reading(self._engine) as session:
            self._book.refresh(session)
            for queue in list_outbound_queues(session, self._book.names):
                if queue.due_at > now:
                    self._look_at = min(self._look_at, queue.due_at)
                    break
                self._hand_out_queue(session, queue, now)

    def _hand_out_queue(self, session: Session, queue: OutboundQueue, now: float) -> None:
        """Hand over what the lane has room for."""
        held = self._lanes.count_held((queue.composition, queue.domain))
        if held > ROOM * 3 // 4:
            return
        due = list_due_outbound(session, queue, now, held + ROOM)  # those in hand are still due: read past them
        new = [row for row in due if not self._lanes.holds(row.id)]
        mails = [row.recipient for row in new if row.own_id is None]  # a report is no mail of the customer's
        blocked = find_suppressed(session, queue.composition, mails) if mails else set()
        for rows in group_rows(new):
            for part in split_suppressed(rows, blocked) if blocked else (rows,):
                if not self._lanes.hand_over(self._make_job(session, part, blocked)):
                    return

    def _make_job(self, session: Session, rows: tuple[DueOutbound, ...], blocked: set[str]) -> OutboundJob:
        first = rows[0]
        taken = self._book.at(session, first.composition, first.revision)
        now = self._book.now(session, first.composition, first.revision)
        speed = now.speeds.find(first.recipient, self._outside.router.recall_host(first.domain))
        return OutboundJob(rows, taken, now, speed.max_connections, is_suppressed(first, blocked))

    def _count(self) -> None:
        """Seldom enough that a long queue does not make counting the main work."""
        begun = time.monotonic()
        if begun < self._count_after:
            self._look_at = min(self._look_at, self._now() + COUNT_SECONDS)  # the last word is counted too
            return
        with reading(self._engine) as session:
            waiting = sum(count_outbound(session).values())
        has_resolver = self._outside.surroundings.resolver is not None
        self.status = replace(
            self.status,
            outbound=waiting,
            has_resolver=has_resolver,
            patterns_set_aside=self._book.list_set_aside(),
        )
        ended = time.monotonic()
        self._count_after = ended + max(COUNT_SECONDS, (ended - begun) / COUNT_SHARE)


def group_rows(rows: Sequence[DueOutbound]) -> list[tuple[DueOutbound, ...]]:
    """Rows of one mail that follow each other go in one transaction; a forwarded one alone, it is marked."""
    groups = []
    for _, alike in groupby(rows, key=lambda row: (row.log_id, row.mail_id, row.own_id, row.forwarded_by)):
        several = list(alike)
        size = 1 if several[0].forwarded_by else MOST_RECIPIENTS
        groups += [tuple(several[begin : begin + size]) for begin in range(0, len(several), size)]
    return groups


def is_suppressed(row: DueOutbound, blocked: set[str]) -> bool:
    """blocked: suppressed addresses, folded. A report of the MTA's own goes to whom it is for."""
    return bool(blocked) and row.own_id is None and fold_address(row.recipient) in blocked


def split_suppressed(rows: tuple[DueOutbound, ...], blocked: set[str]) -> list[tuple[DueOutbound, ...]]:
    """Rows of one transaction, those that are sent and those that are turned away."""
    parts = [tuple(row for row in rows if is_suppressed(row, blocked) is which) for which in (False, True)]
    return [part for part in parts if part]


def list_failed(ended: Sequence[tuple[OutboundJob, OutboundResult]]) -> list[AddressError]:
    """What counts towards 配信停止: mails that failed for good; reports of the MTA's own do not."""
    return [
        AddressError(row.composition, row.recipient, record.error_status)
        for job, result in ended
        for row, record in zip(job.rows, result.records, strict=True)
        if record.error_status is not None and row.own_id is None
    ]


@contextmanager
def open_outbound_work(work: OutboundWork) -> Iterator[Callable[[OutboundJob], OutboundResult]]:
    """What one thread of a lane works with."""
    with closing(work):
        yield work.run
