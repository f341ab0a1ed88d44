"""Pages of a search: the same rows as looking through everything, in bounded steps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.maillog.purge import purge_all, purge_mails
from cmcdesk.store.search import mail_search
from cmcdesk.store.search.index_writer import SearchWriter
from cmcdesk.store.search.mail_search import MailSearch, UpwardSearch, merge_found, merge_upwards
from cmcdesk.store.search.search_index import SearchIndex
from cmcdesk.store.search.searched_log import FoundMails, MailQuery
from tests.store.maillog.test_insertion import mail

COUNT = 60
SEARCHES = [
    None, "受信", "x", "subject", "SUBJECT 1", "100%", "_", '"', "a@client", "b@return.example.com", "<subject 7@x>",
    '"bounce"]', "設定反映", "absent", "a\0b",
]  # fmt: skip


SPELT = ["", " 10\u301c20 cafe\u0301 か\u3099き", " 10\uff5e20 caf\u00e9 が\u304d", "", ""]  # the same, seen


def octets(number: int) -> bytes:
    text = f"{number}番の受信間隔\r\nEnd. Ärger{SPELT[number % 5]}"
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[MailLogWriter]:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append(
        [
            mail(
                f"subject {n}" + (" 設定反映 100%" if n % 7 == 0 else "") + SPELT[n % 5],
                composition="rare" if n % 20 == 0 else "pro", routes=1 + n % 3, received_at=float(n), octets=octets(n),
            )
            for n in range(1, COUNT + 1)
        ],
        [],
    )  # fmt: skip
    yield writer
    writer.close()


Searched = tuple[MailLog, SearchIndex]


@pytest.fixture(params=[0, 25, COUNT], ids="indexed{}".format)
def searched(
    request: pytest.FixtureRequest, tmp_path: Path, writer: MailLogWriter, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Searched]:
    """The log and its index: nothing indexed, a part of it, all of it."""
    with MailLog(tmp_path / "mail.db") as log:
        indexing = SearchWriter(tmp_path / "search.db")
        with monkeypatch.context() as patch:
            patch.setattr(log, "newest_mail", lambda: request.param)
            indexing.advance(log, 60)
        indexing.commit()
        indexing.close()
        with SearchIndex(tmp_path / "search.db", log.log_id) as index:
            assert index.indexed_up_to()[0] == request.param
            yield log, index


@pytest.fixture
def searching(searched: Searched) -> MailSearch:
    return MailSearch(*searched)


def read_pages(searching: MailSearch, query: MailQuery, limit: int) -> list[int]:
    ids: list[int] = []
    page = FoundMails([], COUNT + 1)
    while page.next is not None:
        page = searching.find(query, page.next if ids or page.rows or page.next <= COUNT else None, limit)
        assert len(page.rows) <= limit
        ids += [row.id for row in page.rows]
    assert ids == sorted(set(ids), reverse=True)
    return ids


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("only", [{}, {"composition": "rare"}, {"route": "bounce"}, {"composition": "none"}])
def test_fields_give_what_looking_through_everything_gives(
    searching: MailSearch, search: str | None, only: dict[str, str]
) -> None:
    expected = searching._log.list_mails(None, 1000, search=search, **only)
    for limit in (1, 7, 50, 1000):
        assert read_pages(searching, MailQuery(search, **only), limit) == [row.id for row in expected]


@pytest.mark.parametrize("search", ["番の受信", "受信", "信間", "7", "5番", "end. ärger", "無い言葉", "間隔\nEnd"])
def test_texts_are_found_by_any_part(searching: MailSearch, search: str) -> None:
    texts = {n: octets(n).decode().partition("\r\n\r\n")[2].replace("\r\n", "\n").lower() for n in range(1, COUNT + 1)}
    expected = [n for n in range(COUNT, 0, -1) if search.lower() in texts[n]]
    for limit in (3, 1000):
        assert read_pages(searching, MailQuery(search, "text"), limit) == expected
        bounces = [n for n in expected if (1 + n % 3) & 1]
        assert read_pages(searching, MailQuery(search, "text", None, "bounce"), limit) == bounces


@pytest.mark.parametrize(
    "search",
    ["10\u301c20", "10\uff5e20", "\u301c", "CAF\u00c9"[:3] + "\u00e9", "cafe\u0301", "がき", "か\u3099き", "が"],
)
@pytest.mark.parametrize("where", ["fields", "text"])
def test_every_spelling_finds_every_spelling(
    searching: MailSearch, search: str, where: Literal["fields", "text"]
) -> None:
    expected = [n for n in range(COUNT, 0, -1) if n % 5 in (1, 2)]
    for limit in (3, 1000):
        assert read_pages(searching, MailQuery(search, where), limit) == expected


def test_everywhere_is_either(searching: MailSearch) -> None:
    fields = {row.id for row in searching._log.list_mails(None, 1000, search="7")}
    texts = {n for n in range(1, COUNT + 1) if "7" in str(n)}
    for limit in (2, 1000):
        assert read_pages(searching, MailQuery("7", "all"), limit) == sorted(fields | texts, reverse=True)


def test_purged_mails_are_not_found(searching: MailSearch, writer: MailLogWriter) -> None:
    sum(purge_mails(writer, range(10, 60)))
    assert read_pages(searching, MailQuery("subject"), 5) == [60, *range(9, 0, -1)]
    assert read_pages(searching, MailQuery("受信間隔", "text"), 5) == [60, *range(9, 0, -1)]
    sum(purge_all(writer))
    assert searching.find(MailQuery("subject"), None, 5) == FoundMails([], None)
    assert searching.find(MailQuery(), None, 5) == FoundMails([], None)


def test_a_damaged_index_loses_nothing(searching: MailSearch, tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    for kept in (100, 4096, 8192, 16384, 24576):
        damaged = tmp_path / f"damaged{kept}.db"
        whole = path.read_bytes()
        damaged.write_bytes(whole[:kept] + b"\xff" * (len(whole) - kept))
        with SearchIndex(damaged, searching._log.log_id) as index:
            assert read_pages(MailSearch(searching._log, index), MailQuery("subject 1"), 50) == [*range(19, 9, -1), 1]


def test_a_page_looks_through_so_many_mails_and_the_next_goes_on(
    searching: MailSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_search, "SCANNED_MAILS", 10)
    monkeypatch.setattr(mail_search, "SCAN_SECONDS", 1e-9)
    monkeypatch.setattr(mail_search, "CHECK_SECONDS", 1e-9)
    monkeypatch.setattr(mail_search, "READ_AT_ONCE", 5)
    monkeypatch.setattr(mail_search, "CHECKED_AT_ONCE", 4)
    assert searching.find(MailQuery("設定"), None, 50).next == 51
    assert read_pages(searching, MailQuery("設定"), 50) == list(range(56, 0, -7))
    assert read_pages(searching, MailQuery("設定反映"), 50) == list(range(56, 0, -7))
    assert read_pages(searching, MailQuery("受信", "text"), 50) == list(range(60, 0, -1))
    assert read_pages(searching, MailQuery("9番の受信間", "text"), 50) == [59, 49, 39, 29, 19, 9]
    assert read_pages(searching, MailQuery("設定", "all"), 50) == list(range(56, 0, -7))


def test_merging_stops_where_one_part_stopped(searching: MailSearch) -> None:
    rows: Callable[..., list[MailRow]] = lambda *ids: [searching._log.get_mail(n) for n in ids]  # type: ignore[misc]  # noqa: E731
    merged = merge_found([FoundMails(rows(9, 5, 2), None), FoundMails(rows(8, 5), 5)], 10)
    assert ([row.id for row in merged.rows], merged.next) == ([9, 8, 5], 5)
    assert merge_found([FoundMails(rows(9), None), FoundMails(rows(8), None)], 1).next == 9


__all__ = ["searched", "writer"]


@pytest.fixture
def searching_upwards(searched: Searched) -> UpwardSearch:
    return UpwardSearch(*searched)


def read_pages_upwards(searching_upwards: UpwardSearch, query: MailQuery, limit: int, after: int = 0) -> list[int]:
    ids: list[int] = []
    page = FoundMails([], after)
    while page.next is not None:
        page = searching_upwards.find(query, page.next, limit)
        assert len(page.rows) <= limit
        ids += [row.id for row in page.rows]
    assert ids == sorted(set(ids))
    return ids


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("only", [{}, {"composition": "rare"}, {"route": "bounce"}, {"composition": "none"}])
def test_upwards_fields_give_what_looking_through_everything_gives(
    searching_upwards: UpwardSearch, search: str | None, only: dict[str, str]
) -> None:
    for after in (0, 20, 30, COUNT, 10**30):
        expected = searching_upwards._log.list_mails(None, 1000, after=after, search=search, **only)
        for limit in (1, 7, 50, 1000):
            assert read_pages_upwards(searching_upwards, MailQuery(search, **only), limit, after) == [
                row.id for row in expected
            ]


@pytest.mark.parametrize("search", ["番の受信", "受信", "7", "5番", "end. ärger", "無い言葉"])
def test_upwards_texts_are_found_by_any_part(searching_upwards: UpwardSearch, search: str) -> None:
    texts = {n: octets(n).decode().partition("\r\n\r\n")[2].lower() for n in range(1, COUNT + 1)}
    expected = [n for n in texts if search.lower() in texts[n]]
    for limit in (3, 1000):
        assert read_pages_upwards(searching_upwards, MailQuery(search, "text"), limit) == expected
        rare = [n for n in expected if n % 20 == 0]
        assert read_pages_upwards(searching_upwards, MailQuery(search, "text", "rare"), limit) == rare


def test_upwards_everywhere_is_either(searching_upwards: UpwardSearch) -> None:
    fields = {row.id for row in searching_upwards._log.list_mails(None, 1000, search="ct 1")}
    texts = {n for n in range(1, COUNT + 1) if "ct 1" in octets(n).decode()}
    for limit in (2, 1000):
        assert read_pages_upwards(searching_upwards, MailQuery("ct 1", "all"), limit) == sorted(fields | texts)


def test_upwards_purged_mails_are_not_found(searching_upwards: UpwardSearch, writer: MailLogWriter) -> None:
    sum(purge_mails(writer, range(1, 50)))
    assert read_pages_upwards(searching_upwards, MailQuery("subject"), 5) == list(range(50, 61))
    assert read_pages_upwards(searching_upwards, MailQuery("受信間隔", "text"), 5) == list(range(50, 61))
    sum(purge_all(writer))
    assert searching_upwards.find(MailQuery("subject"), 0, 5) == FoundMails([], None)
    assert searching_upwards.find(MailQuery(), 0, 5) == FoundMails([], None)


def test_upwards_a_damaged_index_loses_nothing(searching_upwards: UpwardSearch, tmp_path: Path) -> None:
    whole = (tmp_path / "search.db").read_bytes()
    for kept in (100, 4096, 8192, 16384, 24576):
        damaged = tmp_path / f"damaged{kept}.db"
        damaged.write_bytes(whole[:kept] + b"\xff" * (len(whole) - kept))
        with SearchIndex(damaged, searching_upwards._log.log_id) as index:
            assert read_pages_upwards(UpwardSearch(searching_upwards._log, index), MailQuery("subject 1"), 50) == [
                1,
                *range(10, 20),
            ]


def test_upwards_a_page_looks_through_so_many_mails_and_the_next_goes_on(
    searching_upwards: UpwardSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SCANNED_MAILS": 10, "SCAN_SECONDS": 1e-9, "CHECK_SECONDS": 1e-9}.items():
        monkeypatch.setattr(mail_search, name, value)
    monkeypatch.setattr(mail_search, "READ_AT_ONCE", 5)
    monkeypatch.setattr(mail_search, "CHECKED_AT_ONCE", 4)
    assert searching_upwards.find(MailQuery("設定"), 0, 50).next == 10
    assert read_pages_upwards(searching_upwards, MailQuery("設定"), 50) == list(range(7, 57, 7))
    assert read_pages_upwards(searching_upwards, MailQuery("設定反映"), 50) == list(range(7, 57, 7))
    assert read_pages_upwards(searching_upwards, MailQuery("受信", "text"), 50) == list(range(1, 61))
    assert read_pages_upwards(searching_upwards, MailQuery("9番の受信間", "text"), 50) == [9, 19, 29, 39, 49, 59]
    assert read_pages_upwards(searching_upwards, MailQuery("設定", "all"), 50) == list(range(7, 57, 7))


def test_upwards_merging_stops_where_one_part_stopped(searching_upwards: UpwardSearch) -> None:
    def found(following: int | None, *ids: int) -> FoundMails:
        return FoundMails([row for n in ids if (row := searching_upwards._log.get_mail(n))], following)

    merged = merge_upwards([found(None, 2, 5, 9), found(5, 5)], 10)
    assert ([row.id for row in merged.rows], merged.next) == ([2, 5], 5)
    assert merge_upwards([found(None, 9), found(None, 8)], 1).next == 8
    assert merge_upwards([found(None, 9), found(None, 8)], 2).next is None
