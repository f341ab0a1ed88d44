"""The safekeeping of desk.db while the program runs: a look twice a second, and backups beside the requests."""

import logging
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from cmcdesk.processes.paths import desk_db
from cmcdesk.store.desk.backups import back_up, is_small
from cmcdesk.store.desk.keeper import DeskKeeper

LOOK_SECONDS = 0.5
BACKUP_HOURS = 24
BACKUP_DELAY_SECONDS = 2.0  # after the start or an apply: of several, one backup

log = logging.getLogger(__name__)


class Safekeeping:
    """Of the desk.db of one data folder. `clock` must be started by its owner."""

    def __init__(self, folder: Path, clock: BackgroundScheduler) -> None:
        self._folder = folder
        self._clock = clock
        self._keeper = DeskKeeper(desk_db(folder))
        self._fault = ""

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
        try:
            self._keeper.look()
        except (OSError, sqlite3.Error) as error:
            if str(error) != self._fault:  # a look that fails twice a second is told once
                log.error("desk.db has lost its place and cannot be put back: %s", error)
            self._fault = str(error)
        else:
            self._fault = ""

    def _back_up(self) -> None:
        try:
            back_up(self._folder)
        except (OSError, sqlite3.Error) as error:
            log.error("desk.db could not be backed up: %s", error)
