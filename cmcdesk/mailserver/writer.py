"""The writer thread: one durable transaction for all mails that wait for their 250 (group commit).

It takes whatever has queued, matches the filters, commits, and hands all outcomes back to the loop in one call. Idle, a
batch is one mail and adds no delay; under load it grows by itself.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cmcdesk.mail import reply
from cmcdesk.mail.fields import Fields
from cmcdesk.mail.reply import Reply
from cmcdesk.rules.matching import Filters
from cmcdesk.store.maillog_checkpoint import Checkpointer
from cmcdesk.store.maillog_writer import MailLogWriter, NewMail, NewRefusal, is_disk_full, is_of_one_row

log = logging.getLogger(__name__)

BATCH_MAILS = 512
BATCH_OCTETS = 32 << 20
LOG_EVERY_SECONDS = 60.0
REFUSALS_KEPT = 10_000  # waiting for a disk that cannot be written; the oldest are let go


class Sender(Protocol):
    """Who waits for the outcome of a mail: the session."""

    def take_outcome(self, outcome: Reply) -> None:
        """Called on the loop once the mail is on disk (250) or is not (4yz)."""


@dataclass(slots=True)
class WaitingMail:
    """A mail between its last octet and its commit. inbound_recipients: those that filters make deliveries for."""

    sender: Sender
    mail: NewMail
    fields: Fields
    filters: Filters
    inbound_recipients: tuple[str, ...]

    def match(self) -> None:
        """Let the filters say which deliveries the mail becomes."""
        names = self.filters.match(self.fields)
        if names:
            self.mail.matches = [(name, address) for name in names for address in self.inbound_recipients]


@dataclass(slots=True)
class Purge:
    """Work for the writer that is no mail, in slices that yield how many mails went. `done` gets their sum, or None if
    it failed or the end came first; `purged` counts on meanwhile."""

    slices: Callable[[MailLogWriter], Iterator[int]]
    done: Callable[[int | None], None]
    purged: int = 0


class Stop:
    """The last item that is ever queued."""


Item = WaitingMail | NewRefusal | Purge | Stop


class Writer(threading.Thread):
    """The only writer of mail.db. All methods may be called from the loop; callbacks come through `call_on_loop`."""

    def __init__(self, path: Path, call_on_loop: Callable[..., object]) -> None:
        super().__init__(name="writer", daemon=True)
        self._call_on_loop = call_on_loop
        self._queue: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._log = MailLogWriter(path)
        self._checkpointer = Checkpointer(path)
        self._purges: deque[tuple[Purge, Iterator[int]]] = deque()  # the first is under way, a slice after each batch
        self._unwritten_refusals: list[NewRefusal] = []
        self._logged_at = -LOG_EVERY_SECONDS
        self.next_session = self._log.last_session() + 1

    def submit(self, waiting: WaitingMail) -> None:
        self._queue.put(waiting)

    def record(self, refusal: NewRefusal) -> None:
        self._queue.put(refusal)

    def purge(self, purge: Purge) -> None:
        self._queue.put(purge)

    def hurry(self, seconds: float) -> None:
        """From so many seconds on, what another program's lock keeps from being written gets its 451 at once."""
        self._log.lock_deadline = time.monotonic() + seconds

    def stop(self) -> None:
        """Write what has queued, then end."""
        self._queue.put(Stop())
        self.join()

    def run(self) -> None:
        self._checkpointer.start()
        is_running = True
        while is_running:
            is_running = self._write(self._next_batch())
            if self._purges and is_running:
                self._purge_slice(*self._purges[0])
        for purge, _slices in self._purges:
            self._call_on_loop(purge.done, None)
        self._checkpointer.stop()
        self._log.close()

    def _next_batch(self) -> list[Item]:
        """Waits for one item (unless a purge is under way), then takes what else is there, up to a batch."""
        batch: list[Item] = [] if self._purges else [self._queue.get()]
        octets = 0
        try:
            while len(batch) < BATCH_MAILS and octets < BATCH_OCTETS:
                item = self._queue.get_nowait()
                batch.append(item)
                if type(item) is WaitingMail:
                    octets += len(item.mail.octets)
        except queue.Empty:
            pass
        return batch

    def _write(self, batch: list[Item]) -> bool:
        """False once the stop was met."""
        waiting = [item for item in batch if type(item) is WaitingMail]
        refusals = [item for item in batch if type(item) is NewRefusal]
        self._commit(waiting, refusals)
        self._purges += [(item, item.slices(self._log)) for item in batch if type(item) is Purge]
        return not batch or type(batch[-1]) is not Stop

    def _commit(self, waiting: list[WaitingMail], refusals: list[NewRefusal]) -> None:
        if not waiting and (self._unwritten_refusals or not refusals) and len(self._unwritten_refusals) < REFUSALS_KEPT:
            self._unwritten_refusals += refusals  # while nothing can be written, refusals wait for the next mail
            return
        refusals = self._unwritten_refusals + refusals
        waiting = [one for one in waiting if self._is_matched(one)]
        try:
            stored, unstored = self._store(waiting, refusals)
        except Exception as error:
            self._log_failure(error)
            self._unwritten_refusals = refusals[-REFUSALS_KEPT:]
            self._answer(waiting, _outcome_of(error))
        else:
            self._unwritten_refusals = []
            self._answer(stored, reply.STORED)
            self._answer(unstored, reply.NOT_STORED)

    def _is_matched(self, one: WaitingMail) -> bool:
        """Let the filters say what the mail becomes; one that they cannot read is answered 451 by itself."""
        try:
            one.match()
        except Exception as error:
            self._log_failure(error)
            self._answer([one], reply.NOT_STORED)
            return False
        return True

    def _store(
        self, waiting: list[WaitingMail], refusals: list[NewRefusal]
    ) -> tuple[list[WaitingMail], list[WaitingMail]]:
        """All in one commit; where a row is at fault, all but such rows → those on disk and those that are not. Raises
        what no mail is to blame for, with nothing stored."""
        mails = [one.mail for one in waiting]
        try:
            self._log.append(mails, refusals)
        except Exception as error:
            if not is_of_one_row(error):
                raise
        else:
            return waiting, []
        faults = self._log.append_each(mails, refusals)  # a refusal that cannot be stored is let go
        for fault in filter(None, faults):
            self._log_failure(fault)
        judged = list(zip(waiting, faults, strict=False))  # the refusals' come behind
        return [one for one, fault in judged if fault is None], [one for one, fault in judged if fault]

    def _log_failure(self, error: Exception) -> None:
        """The first of a row in full, then a line a minute: a full disk must not be filled by its own log."""
        now = time.monotonic()
        if not self._unwritten_refusals and now - self._logged_at > LOG_EVERY_SECONDS:
            log.error("mails cannot be written", exc_info=error)
        elif now - self._logged_at > LOG_EVERY_SECONDS:
            log.error("mails cannot be written: %s", error)
        else:
            return
        self._logged_at = now

    def _answer(self, waiting: list[WaitingMail], outcome: Reply) -> None:
        if waiting:
            self._call_on_loop(_tell, [one.sender for one in waiting], outcome)

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
        self._call_on_loop(purge.done, purged)


def _tell(senders: list[Sender], outcome: Reply) -> None:
    for sender in senders:
        sender.take_outcome(outcome)


def _outcome_of(error: Exception) -> Reply:
    is_full = isinstance(error, sqlite3.Error) and is_disk_full(error)
    return reply.DISK_FULL if is_full else reply.NOT_STORED
