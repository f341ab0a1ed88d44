"""Bounces listed, searched and counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cmcdesk.store.desk.bounce_lists import BounceQuery, count_bounces, count_by_domain, count_by_status, list_bounces
from cmcdesk.store.desk.bounces import NewBounce, override_bounce, record_bounces
from cmcdesk.store.desk.database import open_desk, reading, transaction


def bounce(mail_id: int, recipient: str, error_status: int, **changes: Any) -> NewBounce:
    facts: dict[str, Any] = {
        "log_id": "log", "mail_id": mail_id, "ordinal": 0, "composition": "pro", "created_at": float(mail_id),
        "final": True, "recipient": recipient, "error_status": error_status, "status": None, "reply": None,
        "diagnostic": "", "evidence": "", "rule": "", "header_from": "News@Sender.example",
        "message_id": f"<{mail_id}@x>",
        "return_path": "", "subject": "お知らせ", "api_data": f"order_{mail_id}",
    }  # fmt: skip
    return NewBounce(**facts | changes)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = open_desk(tmp_path)
    with transaction(engine) as writing:
        rows = record_bounces(writing, "log", 6, [
            bounce(1, "a@x.example", 2), bounce(2, "b@X.example", 2), bounce(3, "c@y.example", 5),
            bounce(4, "d@y.example", 4, composition="sandbox"), bounce(5, "late@y.example", 3, final=False),
            bounce(6, "", 99),
        ])  # fmt: skip
        override_bounce(writing, rows[2].id, 8)
    with reading(engine) as reader:
        yield reader
    engine.dispose()


def ids(session: Session, **wanted: Any) -> list[int]:
    return [row.mail_id for row in list_bounces(session, BounceQuery(**wanted))]


def test_newest_first_in_pages(session: Session) -> None:
    first = list_bounces(session, BounceQuery(), limit=2)
    assert [row.mail_id for row in first] == [6, 4]
    assert [row.mail_id for row in list_bounces(session, BounceQuery(), before=first[-1].id, limit=2)] == [3, 2]
    assert [row.mail_id for row in list_bounces(session, BounceQuery(), limit=2, skip=4)] == [1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"final": None}, [6, 5, 4, 3, 2, 1]),
        ({"final": False}, [5]),
        ({"composition": "sandbox"}, [4]),
        ({"error_status": 8}, [3]),  # what a person said counts
        ({"error_status": 5}, []),
        ({"recipient": "x.example"}, [2, 1]),
        ({"recipient": "b@x.example", "exactly": frozenset({"recipient"})}, [2]),
        ({"recipient": "x.example", "exactly": frozenset({"recipient"})}, []),
        ({"header_from": "news@"}, [6, 4, 3, 2, 1]),
        ({"header_from": "news@sender.example", "exactly": frozenset({"header_from"})}, [6, 4, 3, 2, 1]),
        ({"api_data": "order_3"}, [3]),
        ({"api_data": "order%3"}, []),  # no wild cards
        ({"search": "知らせ"}, [6, 4, 3, 2, 1]),
        ({"search": "<2@"}, [2]),
        ({"created_from": 2.0, "created_until": 4.0}, [3, 2]),
    ],
)
def test_what_is_looked_for_is_found(session: Session, wanted: dict[str, Any], found: list[int]) -> None:
    assert ids(session, **wanted) == found
    assert count_bounces(session, BounceQuery(**wanted)) == len(found)


def test_counts_for_the_charts(session: Session) -> None:
    assert count_by_status(session, BounceQuery()) == {2: 2, 4: 1, 8: 1, 99: 1}
    assert count_by_domain(session, BounceQuery()) == [("x.example", 2), ("y.example", 2), ("", 1)]
    assert count_by_domain(session, BounceQuery(error_status=2), limit=1) == [("x.example", 2)]


@pytest.mark.parametrize("search", ["10\u301c20", "10\uff5e20", "cafe\u0301", "caf\u00e9"])
def test_every_spelling_finds_every_spelling(tmp_path: Path, search: str) -> None:
    engine = open_desk(tmp_path)
    subjects = ["10\u301c20 cafe\u0301", "10\uff5e20 caf\u00e9", "10~20 cafe"]
    with transaction(engine) as writing:
        rows = [bounce(n, "s@z.example", 2, subject=subject) for n, subject in enumerate(subjects, 1)]
        record_bounces(writing, "log", 3, rows)
    with reading(engine) as reader:
        assert ids(reader, search=search) == [2, 1]
    engine.dispose()
