"""The worker process: follows the mail server's log and makes of it what happens outside, webhooks first of all.

Run by the console as `python -m cmcdesk.worker`, with the pipes of `cmcdesk/pipe.py`; the log goes to stderr.
"""

import argparse
import logging
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cmcdesk.bounces.again import AgainFollower
from cmcdesk.bounces.reader import BounceFollower
from cmcdesk.outbound.dispatcher import OutboundDispatcher
from cmcdesk.outbound.network import watch_surroundings
from cmcdesk.outbound.suppressing import SuppressionBatch
from cmcdesk.pipe import STOP, ChildPipe, Command, WorkerTelemetry, WorkerTold
from cmcdesk.processes import paths
from cmcdesk.processes.paths import begin_private
from cmcdesk.processes.system import END_SIGNALS, give_back_large
from cmcdesk.store.database_fault import find_fault_of
from cmcdesk.store.desk.block_batch import tally_bounces
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.reading_guard import ReadingGuard
from cmcdesk.store.search.index_writer import SearchFollower
from cmcdesk.webhook.dispatcher import Dispatcher, DispatchStatus
from cmcdesk.webhook.events import EventCloser, queue_block_events, queue_bounce_events, queue_delivery_events

TICK_SECONDS = 0.1  # webhooks, outbound mails
SUPPRESSION_SECONDS = 1.0  # whether a batch of 配信停止 is due
FOLLOW_SECONDS = 0.2  # the rest; each tick takes the processor from the receiver, though there be nothing to do
DRAIN_SECONDS = 4.0  # the console waits a little longer before it kills
TELEMETRY_SECONDS = (0.25, 1.0)  # at least between two lines; at most between two

log = logging.getLogger(__name__)

Say = Callable[[WorkerTold], None]
Commands = queue.SimpleQueue[Command]


class Follower(Protocol):
    """Something that follows the log: `tick` does what has come since, in a batch, and returns soon. All tick one
    after the other."""

    def tick(self) -> None: ...

    def stop(self, seconds: float) -> None: ...


def announce_bounces(session: Session, rows: Sequence[BounceRow]) -> None:
    """What else comes of bounces, in the transaction that records them: events, and counts towards 配信停止."""
    queue_bounce_events(session, rows)
    tally_bounces(session, rows, time.time())


class Worker:
    """The scheduler is the clock, never the queue: what is to be done stands in the databases."""

    def __init__(self, folder: Path, say: Say, is_dispatching: bool = True) -> None:
        engine = open_desk(folder, synchronous="NORMAL")  # all it writes can be made again from mail.db
        self._engine = engine
        self._say = say
        mail_db = paths.mail_db(folder)
        self._guard = ReadingGuard(paths.reading_note(folder), engine)  # first: it says what ended the life before
        self._dispatcher = Dispatcher(engine, mail_db, guard=self._guard) if is_dispatching else None
        self._suppression = SuppressionBatch(engine, queue_block_events)
        self._outbound = OutboundDispatcher(
            engine, mail_db, watch_surroundings(folder, os.environ).ask, queue_delivery_events
        )
        self._bounces = BounceFollower(engine, mail_db, announce_bounces, self._guard)
        # All that follows the log beside the dispatcher. New followers go here.
        self._search = SearchFollower(mail_db, paths.search_db(folder), self._guard)
        self._again = AgainFollower(engine, mail_db, self._guard, announce_bounces, self._search.read_again)
        self._followers: list[Follower] = [
            self._bounces,
            EventCloser(engine, self._dispatcher.wake if self._dispatcher else None),
            self._search,
            self._again,
        ]
        self._faults: dict[str, str] = {}  # of those that failed at their last tick
        self._said: WorkerTelemetry = {}
        self._said_at = 0.0
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin to tick, on threads of the scheduler."""
        for name, work, seconds in (
            ("dispatch", self._dispatch, TICK_SECONDS),
            ("outbound", self._send_mails, TICK_SECONDS),
            ("follow", self._follow, FOLLOW_SECONDS),
            ("suppression", self._suppress, SUPPRESSION_SECONDS),
        ):
            self._scheduler.add_job(
                work,
                "interval",
                seconds=seconds,
                id=name,
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    def wake(self) -> None:
        """Look at once."""
        if self._dispatcher:
            self._dispatcher.wake()
        self._outbound.wake()
        for name in ("dispatch", "outbound", "suppression"):
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def stop(self, seconds: float = DRAIN_SECONDS) -> None:
        """Finish what is under way, for so long at most. The rest is due again after the next start."""
        deadline = time.monotonic() + seconds
        self._scheduler.shutdown(wait=True)
        parts: list[Follower] = [*self._followers, self._suppression, self._outbound]
        parts += [self._dispatcher] if self._dispatcher else []
        for part in parts:
            part.stop(max(0.0, deadline - time.monotonic()))
        self._engine.dispose()

    def _follow(self) -> None:
        for follower in self._followers:
            if follower is self._search and self._outbound.is_hurried:
                continue  # the index waits: both at a time would halve the rate of what people wait for
            self._attempt(type(follower).__name__, follower.tick)

    def _attempt(self, name: str, tick: Callable[[], object]) -> None:
        """A tick that fails leaves the others alone, and is tried again at its next time."""
        try:
            tick()
        except Exception as fault:
            if self._faults.get(name) != repr(fault):  # one that stands is told once, not at each tick
                log.exception("%s failed", name)
            self._faults[name] = repr(fault)
        else:
            if self._faults.pop(name, ""):
                log.warning("%s goes on", name)

    def _dispatch(self) -> None:
        try:
            if self._dispatcher:
                self._attempt(type(self._dispatcher).__name__, self._dispatcher.tick)
                self._dispatcher.linger(TICK_SECONDS)
        finally:
            self._tell()

    def _send_mails(self) -> None:
        self._attempt(type(self._outbound).__name__, self._outbound.tick)

    def _suppress(self) -> None:
        self._attempt(type(self._suppression).__name__, self._suppression.tick)

    def _tell(self) -> None:
        dispatch = self._dispatcher.status if self._dispatcher else DispatchStatus()
        status: WorkerTelemetry = {
            "waiting": dispatch.waiting,
            "oldest_due_age": dispatch.oldest_due_age,
            "delivered": dispatch.delivered,
            "attempts": dispatch.attempts,
            "failing": dispatch.failing,
            "outbound": self._outbound.status.outbound,
            "outbound_sent": self._outbound.status.outbound_sent,
            "outbound_attempts": self._outbound.status.outbound_attempts,
            "outbound_suppressed": self._outbound.status.outbound_suppressed,
            "suppression_runs": self._suppression.runs,
            "has_resolver": self._outbound.status.has_resolver,
            "patterns_set_aside": self._outbound.status.patterns_set_aside,
            "bounces": self._bounces.status.bounces,
            "bounces_waiting": self._bounces.status.bounces_waiting,
            "indexed": self._search.indexed,
            "set_aside": self._again.set_aside,
        }
        since = time.monotonic() - self._said_at
        least, most = TELEMETRY_SECONDS
        if since >= most or (since >= least and status != self._said):
            self._say({"telemetry": {**status, "at": time.time()}})
            self._said, self._said_at = status, time.monotonic()


def run(folder: Path, commands: Commands, say: Say, is_dispatching: bool = True) -> None:
    """Work until "stop". Waits for desk.db, which the console makes."""
    while not paths.desk_db(folder).exists():
        try:
            if commands.get(timeout=TICK_SECONDS)["do"] == "stop":
                return
        except queue.Empty:
            pass
    worker = Worker(folder, say, is_dispatching)
    worker.start()
    while (do := commands.get()["do"]) != "stop":
        if do == "wake":
            worker.wake()
        else:
            log.warning("unknown command %r", do)
    worker.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="cmcdesk.worker", description="The worker process of cmcdesk.")
    parser.add_argument("--data-dir", required=True, help="the data folder")
    parser.add_argument("--without-dispatch", action="store_true", help="send no webhooks (for benches)")
    options = parser.parse_args(arguments)
    begin_private()
    give_back_large()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick left out while one still runs is no news
    commands: Commands = queue.SimpleQueue()
    for number in (*END_SIGNALS, signal.SIGINT):
        signal.signal(number, lambda *_: commands.put(STOP))
    pipe = ChildPipe(commands.put)
    pipe.start()
    try:
        run(paths.data_dir(options.data_dir), commands, pipe.say, not options.without_dispatch)
    except (OSError, SQLAlchemyError) as error:
        fault = find_fault_of(error)
        if fault is None:
            raise
        log.error("%s %s (%s)", fault.what["en"], fault.mend["en"], error)  # the console starts it again after a while
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
