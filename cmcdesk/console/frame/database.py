"""desk.db for the views: flask-sqlalchemy over the engine that `open_desk` made; settings of the desk itself (display,
retention) as a key and a JSON value.

One engine, so the pragmas, the migrations and the pool are those of the whole program; `db.session` lives as long as a
request. Work outside of a request (the scheduler, the worker) uses `transaction` of `store/desk/database.py`.
"""

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.orm import DeclarativeBase

from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import DeskBase, DeskSettingRow


class DeskDatabase(SQLAlchemy):
    """flask-sqlalchemy that is handed its engine instead of making one."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        # flask-sqlalchemy names this the place to customise engines; tests/console/frame/test_database.py holds it.
        engine: Engine = app.config["DESK_ENGINE"]
        return engine


class ConsoleBase(DeclarativeBase):
    """The tables of `store/desk/models.py`, under a base that flask-sqlalchemy can build on: it copies a base's body,
    and SQLAlchemy refuses a copy that has both a registry and DeskBase's type_annotation_map."""

    metadata = DeskBase.metadata


db = DeskDatabase(model_class=ConsoleBase)


def connect_database(app: Flask, engine: Engine) -> None:
    """Give `db.session` of this application the program's engine."""
    app.config["DESK_ENGINE"] = engine
    app.config["SQLALCHEMY_DATABASE_URI"] = engine.url  # the absolute path, for the record
    db.init_app(app)


def load_desk_setting(engine: Engine, key: str) -> dict[str, Any]:
    """The value, {} where none was saved."""
    with reading(engine) as session:
        row = session.get(DeskSettingRow, key)
        return dict(row.value) if row else {}


def save_desk_setting(engine: Engine, key: str, value: dict[str, Any]) -> None:
    """Keep the value."""
    with transaction(engine) as session:
        session.merge(DeskSettingRow(key=key, value=value))
