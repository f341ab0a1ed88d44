"""The safekeeping of what must not go away while the program runs (desk.db, the lock and the note of this instance, the
key of the cookies): a look twice a second, and backups beside the requests."""

import logging
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from cmcdesk.processes.instance import InstanceLock, keep_secret_key, read_secret_key
from cmcdesk.processes.paths import desk_db
from cmcdesk.store.desk.backups import DeskKeeper, back_up, is_small

LOOK_SECONDS = 0.5
BACKUP_HOURS = 24
BACKUP_DELAY_SECONDS = 2.0  # after the start or an apply: of several, one backup

log = logging.getLogger(__name__)


class Safekeeping:
    """Of one data folder. `clock` must be started by its owner, who also releases the lock."""

    def __init__(self, folder: Path, clock: BackgroundScheduler, lock: InstanceLock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = lock
        self._key = read_secret_key(folder)
        self._keeper = DeskKeeper(desk_db(folder))
        self._faults: dict[str, str] = {}

    def start(self) -> None:
        """Begin to look, and back up at the start and once a day."""
        every = {"max_instances": 1, "coalesce": True}
        self._clock.add_job(self._look, "interval", seconds=LOOK_SECONDS, id="keeper", **every)
        self._clock.add_job(self._back_up, "interval", hours=BACKUP_HOURS, id="daily backup", **every)
        self.back_up_soon()

    def back_up_soon(self) -> None:
        """Something was applied. Called again before it is done, it is done once."""
        if is_small(self._folder):
            at = datetime.now(UTC) + timedelta(seconds=BACKUP_DELAY_SECONDS)
            self._clock.add_job(self._back_up, "date", run_date=at, id="backup", replace_existing=True)

    def close(self) -> None:
        """Let go of desk.db; the clock has stopped."""
        self._keeper.close()

    def _look(self) -> None:
        self._keep("instance.lock", self._keep_lock)
        self._keep("desk.db", self._keep_desk)
        self._keep("console.key", lambda: keep_secret_key(self._folder, self._key))

    def _keep_lock(self) -> None:
        if self._lock.keep():
            log.error("the lock or the note of this cmcdesk was removed from %s; it was made again", self._folder)

    def _keep_desk(self) -> None:
        if self._keeper.look():
            self.back_up_soon()

    def _keep(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, sqlite3.Error) as error:
            if str(error) != self._faults.get(name):  # a look that fails twice a second is told once
                log.error("%s has lost its place and cannot be put back: %s", name, error)
            self._faults[name] = str(error)
        else:
            self._faults.pop(name, None)

    def _back_up(self) -> None:
        try:
            back_up(self._folder)
        except (OSError, sqlite3.Error) as error:
            log.error("desk.db could not be backed up: %s", error)
