"""Data of every earlier version, kept as SQL in tests/store/earlier: it is brought up to date and loses nothing.

A new version gets a file of its own there when it is made: the tables with one row in each.
"""

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cmcdesk.cli import cmcdesk as program
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.desk.version import OURS, read_version
from cmcdesk.store.maillog import schema as maillog_schema
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog

from .desk.test_migrating import query

EARLIER = Path(__file__).parent / "earlier"
DESK = OURS.versions
MAIL = tuple(range(1, maillog_schema.VERSION + 1))
OCTETS = b"Subject: x\r\n\r\n\xe3\x81\x82\x00\r\n.dot"


def make(name: str, path: Path) -> dict[str, list[dict[str, Any]]]:
    """The database of tests/store/earlier/NAME.sql at `path`; its rows by table."""
    with closing(sqlite3.connect(path)) as connection:
        if name.startswith("mail"):
            connection.execute(f"PRAGMA page_size={maillog_schema.PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript((EARLIER / f"{name}.sql").read_text("utf-8"))
        return read_all(connection)


def read_all(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    found = {}
    for (table,) in tables.fetchall():
        rows = connection.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in rows.description]
        found[table] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


def test_there_is_one_of_every_version() -> None:
    kept = {path.stem for path in EARLIER.glob("*.sql")}
    assert kept >= {f"desk-{version}" for version in DESK} | {f"mail-{version}" for version in MAIL}


@pytest.mark.parametrize("version", DESK)
def test_desk_db_is_brought_up_to_date_with_all_its_rows(tmp_path: Path, version: str) -> None:
    path = tmp_path / "desk.db"
    before = make(f"desk-{version}", path)
    assert read_version(path) == version and all(before.values())
    open_desk(tmp_path).dispose()
    assert read_version(path) == OURS.newest
    with closing(sqlite3.connect(path)) as connection:
        after = read_all(connection)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for table, rows in before.items():
        if table != "alembic_version":
            assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows, table
    assert (tmp_path / f"desk-{version}.backup.db").exists() == (version != OURS.newest)


@pytest.mark.parametrize("version", MAIL)
def test_mail_db_is_read_as_it_is_and_brought_up_to_date(tmp_path: Path, version: int) -> None:
    path = tmp_path / "mail.db"
    before = make(f"mail-{version}", path)
    dumped = CliRunner().invoke(program, ["mail", "dump", "--data-dir", str(tmp_path)])
    assert [base64.b64decode(each) for each in json.loads(dumped.output)] == [OCTETS]
    MailLogWriter(path).close()
    with closing(sqlite3.connect(path)) as connection:
        after = read_all(connection)
    for table, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows, table
    with MailLog(path) as log:
        assert (log.version, log.log_id) == (maillog_schema.VERSION, "0123456789abcdef")


@pytest.mark.parametrize("mail_version", MAIL)
@pytest.mark.parametrize("desk_version", DESK)
def test_the_doctor_finds_no_fault_with_an_earlier_version(
    tmp_path: Path, desk_version: str, mail_version: int
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    make(f"desk-{desk_version}", folder / "desk.db")
    make(f"mail-{mail_version}", folder / "mail.db")
    for path in folder.iterdir():
        path.chmod(0o600)
    shown = CliRunner().invoke(program, ["doctor", "--data-dir", str(folder)], env={"LC_ALL": "C"})
    assert (shown.exit_code, shown.output) == (0, "All is well.\n")


def test_what_went_out_before_there_were_events_gets_them_out_of_its_tries(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    make("desk-0009", path)
    query(path, "DELETE FROM outbound_attempt")
    query(path, "DELETE FROM outbound")
    common = "'x', 1, 'pro', 1, 's@x', 'r@x', 'x', ''"
    columns = "log_id, mail_id, composition, revision, sender, recipient, domain, forwarded_by"
    tail = "state, attempts, queued_at, ended_at, host, code, enhanced, text, command, error_status"
    for values in (
        "'succeeded', 2, 100.0, 701.0, 'mx', 250, '2.0.0', 'ok', 'end of DATA', NULL",
        "'failed', 1, 100.0, 101.0, 'mx', 550, '5.1.1', 'unknown', 'RCPT TO', 2",
        "'failed', 1, 100.0, 200.0, '', NULL, '', 'cancelled in the queue', '', 99",
        "'deferred', 1, 100.0, NULL, 'mx', 451, '4.3.0', 'later', 'RCPT TO', NULL",
    ):
        query(path, f"INSERT INTO outbound({columns}, {tail}) VALUES({common}, {values})")
    query(path, f"INSERT INTO outbound({columns}, {tail}, own_id) VALUES({common}, 'queued', 0, 9.0, NULL, '', NULL, "
                "'', '', '', NULL, 1)")  # fmt: skip
    tried = "outbound_id, number, code, outcome, at, milliseconds, host, address, enhanced, text, command"
    for values in ("1, 1, 451, 'transient'", "1, 2, 250, 'delivered'", "2, 1, 550, 'permanent'",
                   "3, 1, 451, 'transient'", "4, 1, 451, 'transient'"):  # fmt: skip
        query(path, f"INSERT INTO outbound_attempt({tried}) VALUES({values}, 100.0, 500, '', '', '', 'said', 'DATA')")
    open_desk(tmp_path).dispose()
    events = query(path, "SELECT outbound_id, status, at, reason, error_status FROM outbound_event ORDER BY 1, id")
    later = "451 said (in reply to DATA)"
    assert events == [
        (1, "queued", 100.0, "", None), (1, "deferred", 100.5, later, None), (1, "succeeded", 701.0, "", None),
        (2, "queued", 100.0, "", None), (2, "failed", 101.0, "550 5.1.1 unknown (in reply to RCPT TO)", 2),
        (3, "queued", 100.0, "", None), (3, "deferred", 100.5, later, None),
        (3, "failed", 200.0, "cancelled in the queue", 99),
        (4, "queued", 100.0, "", None), (4, "deferred", 100.5, later, None),
    ]  # fmt: skip
    counts = query(path, "SELECT span, slot, queued, succeeded, failed, deferred, blocked FROM outbound_count")
    assert counts == [
        (60, 60, 4, 0, 1, 3, 0), (60, 180, 0, 0, 1, 0, 0), (60, 660, 0, 1, 0, 0, 0), (900, 0, 4, 1, 2, 3, 0),
    ]  # fmt: skip
