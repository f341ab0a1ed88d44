"""Reading the index: candidates newest first, only of the mail.db it was made from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.search import search_index
from cmcdesk.store.search.entry import ask_for_fields, ask_for_text
from cmcdesk.store.search.index_writer import SearchWriter
from cmcdesk.store.search.search_index import SearchIndex
from tests.store.maillog.test_insertion import mail


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchIndex]:
    monkeypatch.setattr(search_index, "PART_BITS", 3)
    log_writer = MailLogWriter(tmp_path / "mail.db")
    octets = "Content-Type: text/plain; charset=utf-8\r\n\r\n受信間隔 of {}".format
    mails = [
        mail(f"subject{n}", received_at=float(n), composition="rare" if n % 10 == 0 else "pro",
             routes=3 if n % 15 == 0 else 2, octets=octets(n).encode())
        for n in range(1, 41)
    ]  # fmt: skip
    log_writer.append(mails, [])
    log_writer.close()
    writer = SearchWriter(tmp_path / "search.db")
    with MailLog(tmp_path / "mail.db") as log:
        writer.advance(log, 60)
        writer.commit()
        writer.close()
        with SearchIndex(tmp_path / "search.db", log.log_id) as index:
            yield index


def test_ids_come_newest_first_over_all_parts(index: SearchIndex) -> None:
    assert list(index.find(ask_for_fields("subject"), 10**9, False)) == list(range(40, 0, -1))
    assert list(index.find(ask_for_fields("SUBJECT"), 20, False)) == list(range(19, 0, -1))
    assert list(index.find(ask_for_text("間隔 of 3"), 10**9, True)) == [*range(39, 29, -1), 3]
    assert list(index.find(ask_for_text("間隔  of"), 10**9, True)) == []


def test_composition_and_route_narrow(index: SearchIndex) -> None:
    assert list(index.find([], 10**9, False, "rare")) == [40, 30, 20, 10]
    assert list(index.find([], 10**9, False, None, "bounce")) == [30, 15]
    assert list(index.find(ask_for_text("受信間"), 10**9, True, "rare", "bounce")) == [30]
    assert list(index.find(ask_for_fields("subject"), 10**9, False, "unknown")) == []


def test_it_tells_how_far_it_got(index: SearchIndex) -> None:
    assert index.indexed_up_to() == (40, 40.0)


def test_the_index_of_another_mail_db_is_empty(index: SearchIndex, tmp_path: Path) -> None:
    for name, log_id in (("search.db", "other"), ("missing.db", "other")):
        with SearchIndex(tmp_path / name, log_id) as other:
            assert other.indexed_up_to() == (0, 0.0) and list(other.find(ask_for_fields("subject"), 10**9, False)) == []


def test_ids_come_oldest_first_too(index: SearchIndex) -> None:
    assert list(index.find_upwards(ask_for_fields("subject"), 0, False)) == list(range(1, 41))
    assert list(index.find_upwards(ask_for_fields("subject"), 15, False)) == list(range(16, 41))
    assert list(index.find_upwards([], 10, False, "rare")) == [20, 30, 40]
    assert list(index.find_upwards([], 0, False, "unknown")) == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "search.db"


def test_parts_come_and_go(path: Path) -> None:
    connection = search_index.open_index_to_write(path)
    for number in (0, 3, 1):
        search_index.add_part(connection, number)
    search_index.drop_part(connection, 0)
    assert search_index.list_parts(connection) == [3, 1]
    connection.close()
    again = search_index.open_index_to_write(path)
    assert search_index.list_parts(again) == [3, 1]
    again.close()


def test_a_broken_or_foreign_file_gives_way(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    assert search_index.open_index_to_read(path) is None
    connection = search_index.open_index_to_write(path)
    search_index.add_part(connection, 7)
    connection.execute(f"PRAGMA user_version={search_index.VERSION + 1}")
    connection.close()
    assert search_index.open_index_to_read(path) is None
    connection = search_index.open_index_to_write(path)
    assert search_index.list_parts(connection) == []
    connection.close()


def test_a_missing_file_is_not_made_by_readers(path: Path) -> None:
    assert search_index.open_index_to_read(path) is None and not path.exists()
