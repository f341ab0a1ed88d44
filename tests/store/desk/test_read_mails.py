"""Which mails a person has opened: one row for each that was, and a mark for all below."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.models import ReadMailRow
from cmcdesk.store.desk.read_mails import find_unread, mark_all_read, mark_read


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_desk(tmp_path)
    yield engine
    engine.dispose()


def unread(engine: Engine, *mail_ids: int, log_id: str = "log") -> set[int]:
    with reading(engine) as session:
        return find_unread(session, log_id, mail_ids)


def test_what_nobody_opened_is_unread_in_each_log_by_itself(engine: Engine) -> None:
    with transaction(engine) as session:
        mark_read(session, "log", [2, 3])
        mark_read(session, "log", [3])
    assert unread(engine, 1, 2, 3, 4) == {1, 4}
    assert unread(engine, 2, log_id="another") == {2}
    assert unread(engine) == set()


def test_all_read_needs_no_row_for_each(engine: Engine) -> None:
    with transaction(engine) as session:
        mark_read(session, "log", [2, 9])
        mark_all_read(session, "log", 5)
    assert unread(engine, 1, 2, 5, 6, 9) == {6}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(ReadMailRow)) == 1
    with transaction(engine) as session:
        mark_all_read(session, "log", 9)
    assert unread(engine, 6, 9, 10) == {10}
