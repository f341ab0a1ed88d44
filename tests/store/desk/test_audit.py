"""The operation log in desk.db: a line for each change and none without one; logins in batches."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.applying import roll_back
from cmcdesk.processes.paths import desk_db
from cmcdesk.rules.logins import LoginTold
from cmcdesk.rules.settings import defaults_of
from cmcdesk.store.desk.api_users import BadApiUser, create_api_user, remove_api_user
from cmcdesk.store.desk.audit import (
    LONGEST_DETAIL,
    MOST_WAITING,
    AuditQuery,
    LoginKeeper,
    LoginRow,
    OperationRow,
    acting_as,
    list_accounts,
    list_audit,
    name_changes,
    note_operation,
)
from cmcdesk.store.desk.compositions import add_revision, import_drafts, insert_composition, write_draft
from cmcdesk.store.desk.database import open_desk, reading, transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_desk(tmp_path)
    with acting_as("cli"):  # whatever another test of this process has left
        yield engine
    engine.dispose()


def read(engine: Engine) -> list[tuple[str, str, str, str, str]]:
    with reading(engine) as session:
        rows = list_audit(session, OperationRow, AuditQuery(), limit=1000)
        return [(row.account, row.function, row.operation, row.name, row.detail) for row in rows]


def login(at: float, account: str = "shop") -> LoginTold:
    return {
        "at": at, "account": account, "via": "relay pro", "peer": "127.0.0.1", "code": 235, "result": "success",
        "reason": "", "count": 1,
    }  # fmt: skip


def test_settings_are_logged_by_their_keys_once_they_differ(engine: Engine) -> None:
    shop = defaults_of("pro", "shop", "shop")
    with acting_as("console"), transaction(engine) as session:
        row = insert_composition(session, shop, 1.0)
        add_revision(session, row, shop, 2.0)
    changed = shop.as_data()
    changed["receiving"] = {**changed["receiving"], "interval_ms": 77, "size_kb": 5}
    from cmcdesk.rules.settings import check_composition

    with acting_as("api"), transaction(engine) as session:
        write_draft(session, check_composition(changed), 3.0)
        write_draft(session, check_composition(changed), 4.0)
    roll_back(engine, "shop", 1)
    with transaction(engine) as session:
        import_drafts(session, [check_composition(changed), defaults_of("pro", "new", "new")], 5.0)
    keys = "receiving.interval_ms, receiving.size_kb"
    assert read(engine) == [
        ("cli", "composition", "add", "new", ""),
        ("cli", "settings", "import", "shop", keys),
        ("cli", "settings", "roll_back", "shop", keys),
        ("api", "settings", "save", "shop", keys),
        ("console", "composition", "add", "shop", ""),
    ]


def test_what_is_rolled_back_leaves_no_line(engine: Engine) -> None:
    with pytest.raises(BadApiUser), transaction(engine) as session:
        create_api_user(session, "shop", 1.0)
        create_api_user(session, "shop", 1.0)
    with transaction(engine) as session:
        assert not remove_api_user(session, "nobody")
    assert read(engine) == []


def test_a_detail_is_cut_and_names_no_value() -> None:
    old, new = {"a": {"secret": "x", "b": 1}, "c": [1]}, {"a": {"secret": "y", "b": 1}, "d": 2}
    assert name_changes(old, new) == "a.secret, d, c"


def test_long_details_are_cut(engine: Engine) -> None:
    with transaction(engine) as session:
        note_operation(session, "settings", "save", "shop", "k" * 5000)
    assert len(read(engine)[0][4]) == LONGEST_DETAIL + 1


def test_pages_follow_time_and_an_account_narrows(engine: Engine) -> None:
    keeper = LoginKeeper(engine)
    keeper.take([login(float(number % 5), f"user{number % 2}") for number in range(20)])
    keeper.flush(0.0)
    with reading(engine) as session:
        query = AuditQuery(since=1.0, until=4.0)
        first = list_audit(session, LoginRow, query, limit=7)
        rest = list_audit(session, LoginRow, replace(query, before=first[-1].id), limit=7)
        times = [row.at for row in [*first, *rest]]
        assert times == sorted(times, reverse=True) and set(times) == {1.0, 2.0, 3.0} and len(times) == 12
        assert list_audit(session, LoginRow, query, limit=5, skip=7) == rest
        assert len(list_audit(session, LoginRow, AuditQuery(account="user1"))) == 10
        assert list_accounts(session, LoginRow) == ["user0", "user1"]


def test_logins_wait_while_the_file_is_locked_and_are_bounded(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.store.desk.database.BUSY_SECONDS", 0)
    quick = open_desk(tmp_path)
    keeper = LoginKeeper(quick)
    keeper.take([login(1.0)] * (MOST_WAITING + 3))
    with closing(sqlite3.connect(desk_db(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        keeper.flush(2.0)
        other.execute("ROLLBACK")
    keeper.note(login(3.0, "console"))
    keeper.flush(math.inf)
    quick.dispose()
    with reading(engine) as session:
        rows = list_audit(session, LoginRow, AuditQuery(), limit=2 * MOST_WAITING)
        assert (len(rows), rows[0].account) == (MOST_WAITING + 1, "console")
