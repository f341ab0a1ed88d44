"""desk.db as it is opened: pragmas, transactions, two writers, an older and a newer file."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from cmcdesk.processes import paths
from cmcdesk.store.desk.database import NewerDatabase, open_desk, reading, transaction
from cmcdesk.store.desk.models import ApiUserRow, RevisionRow


def make_user(name: str) -> ApiUserRow:
    return ApiUserRow(api_user=name, api_key="key", created_at=1.0)


def count_users(engine: Engine) -> int:
    with reading(engine) as session:
        return session.query(ApiUserRow).count()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_desk(tmp_path)


def test_open_desk_sets_the_pragmas_on_every_connection(engine: Engine) -> None:
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
            }
            assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 5000}


def test_open_desk_lets_the_caller_choose_normal(tmp_path: Path) -> None:
    with open_desk(tmp_path, synchronous="NORMAL").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_open_desk_takes_a_folder_with_characters_that_mean_something_in_urls(tmp_path: Path) -> None:
    folder = tmp_path / "日本 語?a=b#c%20"
    folder.mkdir()
    with transaction(open_desk(folder)) as session:
        session.add(make_user("a"))
    assert count_users(open_desk(folder)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_transaction_commits_at_the_end(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(make_user("a"))
        session.flush()
        assert count_users(engine) == 0  # another connection does not see it yet
    assert count_users(engine) == 1


def test_transaction_rolls_back_when_it_raises(engine: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(engine) as session:
        session.add(make_user("a"))
        session.flush()
        raise RuntimeError
    assert count_users(engine) == 0


def test_foreign_keys_are_enforced(engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(RevisionRow(composition_id=99, number=1, state="applied", settings={}, at=1.0, reason=""))


def test_a_second_writer_waits_and_sees_what_the_first_wrote(engine: Engine, tmp_path: Path) -> None:
    other = open_desk(tmp_path)
    seen: list[int] = []

    def write_second() -> None:
        with transaction(other) as session:
            seen.append(session.query(ApiUserRow).count())
            session.add(make_user("second"))

    with transaction(engine) as session:
        session.query(ApiUserRow).count()
        thread = threading.Thread(target=write_second)
        thread.start()
        session.add(make_user("first"))
    thread.join(10)
    assert seen == [1]
    assert count_users(engine) == 2


def test_reading_keeps_one_snapshot_and_makes_no_writer_wait(engine: Engine) -> None:
    with reading(engine) as session:
        assert session.query(ApiUserRow).count() == 0
        with transaction(engine) as writer:
            writer.add(make_user("a"))
        assert session.query(ApiUserRow).count() == 0
    assert count_users(engine) == 1


def test_open_desk_refuses_a_newer_database_and_leaves_it_untouched(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    octets = paths.desk_db(tmp_path).read_bytes()
    with pytest.raises(NewerDatabase) as refused:
        open_desk(tmp_path)
    assert "9999" in str(refused.value) and "newer cmcdesk" in str(refused.value)
    assert "新しいバージョン" in refused.value.message["ja"]
    assert paths.desk_db(tmp_path).read_bytes() == octets
    assert sorted(path.name for path in tmp_path.iterdir()) == ["desk.db"]
