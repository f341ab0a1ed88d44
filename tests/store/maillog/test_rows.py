import sqlite3
from collections import Counter
from contextlib import closing

from cmcdesk.store.maillog.rows import ROWS_A_STATEMENT, Quarter, insert_counts, insert_rows
from cmcdesk.store.maillog.schema import TABLES


def test_many_rows_go_in_few_statements() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE one(a, b)")
        rows = [(number, str(number)) for number in range(2 * ROWS_A_STATEMENT + 1)]
        said: list[str] = []
        connection.set_trace_callback(said.append)
        insert_rows(connection, "one", rows)
        connection.set_trace_callback(None)
        assert connection.execute("SELECT * FROM one").fetchall() == rows and len(said) == 3


def test_counts_are_added_to_the_server_that_they_are_of() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(TABLES)
        for _ in range(2):
            mails: Counter[Quarter] = Counter({(1, "pro", False): 3, (1, "pro", True): 5})
            insert_counts(connection, mails, Counter({(2, "pro", True): 7}))
        assert connection.execute("SELECT * FROM received").fetchall() == [(1, "pro", 6, 0)]
        assert connection.execute("SELECT * FROM relayed").fetchall() == [(1, "pro", 10, 0), (2, "pro", 0, 14)]
