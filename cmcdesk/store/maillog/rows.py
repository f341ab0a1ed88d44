"""Rows into mail.db, many a statement; and those that stand beside mails and refusals: dialogues, counts."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

ROWS_A_STATEMENT = 32
DIALOGUES_KEPT = 10_000  # of up to 8 KB; so many of refusals, and of accepted mails
TRIM_ROWS = 1000  # of accepted mails, until those beyond are deleted

Row = tuple[Any, ...]
Quarter = tuple[int, str, bool]  # a quarter of an hour, a composition, whether it is its relay


def insert_rows(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Many rows a statement: at each step of SQLite the interpreter's lock changes hands, and with a busy event loop
    beside it that costs more than the row."""
    for begin in range(0, len(rows), ROWS_A_STATEMENT):
        some = rows[begin : begin + ROWS_A_STATEMENT]
        connection.execute(_insert_text(table, len(some), len(some[0])), tuple(chain.from_iterable(some)))


@cache
def _insert_text(table: str, rows: int, columns: int) -> str:
    row = "(" + ",".join("?" * columns) + ")"
    return f"INSERT INTO {table} VALUES" + ",".join([row] * rows)


def insert_refused_dialogues(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Of the newest refusals only: a flood that goes on for hours must not fill the disk. rows: of table dialogue, by
    id."""
    if rows:
        insert_rows(connection, "dialogue", rows)
        connection.execute("DELETE FROM dialogue WHERE refusal_id <= ?", (rows[-1][0] - DIALOGUES_KEPT,))


class AcceptedDialogues:
    """Of the newest mails whose part was taken, which are few of all: they have to be counted, so that is done now and
    then."""

    def __init__(self) -> None:
        self._untrimmed = TRIM_ROWS

    def insert(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """rows: of table accepted."""
        if not rows:
            return
        insert_rows(connection, "accepted", rows)
        self._untrimmed += len(rows)
        if self._untrimmed >= TRIM_ROWS:
            self._untrimmed = 0
            oldest = "SELECT mail_id FROM accepted ORDER BY mail_id DESC LIMIT 1 OFFSET ?"
            connection.execute(f"DELETE FROM accepted WHERE mail_id < ({oldest})", (DIALOGUES_KEPT - 1,))


def insert_counts(connection: sqlite3.Connection, mails: Counter[Quarter], refused: Counter[Quarter]) -> None:
    """Into the quarters of an hour: one row of a server for all of a batch, but at a quarter's end."""
    for place in mails | refused:
        quarter, composition, is_relay = place
        connection.execute(
            f"INSERT INTO {'relayed' if is_relay else 'received'} VALUES(?, ?, ?, ?) ON CONFLICT(quarter, composition)"
            " DO UPDATE SET mails = mails + excluded.mails, refused = refused + excluded.refused",
            (quarter, composition, mails[place], refused[place]),
        )
