"""The databases. Each state, from the outside: tests/commands/test_doctor.py."""

import os
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cmcdesk.doctor.databases import (
    check_desk_db,
    check_mail_db,
    check_set_aside,
    keep,
    put_back_backup,
    read_trail,
    remove_index,
)
from cmcdesk.store.desk.backups import back_up
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.desk.models import CursorRow
from cmcdesk.store.maillog.salvage import Trail


def test_without_a_backup_there_is_nothing_to_put_back(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(os.urandom(5000))
    (finding,) = check_desk_db(tmp_path)
    assert finding.state == "damaged" and finding.repair is None and "Move it away" in finding.mend["en"]


def test_a_folder_that_was_never_used_misses_nothing(tmp_path: Path) -> None:
    assert [*check_desk_db(tmp_path), *check_mail_db(tmp_path), *check_set_aside(tmp_path)] == []


def test_what_a_backup_replaces_is_kept_under_another_name(tmp_path: Path) -> None:
    open_desk(tmp_path).dispose()
    backup = back_up(tmp_path)
    told = put_back_backup(tmp_path, backup)
    (kept,) = tmp_path.glob("*.kept")
    assert backup.name in told["ja"] and kept.name in told["en"] and (tmp_path / "desk.db").exists()


def test_a_file_is_kept_and_an_index_goes(tmp_path: Path) -> None:
    for name in ("desk-set-aside-1.db", "search.db", "search.db-wal"):
        (tmp_path / name).touch()
    assert "desk-set-aside-1.db.kept" in keep(tmp_path / "desk-set-aside-1.db")["en"]
    remove_index(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["desk-set-aside-1.db.kept"]


def test_desk_db_tells_how_far_the_log_was_followed(tmp_path: Path) -> None:
    assert read_trail(tmp_path) == Trail(), "there is none"
    engine = open_desk(tmp_path)
    assert read_trail(tmp_path) == Trail(), "nobody has begun"
    for name, log_id, position, expected in (
        ("bounces", "a1", 30, Trail("a1", 30, 0)),
        ("deliveries", "a1", 20, Trail("a1", 30, 20)),
        ("another", "b2", 0, Trail()),
    ):
        with Session(engine) as session:
            session.execute(insert(CursorRow).values(name=name, log_id=log_id, position=position))
            session.commit()
        assert read_trail(tmp_path) == expected
    engine.dispose()
