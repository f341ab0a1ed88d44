"""What is asked for often is read from desk.db only when somebody has committed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cmcdesk.processes import paths
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.kept import KeptReading
from cmcdesk.store.desk.models import ApiUserRow


class Counting:
    """Counts the API users, and how often it was asked to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fault: Exception | None = None

    def __call__(self, session: Session) -> int:
        self.asked += 1
        if self.fault:
            raise self.fault
        return session.query(ApiUserRow).count()


def add_user(engine: Engine, name: str) -> None:
    with transaction(engine) as session:
        session.add(ApiUserRow(api_user=name, api_key="key", created_at=1.0))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_desk(tmp_path)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def kept(engine: Engine, counting: Counting) -> Iterator[KeptReading[int]]:
    one = KeptReading(engine, counting)
    yield one
    one.close()


def test_it_is_read_once_while_nobody_commits(kept: KeptReading[int], counting: Counting) -> None:
    assert [kept.get() for _ in range(5)] == [0] * 5
    assert counting.asked == 1


def test_each_commit_is_seen_whoever_made_it(
    kept: KeptReading[int], counting: Counting, engine: Engine, tmp_path: Path
) -> None:
    assert kept.get() == 0
    add_user(engine, "of this process")
    assert (kept.get(), kept.get()) == (1, 1)
    other = open_desk(tmp_path)
    add_user(other, "of another")
    assert (kept.get(), counting.asked) == (2, 3)
    with pytest.raises(RuntimeError), transaction(engine) as session:
        session.add(ApiUserRow(api_user="rolled back", api_key="key", created_at=1.0))
        session.flush()
        raise RuntimeError
    assert (kept.get(), counting.asked) == (2, 3)


def test_what_could_not_be_read_is_read_next_time(kept: KeptReading[int], counting: Counting) -> None:
    counting.fault = OSError("not now")
    with pytest.raises(OSError, match="not now"):
        kept.get()
    counting.fault = None
    assert kept.get() == 0


def test_a_file_that_was_put_back_is_read(kept: KeptReading[int], engine: Engine, tmp_path: Path) -> None:
    desk_db = paths.desk_db(tmp_path)
    add_user(engine, "a")
    assert kept.get() == 1
    kept.close()
    engine.dispose()  # the last to close: all is in the file
    shutil.copy(desk_db, tmp_path / "copy.db")
    assert kept.get() == 1
    add_user(engine, "b")
    assert kept.get() == 2
    engine.dispose()
    for suffix in ("", "-wal", "-shm"):
        desk_db.with_name(desk_db.name + suffix).unlink(missing_ok=True)
    with pytest.raises(DBAPIError):
        kept.get()
    (tmp_path / "copy.db").rename(desk_db)
    assert kept.get() == 1
