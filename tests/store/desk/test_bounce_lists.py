"""Bounces listed, searched and counted."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cmcdesk.store.desk.bounce_lists import (
    BounceQuery,
    _clauses,
    choose_reason,
    count_bounces,
    count_by_domain,
    count_by_status,
    count_by_status_and_domain,
    list_bounces,
    write_created,
    write_record,
)
from cmcdesk.store.desk.bounces import NewBounce, override_bounce, record_bounces
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.models import BounceRow, OutboundRow


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


def test_no_more_than_so_many_are_counted(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmcdesk.store.desk.bounce_lists.MOST_COUNTED", 3)
    assert count_bounces(session, BounceQuery()) == 3
    assert sum(count_by_status(session, BounceQuery()).values()) == 3
    assert sum(number for _domain, number in count_by_domain(session, BounceQuery())) == 3


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


ROW = BounceRow(
    id=1,
    created_at=1_700_000_000.9,
    final=True,
    recipient="a@dest.example",
    error_status=2,
    override=None,
    diagnostic="550 5.1.1 User unknown",
    evidence="User unknown",
    header_from="news@sender.example",
    message_id="<1@sender.example>",
    return_path="news@return.sender.example",
    subject="お知らせ",
    api_data="order-7",
)


def test_nine_keys_and_every_value_a_string() -> None:
    assert write_record(ROW, ZoneInfo("Asia/Tokyo")) == {
        "created": "2023-11-15 07:13:20",
        "status": "2",
        "from": "news@sender.example",
        "to": "a@dest.example",
        "messageId": "<1@sender.example>",
        "returnPath": "news@return.sender.example",
        "subject": "お知らせ",
        "apiData": "order-7",
        "reason": "550 5.1.1 User unknown",
    }


def test_the_time_zone_is_the_callers() -> None:
    assert write_created(1_700_000_000.9, UTC) == "2023-11-14 22:13:20"


def change(**columns: Any) -> BounceRow:
    kept = {name: value for name, value in vars(ROW).items() if not name.startswith("_")}
    return BounceRow(**kept | columns)


def test_a_persons_word_is_the_status() -> None:
    assert write_record(change(override=5), UTC)["status"] == "5"


@pytest.mark.parametrize(
    ("diagnostic", "evidence", "reason"),
    [
        ("550 5.1.1 unknown\nThis is the mail system", "5.1.1 unknown", "550 5.1.1 unknown"),
        ("550-5.1.1 unknown\n550 really", "x", "550-5.1.1 unknown"),
        ("<a@d.example>:\nSorry, no mailbox", "Sorry, no mailbox", "Sorry, no mailbox"),
        ("Your message could not be delivered.\nSorry", "", "Your message could not be delivered."),
        ("", "User unknown", "User unknown"),
        ("", "", ""),
    ],
)
def test_the_reason_is_one_line_a_reply_first(diagnostic: str, evidence: str, reason: str) -> None:
    assert choose_reason(change(diagnostic=diagnostic, evidence=evidence)) == reason


def test_bounces_of_what_one_user_sent_are_found_by_message_id_in_the_index(session: Session) -> None:
    facts: dict[str, Any] = {"log_id": "log", "composition": "pro", "revision": 1, "sender": "", "domain": "x.example"}
    for number, user in ((1, "a@x"), (2, "b@x"), (3, "")):
        row = OutboundRow(recipient="r", message_id=f"<{number}@x>", api_user=user, queued_at=1.0, **facts)
        session.add(row)
    session.flush()
    assert [row.mail_id for row in list_bounces(session, BounceQuery(sent_by="a@x"))] == [1]
    assert count_bounces(session, BounceQuery(sent_by="nobody")) == 0
    sql = select(BounceRow.id).where(*_clauses(BounceQuery(sent_by="a@x"))).compile(
        session.connection(), compile_kwargs={"literal_binds": True}
    )  # fmt: skip
    plan = session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
    assert any("outbound_message" in row[3] for row in plan), plan


def test_errors_are_counted_by_status_and_domain(session: Session) -> None:
    assert sorted(count_by_status_and_domain(session, BounceQuery(composition="pro"))) == [
        (2, "x.example", 2), (8, "y.example", 1), (99, "", 1),
    ]  # fmt: skip
