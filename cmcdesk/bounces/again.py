"""The follower that reads a mail again that was set aside, once somebody asks for it: its bounces, its text for
searches, and its webhooks that were given up."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from cmcdesk.bounces.reader import Announce, BounceReader
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.set_aside import list_asked, revive_deliveries
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.maillog.watch import CurrentMailLog
from cmcdesk.store.reading_guard import ReadingGuard

LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)

Index = Callable[[MailLog, int], None]


class AgainFollower:
    """`tick` and `stop` as the worker calls them. A mail that ends the worker here too stays set aside."""

    def __init__(self, engine: Engine, mail_db: Path, guard: ReadingGuard, announce: Announce, index: Index) -> None:
        self._engine = engine
        self._current = CurrentMailLog(mail_db)
        self._guard = guard
        self._announce = announce
        self._index = index
        self._look_at = 0.0
        self.set_aside = 0  # how many mails are

    def tick(self) -> None:
        """Read what was asked for."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        try:
            mail_log = self._current.open()
        except MailLogMissing:
            return
        for mail_id in self._guard.list_set_aside(mail_log.log_id):
            if mail_log.get_mail(mail_id) is None:  # purged meanwhile
                self._guard.forget(mail_log.log_id, mail_id)
        self.set_aside = len(self._guard.list_set_aside(mail_log.log_id))
        if self.set_aside:
            with reading(self._engine) as session:
                asked = list_asked(session, mail_log.log_id)
            for mail_id in asked:
                self._read(mail_log, mail_id)

    def _read(self, mail_log: MailLog, mail_id: int) -> None:
        log_id = mail_log.log_id
        reader = BounceReader(self._engine, mail_log, self._announce)
        try:
            self._guard.try_again("bounces", log_id, mail_id, lambda: reader.read_again(mail_id))
            self._guard.try_again("search", log_id, mail_id, lambda: self._index(mail_log, mail_id))
        except Exception:
            log.exception("mail %d stays set aside", mail_id)
            return
        self._guard.forget(log_id, mail_id, lambda session: revive_deliveries(session, log_id, mail_id, time.time()))

    def stop(self, seconds: float) -> None:
        """Nothing is under way between two ticks."""
        self._current.close()
