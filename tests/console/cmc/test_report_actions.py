"""The delivery report over CMC's API: what happened to mails, their counts by day, who unsubscribed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import fromstring
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update

from cmcdesk.console.cmc.report_actions import DELIVERY_RECORD
from cmcdesk.store.desk.api_users import create_api_user, remove_api_user
from cmcdesk.store.desk.bounces import NewBounce
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import ApiUserRow, BounceRow, OutboundRow
from cmcdesk.store.desk.outbound import MailWords, NewOutbound, OutboundRecord, queue_outbound, record_outbound
from cmcdesk.store.desk.outbound_counts import OutboundCountRow

from ..conftest import Console

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass
class Report:
    """A composition with four mails of 2025-11-24 in Tokyo, and an API user who asks about it."""

    console: Console
    name: str
    key: str

    def ask(self, path: str, form: str = "json", answered: int = 200, **given: Any) -> Any:
        """The answer. given: parameters; server_composition None leaves it out."""
        content = {"api_user": self.name, "api_key": self.key, "server_composition": self.name} | given
        content = {name: value for name, value in content.items() if value is not None}
        client = self.console.desk.app.test_client(use_cookies=False)
        url = f"/transaction/v2/{path}.{form}"
        answer = client.post(url, base_url=self.console.base, json=content, headers={"Accept-Language": "en"})
        assert answer.status_code == answered, answer.text
        return json.loads(answer.text) if form == "json" else fromstring(answer.text)

    def deliveries(self, date: str | None = "2025-11-24", **given: Any) -> list[tuple[str, str]]:
        found = self.ask("deliveries/list", date=date, **given)["deliveries"]
        assert all(tuple(sorted(record)) == tuple(sorted(DELIVERY_RECORD)) for record in found)
        assert all(type(value) is str for record in found for value in record.values())
        return [(record["to"].partition("@")[0], record["status"]) for record in found]

    def refused(self, path: str, **given: Any) -> tuple[str, str]:
        (error,) = self.ask(path, answered=400, **given)["errors"]
        return error["field"], error["message"]

    def change_user(self, **values: Any) -> None:
        with transaction(self.console.desk._services.engine) as session:
            session.execute(update(ApiUserRow).where(ApiUserRow.api_user == self.name).values(values))


@pytest.fixture
def report(console: Console) -> Iterator[Report]:
    name = console.add_composition(apply=False)
    engine = console.desk._services.engine
    noon = datetime(2025, 11, 24, 12, 0, 30, tzinfo=TOKYO).timestamp()

    def mail(to: str, user: str = "", **words: str) -> NewOutbound:
        told = MailWords("news@app.example", f"<{to}@x>", "お知らせ", source_ip="127.0.0.9", **words)
        sender, address = "news@return.example", f"{to}@dest.example"
        return NewOutbound("log", None, name, 1, sender, address, "dest.example", api_user=user, words=told)

    def attempt(row: int, state: Any, at: float, code: int, **more: Any) -> OutboundRecord:
        facts: dict[str, Any] = {
            "outbound_id": row, "number": 1, "at": at, "milliseconds": 0, "host": "mx", "address": "127.0.1.1",
            "code": code, "enhanced": "5.1.1", "text": "said", "command": "RCPT TO", "outcome": "delivered",
            "state": state, "due_at": 4e9 if state == "deferred" else None, "sender_ip": "127.0.0.1",
            "ended_at": None if state == "deferred" else at, "error_status": None,
        }  # fmt: skip
        return OutboundRecord(**facts | more)

    with transaction(engine) as session:
        made = create_api_user(session, name, 1.0)
        rows = [mail("alice", name, api_data="order-7"), mail("bob"), mail("carol"), mail("dave")]
        events = queue_outbound(session, name, 0, rows, noon)
        one, two, three, four = (event.outbound_id for event in events)
        record_outbound(session, [
            attempt(one, "succeeded", noon + 1, 250), attempt(two, "failed", noon + 3600, 550, error_status=2),
            attempt(three, "deferred", noon + 60, 451), attempt(four, "failed", noon + 86400, 550, error_status=10),
        ])  # fmt: skip
        for to in ("alice", "bob"):
            fact = NewBounce(
                name, len(to), 0, name, noon, True, f"{to}@dest.example", 2, None, None, "", "", "",
                "news@app.example", f"<{to}@x>", "", "", "",
            )  # fmt: skip
            session.add(BounceRow(**fact.columns()))
    yield Report(console, name, made.api_key)
    with transaction(engine) as session:
        remove_api_user(session, name)
        for table in (OutboundRow, OutboundCountRow, BounceRow):
            session.execute(delete(table).where(table.composition == name))


def test_an_event_is_a_record_of_strings_newest_first(report: Report) -> None:
    assert report.deliveries() == [
        ("bob", "failed"), ("carol", "deferred"), ("alice", "succeeded"), ("dave", "queued"), ("carol", "queued"),
        ("bob", "queued"), ("alice", "queued"),
    ]  # fmt: skip
    first, *_, last = report.ask("deliveries/list", date="2025-11-24")["deliveries"]
    assert first == {
        "created": "2025-11-24 13:00:30", "status": "failed", "reason": "550 5.1.1 said (in reply to RCPT TO)",
        "sourceIp": "", "senderIp": "", "from": "news@app.example", "returnPath": "news@return.example",
        "to": "bob@dest.example", "messageId": "<bob@x>", "subject": "お知らせ", "apiData": "",
    }  # fmt: skip
    assert (last["sourceIp"], last["apiData"], last["reason"]) == ("127.0.0.9", "order-7", "")
    assert report.deliveries("2025-11-25") == [("dave", "failed")]


def test_deliveries_are_searched_as_documented(report: Report) -> None:
    assert report.deliveries(hour=13) == [("bob", "failed")]
    assert report.deliveries(hour="12", minute="1") == [("carol", "deferred")]
    assert report.deliveries(status="succeeded") == [("alice", "succeeded")]
    assert report.deliveries(to="CAR") == [("carol", "deferred"), ("carol", "queued")]
    assert report.deliveries(api_data="order") == [("alice", "succeeded"), ("alice", "queued")]
    assert report.deliveries(**{"from": "news@app"}, search_option={"from": "full"}) == []
    assert len(report.deliveries(**{"from": "news@app.example"}, search_option={"from": "full"})) == 7
    assert report.deliveries(p=1, r=3) == [("dave", "queued"), ("carol", "queued"), ("bob", "queued")]
    answer = report.ask("deliveries/list", "xml", date="2025-11-24", status="failed")
    assert [each.findtext("to") for each in answer.find("deliveries")] == ["bob@dest.example"]


def test_what_is_wrong_is_named(report: Report) -> None:
    tomorrow = (datetime.now(TOKYO) + timedelta(days=2)).date().isoformat()
    assert report.refused("deliveries/list", date=tomorrow) == ("date", "date must not be in the future")
    assert report.refused("deliveries/list")[0] == "date"
    assert report.refused("deliveries/list", date="2025-11-24", status="sent") == (
        "status", "status must be one of queued, deferred, succeeded, failed",
    )  # fmt: skip
    assert report.refused("deliveries/list", date="2025-11-24", minute=1)[0] == "minute"
    assert report.refused("deliveries/list", date="2025-11-24", r=101)[0] == "r"
    assert report.refused("deliveries/list", date="2025-11-24", server_composition="x")[0] == "server_composition"
    assert report.refused("statistics/list", year=2025, month=13)[0] == "month"
    assert report.refused("statistics/list", month=1)[0] == "year"
    assert report.refused("statistics/list", year=2025, month=1, total="perhaps")[0] == "total"
    assert report.refused("unsubscribes/list", start_date="2025-01-02", end_date="2025-01-01")[0] == "start_date"


def test_statistics_are_numbers_by_day_or_in_total(report: Report) -> None:
    days = report.ask("statistics/list", year=2025, month=11)["statistics"]
    assert days[0] == {"date": "2025-11-01", "queued": 0, "succeeded": 0, "failed": 0, "blocked": 0, "valid": 0}
    assert days[23:25] == [
        {"date": "2025-11-24", "queued": 4, "succeeded": 1, "failed": 1, "blocked": 0, "valid": 2},
        {"date": "2025-11-25", "queued": 0, "succeeded": 0, "failed": 0, "blocked": 1, "valid": 0},
    ]
    total = report.ask("statistics/list", year="2025", month="11", total=True)["statistics"]
    assert total == [{"date": "total", "queued": 4, "succeeded": 1, "failed": 1, "blocked": 1, "valid": 2}]
    (all_compositions,) = report.ask(
        "statistics/list", year=2025, month=11, total="true", server_composition=None
    )["statistics"]  # fmt: skip
    assert all_compositions["queued"] >= 4
    assert report.ask("statistics/list", year=9998, month=1)["statistics"] == []
    assert report.console.api(f"compositions/{report.name}", "DELETE").status_code == 204
    (and_removed,) = report.ask(
        "statistics/list", year=2025, month=11, total="true", server_composition=None
    )["statistics"]  # fmt: skip
    assert and_removed == all_compositions


def test_dates_are_those_of_the_api_users_time_zone(report: Report) -> None:
    report.change_user(time_zone="Pacific/Auckland")  # UTC+13: dave fails at 16:00 on the 25th
    try:
        record, *_ = report.ask("deliveries/list", date="2025-11-24", status="failed")["deliveries"]
        assert record["created"] == "2025-11-24 17:00:30"
        assert report.deliveries(hour=16, status="succeeded") == [("alice", "succeeded")]
        report.change_user(time_zone="America/New_York")
        assert len(report.deliveries("2025-11-23")) == 7
        days = report.ask("statistics/list", year=2025, month=11)["statistics"]
        assert (days[22]["queued"], days[23]["blocked"]) == (4, 1)
    finally:
        report.change_user(time_zone="Asia/Tokyo")


def test_one_who_sees_only_what_it_sent_gets_that_alone(report: Report) -> None:
    bounced = [record["to"] for record in report.ask("bounces/list")["bounces"]]
    assert bounced == ["bob@dest.example", "alice@dest.example"]
    report.change_user(own_only=True)
    try:
        assert report.deliveries() == [("alice", "succeeded"), ("alice", "queued")]
        (total,) = report.ask("statistics/list", year=2025, month=11, total=True)["statistics"]
        assert (total["queued"], total["failed"], total["succeeded"]) == (1, 0, 1)
        assert [record["to"] for record in report.ask("bounces/list")["bounces"]] == ["alice@dest.example"]
    finally:
        report.change_user(own_only=False)


def test_nobody_unsubscribes_here(report: Report) -> None:
    given = {"email": "a@x", "filter_name": "f", "start_date": "2025-01-01", "p": 0, "r": 10}
    assert report.ask("unsubscribes/list", **given) == {"unsubscribes": []}
