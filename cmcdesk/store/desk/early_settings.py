"""A setting of the desk before anything else is there: the window wants its language and place at once, and neither
SQLAlchemy nor a migration may keep it waiting.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from cmcdesk.processes.paths import desk_db


def peek_setting(folder: Path, key: str) -> dict[str, object]:
    """Its value; {} where there is none, or where the database cannot be read now: what is wrong with it is told later.

    Nothing is made: an older database is read as it is.
    """
    path = desk_db(folder)
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
            row = connection.execute("SELECT value FROM desk_setting WHERE key = ?", (key,)).fetchone()
        value = json.loads(row[0]) if row else {}
    except (sqlite3.Error, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
