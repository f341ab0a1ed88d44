"""CMC's record of a bounce: nine keys, all strings."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cmcdesk.store.desk.bounce_record import choose_reason, write_created, write_record
from cmcdesk.store.desk.models import BounceRow

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
