"""Backups of desk.db: whole, private, a bounded number; the newest sound one is put back."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.store.desk import backups as desk_backups
from cmcdesk.store.desk.api_users import list_api_users
from cmcdesk.store.desk.backups import (
    DeskKeeper,
    back_up,
    choose_kept,
    find_sound_backup,
    is_small,
    list_backups,
    restore,
)
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.maillog.renewal import list_aside
from tests.store.desk.test_database import count_users, make_user


def add_user(folder: Path, name: str) -> None:
    engine = open_desk(folder)
    with transaction(engine) as session:
        session.add(make_user(name))
    engine.dispose()


def count(folder: Path) -> int:
    engine = open_desk(folder)
    try:
        return count_users(engine)
    finally:
        engine.dispose()


def test_a_backup_holds_what_was_committed_and_is_put_back(tmp_path: Path) -> None:
    add_user(tmp_path, "one")
    copy = back_up(tmp_path, 0.0)
    assert copy.name == "desk-19700101-000000.db" and copy.stat().st_mode & 0o077 == 0
    assert [path.name for path in copy.parent.iterdir()] == [copy.name], "one file, nothing beside it"
    add_user(tmp_path, "two")
    aside = restore(tmp_path, copy)
    assert count(tmp_path) == 1 and aside and aside.exists() and copy.exists()


def test_the_newest_and_the_last_of_each_day_are_kept(tmp_path: Path) -> None:
    add_user(tmp_path, "one")
    for hour in range(0, 24 * 12, 4):
        back_up(tmp_path, hour * 3600.0)
    kept = [path.name for path in list_backups(tmp_path)]
    assert len(kept) == 11 and kept[-1] == "desk-19700112-200000.db", "five newest, of which one is its day's last"
    assert kept == sorted(choose_kept(kept))


def test_a_damaged_backup_is_passed_over(tmp_path: Path) -> None:
    add_user(tmp_path, "one")
    first, second = back_up(tmp_path, 0.0), back_up(tmp_path, 10.0)
    assert find_sound_backup(tmp_path) == second
    second.write_bytes(os.urandom(5000))
    assert find_sound_backup(tmp_path) == first
    first.unlink()
    assert find_sound_backup(tmp_path) is None


def test_a_failed_backup_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="unable to open"):
        back_up(tmp_path)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_large_one_is_not_copied_at_each_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_user(tmp_path, "one")
    assert is_small(tmp_path)
    monkeypatch.setattr(desk_backups, "LARGEST_AT_ONCE", 10)
    assert not is_small(tmp_path)


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
