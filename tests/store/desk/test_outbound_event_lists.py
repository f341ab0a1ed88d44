"""Lists of events by all that CMC's API searches for, and its record of one."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.outbound_event_lists import OutboundEventQuery, list_event_rows, write_delivery

from .test_outbound import engine, fill, make_record, record
from .test_outbound_events import tell, total

__all__ = ["engine"]

ALL = OutboundEventQuery("pro", 0.0, 1e12)
TOKYO = ZoneInfo("Asia/Tokyo")


def find(engine: Engine, **only: Any) -> list[tuple[str, str]]:
    with reading(engine) as session:
        found = list_event_rows(session, replace(ALL, **only), 100)
        return [(row.recipient, event.status) for event, row in found]


def test_lists_are_narrowed_and_paged_newest_first(engine: Engine) -> None:
    fill(engine, tell(1, "Alice@dest.example", "u@x", header_from="news@app.example", api_data="order=100%"), at=100.0)
    fill(engine, tell(2, "bob@dest.example"), at=200.0)
    record(engine, make_record(1, ended_at=300.0))
    assert find(engine) == [
        ("Alice@dest.example", "succeeded"), ("bob@dest.example", "queued"), ("Alice@dest.example", "queued"),
    ]  # fmt: skip
    with reading(engine) as session:
        assert [event.at for event, _ in list_event_rows(session, ALL, 1, 1)] == [200.0]
    assert find(engine, begin=200.0, end=300.0) == [("bob@dest.example", "queued")]
    assert find(engine, status="succeeded") == find(engine, begin=300.0) == [("Alice@dest.example", "succeeded")]
    assert find(engine, api_user="u@x") == find(engine, recipient="aLiCe") == find(engine, header_from="news@")
    assert len(find(engine, api_data="100%")) == 2 and find(engine, recipient="a%e") == []
    assert find(engine, recipient="alice", exactly=frozenset({"recipient"})) == []
    assert len(find(engine, recipient="alice@DEST.example", exactly=frozenset({"recipient"}))) == 2
    assert find(engine, composition="other") == []
    assert (total(engine, api_user="u@x").queued, total(engine, api_user="").queued) == (1, 1)


def test_the_record_has_cmcs_eleven_keys(engine: Engine) -> None:
    words = {"header_from": "info@example.com", "message_id": "<1@x>", "subject": "件名", "source_ip": "127.0.0.9"}
    fill(engine, tell(1, api_data="order=1", **words), at=1_700_000_000.0)
    record(engine, make_record(1, ended_at=1_700_000_001.0, sender_ip="127.0.0.1"))
    with reading(engine) as session:
        after, before = (write_delivery(*found, TOKYO) for found in list_event_rows(session, ALL, 10))
    assert before == {
        "created": "2023-11-15 07:13:20", "status": "queued", "reason": "", "sourceIp": "127.0.0.9", "senderIp": "",
        "from": "info@example.com", "returnPath": "info@return.example.com", "to": "a@dest.example",
        "messageId": "<1@x>", "subject": "件名", "apiData": "order=1",
    }  # fmt: skip
    assert after == before | {
        "created": "2023-11-15 07:13:21", "status": "succeeded", "sourceIp": "", "senderIp": "127.0.0.1",
    }  # fmt: skip
