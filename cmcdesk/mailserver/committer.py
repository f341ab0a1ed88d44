"""The thread that waits for the disk: it commits what the loop has begun, and does whole what the loop cannot.

That is a batch with large mails, with a pattern to be searched, or while mail.db is locked, full or being purged.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from cmcdesk.mail.mime.fields import Fields
from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.rules.matching import Filters
from cmcdesk.store.maillog.insertion import Accepted, MailLogWriter, NewMail, NewRefusal
from cmcdesk.store.maillog.watch import LogWatch
from cmcdesk.store.sqlite_faults import is_damage, is_disk_full, is_of_one_row

log = logging.getLogger(__name__)

LOG_EVERY_SECONDS = 60.0
REFUSALS_KEPT = 10_000  # waiting for a disk that cannot be written; the oldest are let go


class Sender(Protocol):
    """Who waits for the outcome of a mail: the session."""

    def take_outcome(self, outcome: Reply, mail_id: int) -> None:
        """Called on the loop once the mail is on disk (250) under this id, or is not (4yz)."""


@dataclass(slots=True)
class WaitingMail:
    """A mail that waits for its 250. inbound_recipients: those that filters make deliveries for."""

    sender: Sender
    mail: NewMail
    fields: Fields
    filters: Filters
    inbound_recipients: tuple[str, ...]

    def recall(self) -> bool:
        """Let the filters say which deliveries the mail becomes, if they know without searching."""
        names = self.filters.recall(self.fields)
        if names:
            self._note(names)
        return names is not None

    def match(self) -> None:
        """Let the filters say which deliveries the mail becomes. A pattern may take its time."""
        self._note(self.filters.match(self.fields))

    def _note(self, names: list[str]) -> None:
        self.mail.matches = [(name, address) for name in names for address in self.inbound_recipients]


@dataclass(slots=True)
class Batch:
    """What one commit stores. is_begun: all of it is in a transaction already that only waits for its commit."""

    mails: list[WaitingMail]
    refusals: list[NewRefusal]
    octets: int
    is_begun: bool = False
    accepted: list[Accepted] = field(default_factory=list)


Outcomes = list[tuple[list[WaitingMail], Reply]]


@dataclass(slots=True)
class Purge:
    """Work for the writer that is no mail, in slices that yield how many mails went. `done` gets their sum, or None if
    it failed or the end came first; `purged` counts on meanwhile."""

    slices: Callable[[MailLogWriter], Iterator[int]]
    done: Callable[[int | None], None]
    purged: int = 0


@dataclass(slots=True)
class Renew:
    """Give the log another file. `work` does it on the committer's thread, and must not raise."""

    work: Callable[[], None]


class Stop:
    """The last item that is ever queued."""


class Committer(threading.Thread):
    """Takes batches and purges in their order; `written` and `purged` are called on this thread when one is done.

    `written` gets the watch of the file that was written: only it can say whether that is still mail.db."""

    def __init__(
        self,
        maillog: MailLogWriter,
        written: Callable[[Outcomes, LogWatch], None],
        purged: Callable[[Purge, int | None], None],
    ) -> None:
        super().__init__(name="committer", daemon=True)
        self._log = maillog
        self._written = written
        self._purged = purged
        self._queue: queue.SimpleQueue[Batch | Purge | Renew | Stop] = queue.SimpleQueue()
        self._purges: deque[tuple[Purge, Iterator[int]]] = deque()  # the first is under way, a slice after each batch
        self.unwritten_refusals: list[NewRefusal] = []
        self.written_refusals = 0  # since the start: whoever is told this number finds that many more rows on disk
        self._logged_at = -LOG_EVERY_SECONDS

    def take(self, work: Batch | Purge | Renew | Stop) -> None:
        self._queue.put(work)

    def run(self) -> None:
        while True:
            work = self._next()
            if type(work) is Batch:
                self._written(self._commit(work), self._log.watch)
            elif type(work) is Purge:
                self._purges.append((work, work.slices(self._log)))
            elif type(work) is Renew:
                work.work()
            elif type(work) is Stop:
                break
            if self._purges:
                self._purge_slice(*self._purges[0])
        for purge, _slices in self._purges:
            self._purged(purge, None)

    def _next(self) -> Batch | Purge | Renew | Stop | None:
        """Waits for work, but not while there is a purge to go on with."""
        if not self._purges:
            return self._queue.get()
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None

    def _commit(self, batch: Batch) -> Outcomes:
        if batch.is_begun:
            try:
                self._log.commit()
                self.written_refusals += len(batch.refusals)
                return [(batch.mails, reply.STORED)]
            except Exception:
                pass  # nothing of it is stored: once more, with all care
        return self._write(batch)

    def _write(self, batch: Batch) -> Outcomes:
        unwritten = self.unwritten_refusals
        if not batch.mails and unwritten and len(unwritten) < REFUSALS_KEPT:
            unwritten += batch.refusals  # while nothing can be written, refusals wait for the next mail
            return []
        refusals = unwritten + batch.refusals
        matched: list[WaitingMail] = []
        unmatched: list[WaitingMail] = []
        for mail in batch.mails:
            (matched if self._is_matched(mail) else unmatched).append(mail)
        outcomes = [(unmatched, reply.NOT_STORED)]
        try:
            outcomes += self._store(matched, refusals, batch.accepted)
        except Exception as error:
            self._log_failure(error)
            if is_damage(error):
                self._log.watch.condemn(error)
            self.unwritten_refusals = refusals[-REFUSALS_KEPT:]
            outcomes.append((matched, _outcome_of(error)))
        else:
            self.unwritten_refusals = []
            self.written_refusals += len(refusals)
        return outcomes

    def _is_matched(self, waiting_mail: WaitingMail) -> bool:
        """Let the filters say what the mail becomes; one that they cannot read is answered 451 by itself."""
        try:
            waiting_mail.match()
        except Exception as error:
            self._log_failure(error)
            return False
        return True

    def _store(self, waiting: list[WaitingMail], refusals: list[NewRefusal], accepted: list[Accepted]) -> Outcomes:
        """All in one commit; where a row is at fault, all mails and refusals but such rows. Raises what no mail is to
        blame for, with nothing stored."""
        mails = [one.mail for one in waiting]
        try:
            self._log.append(mails, refusals, accepted)
        except Exception as error:
            if not is_of_one_row(error):
                raise
        else:
            return [(waiting, reply.STORED)]
        faults = self._log.append_each(mails, refusals)  # a refusal that cannot be stored is let go
        for fault in filter(None, faults):
            self._log_failure(fault)
        judged = list(zip(waiting, faults, strict=False))  # the refusals' come behind
        stored = [one for one, fault in judged if fault is None]
        return [(stored, reply.STORED), ([one for one, fault in judged if fault], reply.NOT_STORED)]

    def _log_failure(self, error: Exception) -> None:
        """The first of a row in full, then a line a minute: a full disk must not be filled by its own log."""
        now = time.monotonic()
        if not self.unwritten_refusals and now - self._logged_at > LOG_EVERY_SECONDS:
            log.error("mails cannot be written", exc_info=error)
        elif now - self._logged_at > LOG_EVERY_SECONDS:
            log.error("mails cannot be written: %s", error)
        else:
            return
        self._logged_at = now

    def _purge_slice(self, purge: Purge, slices: Iterator[int]) -> None:
        try:
            purge.purged += next(slices)
            return
        except StopIteration:
            purged: int | None = purge.purged
        except Exception:
            log.exception("a purge failed")
            purged = None
        self._purges.popleft()
        self._purged(purge, purged)


def _outcome_of(error: Exception) -> Reply:
    return reply.DISK_FULL if is_disk_full(error) else reply.NOT_STORED
