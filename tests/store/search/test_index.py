"""Reading the index: candidates newest first, only of the mail.db it was made from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.search import index_schema
from cmcdesk.store.search.entry import ask_for_fields, ask_for_text
from cmcdesk.store.search.index import SearchIndex
from cmcdesk.store.search.index_writer import SearchWriter
from tests.store.maillog.test_insertion import mail


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchIndex]:
    monkeypatch.setattr(index_schema, "PART_BITS", 3)
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
