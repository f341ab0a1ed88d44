"""Settings of the desk itself (display, retention): a key and a JSON value in desk.db."""

from typing import Any

from sqlalchemy import Engine

from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import DeskSettingRow


def load_desk_setting(engine: Engine, key: str) -> dict[str, Any]:
    """The value, {} where none was saved."""
    with reading(engine) as session:
        row = session.get(DeskSettingRow, key)
        return dict(row.value) if row else {}


def save_desk_setting(engine: Engine, key: str, value: dict[str, Any]) -> None:
    """Keep the value."""
    with transaction(engine) as session:
        session.merge(DeskSettingRow(key=key, value=value))
