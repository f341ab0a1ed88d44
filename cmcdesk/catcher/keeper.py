"""Writes what came to the catcher into desk.db: all that waits in one transaction, a flood costs few commits."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cmcdesk.store.desk.catcher import Caught, keep_caught
from cmcdesk.store.desk.database import transaction

log = logging.getLogger(__name__)

ROOM = 64  # requests that may wait; the next one waits with its answer
STOP_SECONDS = 3.0


class Keeper:
    """One thread; `told()` is called after each commit."""

    def __init__(self, engine: Engine, told: Callable[[], None]) -> None:
        self._engine = engine
        self._told = told
        self._waiting: queue.Queue[Caught | None] = queue.Queue(ROOM)  # None ends it
        self._thread = threading.Thread(target=self._run, name="catcher's keeper", daemon=True)

    def start(self) -> None:
        """Write from now on."""
        self._thread.start()

    def put(self, caught: Caught) -> None:
        """Hand over one request."""
        self._waiting.put(caught)

    def stop(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            while not self._waiting.empty() and not is_last:
                following = self._waiting.get()
                is_last = following is None
                batch += [following] if following else []
            self._keep(batch)
            if is_last:
                return

    def _keep(self, batch: list[Caught]) -> None:
        try:
            with transaction(self._engine) as session:
                keep_caught(session, batch, time.time())
        except SQLAlchemyError:
            log.exception("the catcher could not keep %d requests", len(batch))
        self._told()
