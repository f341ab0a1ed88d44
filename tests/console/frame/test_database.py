"""flask-sqlalchemy on the engine of the whole program."""

from sqlalchemy import text

from cmcdesk.console.frame.database import db

from ..conftest import Console


def test_the_views_session_uses_the_given_engine_with_its_pragmas(console: Console) -> None:
    with console.desk.app.app_context():
        assert db.engine is console.desk._engine
        assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert db.session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
