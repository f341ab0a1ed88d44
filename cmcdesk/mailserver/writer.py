"""The way of all mails to the disk: one durable transaction for all that wait for their 250 (group commit).

The loop inserts what has gathered, which takes some microseconds a mail, and lends mail.db's connection to the
committer's thread, which waits for the disk; what comes in meanwhile gathers, and is inserted when the connection is
back. So the interpreter's lock changes hands twice a batch: with a thread that inserts, it did so at every statement.
Idle, a batch is one mail and adds no delay; under load it grows by itself.
"""

import asyncio
import logging
import sqlite3
import time
from collections import deque
from pathlib import Path

from cmcdesk.mail.smtp import reply
from cmcdesk.mailserver.committer import Batch, Committer, Outcomes, Purge, Renew, Stop, WaitingMail
from cmcdesk.store.maillog.checkpoint import Checkpointer
from cmcdesk.store.maillog.insertion import Accepted, MailLogWriter, NewRefusal
from cmcdesk.store.maillog.renewal import renew
from cmcdesk.store.maillog.watch import LogWatch, Loss

log = logging.getLogger(__name__)

BATCH_MAILS = 512
BATCH_OCTETS = 32 << 20
GATHERED_MAILS = 64  # are worth a commit; fewer wait as long as each turn of the loop brings some more
# What the loop inserts itself: more would keep all sessions waiting for milliseconds.
QUICK_MAILS = 200
QUICK_OCTETS = 1 << 20
SUSPECTED_SECONDS = 0.05  # between two looks whether a suspicion was cleared


class Writer:
    """The only writer of mail.db. All methods are called on the loop, and so is what they call back."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._log = MailLogWriter(path)
        self._checkpointer = Checkpointer(self._log.watch, self._tell_lost)
        self._committer = Committer(self._log, self._tell_written, self._tell_purged)
        self._waiting: deque[WaitingMail] = deque()
        self._refusals: list[NewRefusal] = []
        self._accepted: list[Accepted] = []  # they wait for a batch that is written anyway, or for `flush`
        self._is_flushing = False
        self._gathered = 0  # mails that waited a turn of the loop ago
        self._is_writing = False  # a batch is under way, or will be made in one of the next turns of the loop
        self._is_renewing = False  # mail.db was lost, and another file takes its place
        self._is_stopping = False
        self._fault = ""  # why no other file can
        self.set_aside = ""  # the last file that was set aside
        self._lent = 0  # pieces of work that the committer has: it holds the connection until all are done
        self.next_session = self._log.last_session() + 1

    def start(self) -> None:
        self._checkpointer.start()
        self._committer.start()

    def submit(self, waiting: WaitingMail) -> None:
        self._waiting.append(waiting)
        self._write_soon()

    def record(self, refusal: NewRefusal) -> None:
        self._refusals.append(refusal)
        self._write_soon()

    def keep(self, accepted: Accepted) -> None:
        """The dialogue of a mail that is stored: with the next batch, for a commit of its own would keep the session's
        next mail waiting."""
        self._accepted.append(accepted)

    def flush(self) -> None:
        """Where no batch has taken them, dialogues of mails are written now. To be called some times a second."""
        if self._accepted:
            self._is_flushing = True
            self._write_soon()

    def purge(self, purge: Purge) -> None:
        self._lend(purge)

    def hurry(self, seconds: float) -> None:
        """From so many seconds on, what another program's lock keeps from being written gets its 451 at once."""
        self._log.lock_deadline = time.monotonic() + seconds

    async def stop(self) -> None:
        """Write what waits, then end. The purges that are under way are told so."""
        self._is_stopping = True
        while self._waiting or self._refusals or self._accepted:
            self._lend(self._next_batch())
        self._lend(Stop())
        await self._loop.run_in_executor(None, self._close)

    def _close(self) -> None:
        self._committer.join()
        self._checkpointer.stop()
        self._log.close()

    @property
    def loss(self) -> str:
        """Why nothing is stored now (store.maillog.watch.Kind), "" while all is well."""
        lost = self._log.watch.loss
        return lost.kind if lost else ""

    @property
    def written_refusals(self) -> int:
        """Rows of refusals that came to the disk since the start."""
        return self._committer.written_refusals

    def _lend(self, work: Batch | Purge | Renew | Stop) -> None:
        self._lent += 1
        self._committer.take(work)

    def _write_soon(self) -> None:
        """Not at once: what comes in during the same turns of the loop goes with it."""
        if not self._is_writing:
            self._is_writing = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        gathered = len(self._waiting)
        if self._gathered < gathered < GATHERED_MAILS:
            self._gathered = gathered
            self._loop.call_soon(self._write)
            return
        self._gathered = 0
        self._is_writing = bool(self._waiting or self._refusals or self._is_flushing)
        if self._is_writing:
            batch = self._next_batch()
            batch.is_begun = self._is_quick(batch) and self._begin(batch)
            self._lend(batch)

    def _next_batch(self) -> Batch:
        batch = Batch([], self._refusals, 0, accepted=self._accepted)
        self._refusals, self._accepted, self._is_flushing = [], [], False
        while self._waiting and len(batch.mails) < BATCH_MAILS and batch.octets < BATCH_OCTETS:
            one = self._waiting.popleft()
            batch.octets += len(one.mail.octets)
            batch.mails.append(one)
        return batch

    def _is_quick(self, batch: Batch) -> bool:
        if self._lent or self._committer.unwritten_refusals:
            return False
        return len(batch.mails) <= QUICK_MAILS and batch.octets <= QUICK_OCTETS

    def _begin(self, batch: Batch) -> bool:
        """Whether the loop could do its half. A pattern that has to be searched is not its business."""
        try:
            is_matched = all(mail.recall() for mail in batch.mails)
            mails = [mail.mail for mail in batch.mails]
            return is_matched and self._log.begin_append(mails, batch.refusals, batch.accepted)
        except Exception:
            return False  # the committer will meet it too, and finds out which mail is at fault

    def _tell_written(self, outcomes: Outcomes, watch: LogWatch) -> None:
        self._loop.call_soon_threadsafe(self._end_batch, outcomes, watch)

    def _end_batch(self, outcomes: Outcomes, watch: LogWatch) -> None:
        """The next batch first: the disk works on it while this one is answered."""
        self._lent -= 1
        if watch.find_loss():
            self._renew()
        self._write()
        self._answer(outcomes, watch)

    def _answer(self, outcomes: Outcomes, watch: LogWatch) -> None:
        """What is in a file that is no longer mail.db counts as not stored. While that is only suspected, the senders
        wait: some seconds, until the checkpointer has looked into the file."""
        lost = watch.find_loss()
        if lost and lost.kind == "suspected" and not self._is_stopping:
            self._loop.call_later(SUSPECTED_SECONDS, self._answer, outcomes, watch)
            return
        if lost:
            outcomes = [(mails, reply.NOT_STORED if told is reply.STORED else told) for mails, told in outcomes]
        for mails, outcome in outcomes:
            for mail in mails:
                mail.sender.take_outcome(outcome, mail.mail.id)

    def _tell_lost(self) -> None:
        self._loop.call_soon_threadsafe(self._renew)

    def _renew(self) -> None:
        """Let another file take the place of a mail.db that is lost; what waits is written to that one."""
        lost = self._log.watch.loss
        if lost and lost.kind != "suspected" and not self._is_renewing and not self._is_stopping:
            self._is_renewing = True
            self._lend(Renew(lambda: self._take_new_file(lost)))

    def _take_new_file(self, lost: Loss) -> None:
        """On the committer's thread. Where it fails, the checkpointer tells of the loss anew."""
        self._checkpointer.stop()
        try:
            self.set_aside = renew(self._log, lost) or self.set_aside
            log.error("mail.db was lost (%s %s); set aside: %s", lost.kind, lost.detail, self.set_aside or "nothing")
        except (OSError, sqlite3.Error) as error:
            if str(error) != self._fault:  # tried four times a second: told once
                log.error("mail.db is lost (%s), and no other can take its place: %s", lost.kind, error)
            self._fault = str(error)
        self._checkpointer = Checkpointer(self._log.watch, self._tell_lost)
        self._checkpointer.start()
        self._loop.call_soon_threadsafe(self._end_renewal)

    def _end_renewal(self) -> None:
        self._lent -= 1
        self._is_renewing = False
        self._write()

    def _tell_purged(self, purge: Purge, purged: int | None) -> None:
        self._loop.call_soon_threadsafe(self._end_purge, purge, purged)

    def _end_purge(self, purge: Purge, purged: int | None) -> None:
        self._lent -= 1
        purge.done(purged)
