"""What is mended. From the outside: tests/commands/test_doctor.py."""

from pathlib import Path

from cmcdesk.doctor.mending import keep, put_back_backup, remove_index
from cmcdesk.store.desk.backups import back_up
from cmcdesk.store.desk.database import open_desk


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
