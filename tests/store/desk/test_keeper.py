"""desk.db deleted or replaced while it is open: nothing that was committed is lost, and engines follow it."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.store.desk.api_users import list_api_users
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.keeper import DeskKeeper
from cmcdesk.store.maillog.renewal import list_aside
from tests.store.desk.test_database import make_user


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    with transaction(made) as session:
        session.add(make_user("kept"))
    yield made
    made.dispose()


def names(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [user.api_user for user in list_api_users(session)]


def remove_all(path: Path) -> None:
    for each in path.parent.glob("desk.db*"):
        each.unlink()


def remove_wal(path: Path) -> None:
    path.with_name("desk.db-wal").unlink()


def put_garbage(path: Path) -> None:
    path.with_name("other").write_bytes(os.urandom(5000))
    path.with_name("other").replace(path)


@pytest.mark.parametrize("deed", [Path.unlink, remove_all, put_garbage, remove_wal])
def test_it_is_put_back_as_it_was(engine: Engine, tmp_path: Path, deed: object) -> None:
    path = tmp_path / "desk.db"
    with closing(DeskKeeper(path)) as keeper:
        assert not keeper.look()
        with transaction(engine) as session:
            session.add(make_user("late"))
        deed(path)  # type: ignore[operator]
        assert keeper.look() and not keeper.look()
        assert names(engine) == ["kept", "late"]
        with transaction(engine) as session:
            session.add(make_user("after"))
        assert not keeper.look(), "the new file's own WAL is no loss"
    other = open_desk(tmp_path)
    assert sorted(names(other)) == ["after", "kept", "late"] and path.stat().st_mode & 0o077 == 0
    assert len(list_aside(path)) == (deed is put_garbage)
    other.dispose()


def test_another_desk_db_in_its_place_is_used(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    backup = open_desk(tmp_path / "backup")
    with transaction(backup) as session:
        session.add(make_user("of the backup"))
    backup.dispose()
    with closing(DeskKeeper(tmp_path / "desk.db")) as keeper:
        remove_all(tmp_path / "desk.db")
        (tmp_path / "backup" / "desk.db").replace(tmp_path / "desk.db")
        assert keeper.look()
    assert names(engine) == ["of the backup"]


def test_where_it_cannot_be_put_back_it_is_tried_again(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(DeskKeeper(path)) as keeper:
        path.unlink()
        (tmp_path / "desk.part").mkdir()
        with pytest.raises(OSError):
            keeper.look()
        (tmp_path / "desk.part").rmdir()
        assert keeper.look()
    assert names(engine) == ["kept"]
