"""Times for a terminal: in the time zone of 表示設定, as on the pages, and with the zone beside them. Starts no ORM."""

import json
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from cmcdesk.processes.paths import desk_db, find_data_dir
from cmcdesk.rules.texts import DEFAULT_TIME_ZONE

READ = "SELECT value FROM desk_setting WHERE key = 'display'"


def tell_instant(seconds: float, folder: str | Path | None) -> str:
    """Unix seconds as `2026-01-02 03:04:05 +09:00`. folder: the option --data-dir."""
    at = datetime.fromtimestamp(seconds, _read_zone(desk_db(find_data_dir(folder))))
    zone = f"{at:%z}"
    return f"{at:%Y-%m-%d %H:%M:%S} {zone[:3]}:{zone[3:5]}"


@cache
def _read_zone(path: Path) -> ZoneInfo:
    """The zone that was chosen; the default where nothing was, or it cannot be read."""
    with suppress(sqlite3.Error, ValueError, KeyError, TypeError):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            row = connection.execute(READ).fetchone()
        return ZoneInfo(json.loads(row[0])["time_zone"])
    return ZoneInfo(DEFAULT_TIME_ZONE)
