"""Reading search.db: which mails may hold what is searched, newest first. `mail_search` checks them and fills pages."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmcdesk.store.search import index_schema
from cmcdesk.store.search.entry import ask_for_marks


@dataclass(frozen=True, slots=True)
class Asked:
    """What mails must have."""

    terms: list[str]
    in_text: bool
    composition: str | None
    route: str | None


class SearchIndex:
    """The index of the mail.db with this log_id; empty as long as the worker has made none. One thread at a time."""

    def __init__(self, path: Path, log_id: str) -> None:
        self._connection = index_schema.open_for_reading(path)
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
        below = min(before, self._reached[0] + 1)
        parts = [part for part in self._list_parts() if part << index_schema.PART_BITS < below]
        asked = Asked(terms, in_text, composition, route)
        yield from self._find_in(parts, asked, "rowid < ? ORDER BY rowid DESC", below)

    def find_upwards(
        self, terms: list[str], after: int, in_text: bool, composition: str | None = None, route: str | None = None
    ) -> Iterator[int]:
        """As `find`, but oldest first above `after`."""
        parts = [part for part in self._list_parts()[::-1] if (part + 1) << index_schema.PART_BITS > after]
        asked = Asked(terms, in_text, composition, route)
        yield from self._find_in(parts, asked, "rowid > ? ORDER BY rowid", after)

    def _list_parts(self) -> list[int]:
        return index_schema.list_parts(self._connection) if self._connection else []

    def _find_in(self, parts: list[int], asked: Asked, which: str, bound: int) -> Iterator[int]:
        """which: SQL on rowid, with a place for `bound`, and the order."""
        number = self._number_of(asked.composition)
        if asked.composition and number is None:
            return
        match = " AND ".join([*asked.terms, *ask_for_marks(number, asked.route)])
        for part in parts:
            table = f"{'texts' if asked.in_text else 'fields'}_{part}"
            yield from self._run(f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND {which}", (match, bound))

    def _run(self, sql: str, values: tuple[str, int]) -> Iterator[int]:
        assert self._connection
        try:
            with closing(self._connection.execute(sql, values)) as rows:
                for (mail_id,) in rows:
                    if mail_id <= self._reached[0]:  # what came since this index was opened belongs to the scan
                        yield mail_id
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):  # dropped meanwhile: all its mails are purged
                raise

    def _number_of(self, composition: str | None) -> int | None:
        if not composition or not self._connection:
            return None
        row = self._connection.execute("SELECT number FROM composition WHERE name = ?", (composition,)).fetchone()
        return row[0] if row else None
