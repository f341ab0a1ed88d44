"""The webhook catcher's endpoints and what came to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from cmcdesk.store.desk import catcher
from cmcdesk.store.desk.catcher import (
    Caught,
    TooManyEndpoints,
    clear_caught,
    count_caught,
    delete_endpoint,
    find_endpoint,
    get_caught,
    get_endpoint,
    insert_endpoint,
    keep_caught,
    list_caught,
    list_endpoints,
)
from cmcdesk.store.desk.database import open_desk, transaction


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A transaction on an empty desk.db."""
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        yield session
    engine.dispose()


def caught(number: int, at: float = 1000.0, body: bytes = b"x") -> Caught:
    return Caught(number, at, "POST", "/a?b=c", (("Host", "h"), ("X-A", "1"), ("X-A", "2")), body, 200)


def test_an_endpoint_is_made_found_and_removed_with_what_came(session: Session) -> None:
    first, second = insert_endpoint(session, "one", 1.0), insert_endpoint(session, "two", 2.0)
    assert [each.name for each in list_endpoints(session)] == ["one", "two"]
    assert first.answer == "200" and len(first.token) > 20 and first.token != second.token
    assert find_endpoint(session, first.token) is first is get_endpoint(session, first.id)
    assert find_endpoint(session, "x") is None and get_endpoint(session, 99) is None
    keep_caught(session, [caught(first.id), caught(second.id), caught(99)], 1000.0)
    assert count_caught(session) == {first.id: 1, second.id: 1}, "what came for an endpoint that is gone is not kept"
    assert delete_endpoint(session, first.id) and not delete_endpoint(session, first.id)
    assert count_caught(session) == {second.id: 1}


def test_a_request_is_kept_octet_for_octet(session: Session) -> None:
    endpoint = insert_endpoint(session, "one", 1.0)
    keep_caught(session, [caught(endpoint.id, body=b"\x00\xff\r\n")], 1000.0)
    (listed,) = list_caught(session, endpoint.id)
    row = get_caught(session, listed.id)
    assert row is not None and (row.body, row.size, row.path, row.answered) == (b"\x00\xff\r\n", 4, "/a?b=c", 200)
    assert row.headers == [["Host", "h"], ["X-A", "1"], ["X-A", "2"]]
    assert get_caught(session, 99) is None


def test_pages_go_back_and_polls_go_on(session: Session) -> None:
    endpoint, other = insert_endpoint(session, "one", 1.0), insert_endpoint(session, "two", 1.0)
    keep_caught(session, [caught(endpoint.id) for _ in range(5)] + [caught(other.id)], 1000.0)
    assert [row.id for row in list_caught(session, endpoint.id, 2)] == [5, 4]
    assert [row.id for row in list_caught(session, endpoint.id, before=4)] == [3, 2, 1]
    assert [row.id for row in list_caught(session, after=3)] == [4, 5, 6]
    clear_caught(session, endpoint.id)
    assert [row.id for row in list_caught(session)] == [6]
    clear_caught(session, other.id)
    keep_caught(session, [caught(endpoint.id)], 1000.0)
    assert [row.id for row in list_caught(session)] == [7], "a number never comes again"


def test_number_octets_and_age_are_bounded(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catcher, "KEPT_REQUESTS", 3)
    monkeypatch.setattr(catcher, "KEPT_OCTETS", 100)
    monkeypatch.setattr(catcher, "MOST_ENDPOINTS", 1)
    endpoint = insert_endpoint(session, "one", 1.0)
    with pytest.raises(TooManyEndpoints):
        insert_endpoint(session, "two", 1.0)
    keep_caught(session, [caught(endpoint.id) for _ in range(5)], 1000.0)
    assert [row.id for row in list_caught(session)] == [5, 4, 3]
    keep_caught(session, [caught(endpoint.id, body=b"x" * 99)], 1000.0)
    assert [row.id for row in list_caught(session)] == [6, 5]
    keep_caught(session, [caught(endpoint.id, body=b"x" * 200)], 1000.0)
    assert [row.id for row in list_caught(session)] == [7], "the newest is kept, whatever its size"
    keep_caught(session, [caught(endpoint.id, at=1000.0 + catcher.KEPT_SECONDS)], 1001.0 + catcher.KEPT_SECONDS)
    assert [row.id for row in list_caught(session)] == [8]
