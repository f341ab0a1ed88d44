"""search.db as a file: made, made anew where it is broken, never read in another version."""

from pathlib import Path

import pytest

from cmcdesk.store.search import index_schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "search.db"


def test_parts_come_and_go(path: Path) -> None:
    connection = index_schema.open_for_writing(path)
    for number in (0, 3, 1):
        index_schema.add_part(connection, number)
    index_schema.drop_part(connection, 0)
    assert index_schema.list_parts(connection) == [3, 1]
    connection.close()
    again = index_schema.open_for_writing(path)
    assert index_schema.list_parts(again) == [3, 1]
    again.close()


def test_a_broken_or_foreign_file_gives_way(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    assert index_schema.open_for_reading(path) is None
    connection = index_schema.open_for_writing(path)
    index_schema.add_part(connection, 7)
    connection.execute(f"PRAGMA user_version={index_schema.VERSION + 1}")
    connection.close()
    assert index_schema.open_for_reading(path) is None
    connection = index_schema.open_for_writing(path)
    assert index_schema.list_parts(connection) == []
    connection.close()


def test_a_missing_file_is_not_made_by_readers(path: Path) -> None:
    assert index_schema.open_for_reading(path) is None and not path.exists()
