"""Saves that did not come through this console: the command line writes into desk.db, and the pages shall show it."""

import logging
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cmcdesk.store.desk.compositions import mark_saves
from cmcdesk.store.desk.database import reading

LOOK_SECONDS = 0.5  # one small query, however often the telemetry comes

log = logging.getLogger(__name__)


class SettingsWatch:
    """Asked again and again whether settings were saved or reflected since it was asked before."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._looked_at = clock()
        self._mark = self._read()

    def has_changed(self) -> bool:
        """Whether there was a save since the last answer True; False too while it is not yet time to look again."""
        now = self._clock()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        before, self._mark, self._looked_at = self._mark, self._read(), now
        return self._mark != before

    def _read(self) -> tuple[object, ...] | None:
        try:
            with reading(self._engine) as session:
                return mark_saves(session)
        except SQLAlchemyError:  # told where somebody asks for a page
            log.debug("desk.db cannot be read", exc_info=True)
            return None
