"""Reading search.db: which mails may hold what is searched, newest first. `mail_search` checks them and fills pages."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from cmcdesk.store import search_schema
from cmcdesk.store.search_entry import ask_for_marks


class SearchIndex:
    """The index of the mail.db with this log_id; empty as long as the worker has made none. One thread at a time."""

    def __init__(self, path: Path, log_id: str) -> None:
        self._connection = search_schema.open_for_reading(path)
        state = self._read_state()
        is_ours = state.get("log_id") == log_id
        self._reached: tuple[int, float] = (state["position"], state["received_at"]) if is_ours else (0, 0.0)

    def _read_state(self) -> dict[str, Any]:
        try:
            return dict(self._connection.execute("SELECT key, value FROM state")) if self._connection else {}
        except sqlite3.DatabaseError:
            return {}  # damaged: as good as none, until the worker has made a new one

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def __enter__(self) -> "SearchIndex":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def indexed_up_to(self) -> tuple[int, float]:
        """The newest mail in the index: id and when it was received (seconds since 1970); (0, 0.0) for none."""
        return self._reached

    def find(
        self, terms: list[str], before: int, in_text: bool, composition: str | None = None, route: str | None = None
    ) -> Iterator[int]:
        """Ids of mails that have all these FTS5 terms (`search_entry`) in their fields or text, newest first below
        `before`, purged ones too. At least one thing must be asked for. Raises sqlite3.Error for a file that broke."""
        number = self._number_of(composition)
        if self._connection is None or (composition and number is None):
            return
        match = " AND ".join([*terms, *ask_for_marks(number, route)])
        table = "texts" if in_text else "fields"
        below = min(before, self._reached[0] + 1)
        for part in search_schema.list_parts(self._connection):
            if part << search_schema.PART_BITS < below:
                yield from self._find_in_part(f"{table}_{part}", match, below)

    def _find_in_part(self, table: str, match: str, below: int) -> Iterator[int]:
        assert self._connection
        sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid < ? ORDER BY rowid DESC"
        try:
            with closing(self._connection.execute(sql, (match, below))) as rows:
                for (mail_id,) in rows:
                    yield mail_id
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):  # dropped meanwhile: all its mails are purged
                raise

    def _number_of(self, composition: str | None) -> int | None:
        if not composition or not self._connection:
            return None
        row = self._connection.execute("SELECT number FROM composition WHERE name = ?", (composition,)).fetchone()
        return row[0] if row else None
