"""CMC's record of a bounce: nine keys, all strings."""

from datetime import UTC
from zoneinfo import ZoneInfo

from cmcdesk.store.bounce_record import write_created, write_record
from cmcdesk.store.models import BounceRow

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


def test_a_persons_word_wins_and_evidence_stands_in_for_a_diagnostic() -> None:
    columns = {name: value for name, value in vars(ROW).items() if not name.startswith("_")}
    row = BounceRow(**columns | {"override": 5, "diagnostic": ""})
    record = write_record(row, UTC)
    assert (record["status"], record["reason"]) == ("5", "User unknown")
