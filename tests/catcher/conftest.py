"""A catcher on a free port with one endpoint, and its desk.db."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.catcher.listener import Catcher
from cmcdesk.store.desk.catcher import get_caught, insert_endpoint, list_caught
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.models import CatcherRow, CaughtRow


@dataclass
class Caughts:
    """The endpoint and what came to it. told: how often the catcher said that something was kept."""

    engine: Engine
    endpoint: CatcherRow
    told: list[bool] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it takes requests."""
        return f"http://127.0.0.1:{self.port}/{self.endpoint.token}"

    def answer(self, text: str) -> None:
        """What the endpoint answers from now on."""
        with transaction(self.engine) as session:
            session.merge(self.endpoint).answer = text

    def list(self) -> list[CaughtRow]:
        """All, newest first, with their bodies."""
        with reading(self.engine) as session:
            found = [get_caught(session, row.id) for row in list_caught(session)]
        return [row for row in found if row]


@pytest.fixture
def caughts(tmp_path: Path) -> Iterator[Caughts]:
    """A running catcher."""
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        kept = Caughts(engine, insert_endpoint(session, "one", 1.0))
    catcher = Catcher(engine, 0, lambda: kept.told.append(True))
    kept.port = catcher.port
    catcher.start()
    yield kept
    catcher.stop()
    engine.dispose()
