"""flask-sqlalchemy on the engine of the whole program."""

from pathlib import Path

from sqlalchemy import text

from cmcdesk.console.frame.database import db, load_desk_setting, save_desk_setting
from cmcdesk.store.desk.database import open_desk

from ..conftest import Console


def test_the_views_session_uses_the_given_engine_with_its_pragmas(console: Console) -> None:
    with console.desk.app.app_context():
        assert db.engine is console.desk._engine
        assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert db.session.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_a_setting_is_kept_and_replaced(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    assert load_desk_setting(engine, "display") == {}
    for value in ({"theme": "dark"}, {"theme": "light"}):
        save_desk_setting(engine, "display", value)
        assert load_desk_setting(engine, "display") == value
    assert load_desk_setting(engine, "other") == {}
    engine.dispose()
