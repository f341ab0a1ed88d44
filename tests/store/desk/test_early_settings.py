"""A setting that is read before anything else is there."""

import sqlite3
from pathlib import Path

from cmcdesk.console.frame.database import save_desk_setting
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.desk.early_settings import peek_setting


def test_what_was_saved_is_read_while_the_database_is_open_and_after(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    save_desk_setting(engine, "window", {"width": 800})
    assert peek_setting(tmp_path, "window") == {"width": 800}
    engine.dispose()
    assert peek_setting(tmp_path, "window") == {"width": 800}
    assert peek_setting(tmp_path, "nothing") == {}


def test_without_a_database_or_with_a_damaged_one_there_is_nothing_and_nothing_is_made(tmp_path: Path) -> None:
    assert peek_setting(tmp_path, "window") == {}
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "desk.db").write_bytes(b"no database at all" * 100)
    assert peek_setting(tmp_path, "window") == {}


def test_what_is_no_object_is_nothing(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        connection.execute("CREATE TABLE desk_setting (key VARCHAR PRIMARY KEY, value JSON)")
        connection.execute("INSERT INTO desk_setting VALUES ('window', '[1]'), ('display', 'no JSON')")
    connection.close()
    assert peek_setting(tmp_path, "window") == {} and peek_setting(tmp_path, "display") == {}
