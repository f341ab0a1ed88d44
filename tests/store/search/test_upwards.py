"""Pages oldest first: the same rows as looking through everything, in bounded steps."""

from pathlib import Path

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.purge import purge_all, purge_mails
from cmcdesk.store.search import upwards
from cmcdesk.store.search.index import SearchIndex
from cmcdesk.store.search.searched_log import FoundMails, MailQuery
from cmcdesk.store.search.upwards import UpwardSearch, merge_upwards
from tests.store.search.test_mail_search import COUNT, SEARCHES, Searched, octets, searched, writer

__all__ = ["searched", "writer"]


@pytest.fixture
def searching(searched: Searched) -> UpwardSearch:
    return UpwardSearch(*searched)


def read_pages(searching: UpwardSearch, query: MailQuery, limit: int, after: int = 0) -> list[int]:
    ids: list[int] = []
    page = FoundMails([], after)
    while page.next is not None:
        page = searching.find(query, page.next, limit)
        assert len(page.rows) <= limit
        ids += [row.id for row in page.rows]
    assert ids == sorted(set(ids))
    return ids


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("only", [{}, {"composition": "rare"}, {"route": "bounce"}, {"composition": "none"}])
def test_fields_give_what_looking_through_everything_gives(
    searching: UpwardSearch, search: str | None, only: dict[str, str]
) -> None:
    for after in (0, 20, 30, COUNT, 10**30):
        expected = searching._log.list_mails(None, 1000, after=after, search=search, **only)
        for limit in (1, 7, 50, 1000):
            assert read_pages(searching, MailQuery(search, **only), limit, after) == [row.id for row in expected]


@pytest.mark.parametrize("search", ["番の受信", "受信", "7", "5番", "end. ärger", "無い言葉"])
def test_texts_are_found_by_any_part(searching: UpwardSearch, search: str) -> None:
    texts = {n: octets(n).decode().partition("\r\n\r\n")[2].lower() for n in range(1, COUNT + 1)}
    expected = [n for n in texts if search.lower() in texts[n]]
    for limit in (3, 1000):
        assert read_pages(searching, MailQuery(search, "text"), limit) == expected
        rare = [n for n in expected if n % 20 == 0]
        assert read_pages(searching, MailQuery(search, "text", "rare"), limit) == rare


def test_everywhere_is_either(searching: UpwardSearch) -> None:
    fields = {row.id for row in searching._log.list_mails(None, 1000, search="ct 1")}
    texts = {n for n in range(1, COUNT + 1) if "ct 1" in octets(n).decode()}
    for limit in (2, 1000):
        assert read_pages(searching, MailQuery("ct 1", "all"), limit) == sorted(fields | texts)


def test_purged_mails_are_not_found(searching: UpwardSearch, writer: MailLogWriter) -> None:
    sum(purge_mails(writer, range(1, 50)))
    assert read_pages(searching, MailQuery("subject"), 5) == list(range(50, 61))
    assert read_pages(searching, MailQuery("受信間隔", "text"), 5) == list(range(50, 61))
    sum(purge_all(writer))
    assert searching.find(MailQuery("subject"), 0, 5) == FoundMails([], None)
    assert searching.find(MailQuery(), 0, 5) == FoundMails([], None)


def test_a_damaged_index_loses_nothing(searching: UpwardSearch, tmp_path: Path) -> None:
    whole = (tmp_path / "search.db").read_bytes()
    for kept in (100, 4096, 8192, 16384, 24576):
        damaged = tmp_path / f"damaged{kept}.db"
        damaged.write_bytes(whole[:kept] + b"\xff" * (len(whole) - kept))
        with SearchIndex(damaged, searching._log.log_id) as index:
            assert read_pages(UpwardSearch(searching._log, index), MailQuery("subject 1"), 50) == [1, *range(10, 20)]


def test_a_page_looks_through_so_many_mails_and_the_next_goes_on(
    searching: UpwardSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SCANNED_MAILS": 10, "SCAN_SECONDS": 1e-9, "CHECK_SECONDS": 1e-9}.items():
        monkeypatch.setattr(upwards, name, value)
    monkeypatch.setattr(upwards, "READ_AT_ONCE", 5)
    monkeypatch.setattr(upwards, "CHECKED_AT_ONCE", 4)
    assert searching.find(MailQuery("設定"), 0, 50).next == 10
    assert read_pages(searching, MailQuery("設定"), 50) == list(range(7, 57, 7))
    assert read_pages(searching, MailQuery("設定反映"), 50) == list(range(7, 57, 7))
    assert read_pages(searching, MailQuery("受信", "text"), 50) == list(range(1, 61))
    assert read_pages(searching, MailQuery("9番の受信間", "text"), 50) == [9, 19, 29, 39, 49, 59]
    assert read_pages(searching, MailQuery("設定", "all"), 50) == list(range(7, 57, 7))


def test_merging_stops_where_one_part_stopped(searching: UpwardSearch) -> None:
    def found(following: int | None, *ids: int) -> FoundMails:
        return FoundMails([row for n in ids if (row := searching._log.get_mail(n))], following)

    merged = merge_upwards([found(None, 2, 5, 9), found(5, 5)], 10)
    assert ([row.id for row in merged.rows], merged.next) == ([2, 5], 5)
    assert merge_upwards([found(None, 9), found(None, 8)], 1).next == 8
    assert merge_upwards([found(None, 9), found(None, 8)], 2).next is None
