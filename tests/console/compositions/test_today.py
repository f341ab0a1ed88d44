"""What came today: by the local day of the page's time zone, whatever became of the mails."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from cmcdesk.console.compositions.today import count_today, find_day
from cmcdesk.store.maillog.counts import Received

from ..conftest import AddMail, Console


def instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "now", "begin", "end"),
    [
        ("Asia/Tokyo", "2026-03-01T14:59:59", "2026-02-28T15:00", "2026-03-01T15:00"),
        ("Asia/Tokyo", "2026-03-01T15:00:00", "2026-03-01T15:00", "2026-03-02T15:00"),
        ("Asia/Kathmandu", "2026-03-01T12:00", "2026-02-28T18:15", "2026-03-01T18:15"),
        ("America/New_York", "2026-03-08T12:00", "2026-03-08T05:00", "2026-03-09T04:00"),  # 23 hours
        ("America/New_York", "2026-11-01T12:00", "2026-11-01T04:00", "2026-11-02T05:00"),  # 25 hours
        ("America/Sao_Paulo", "2018-11-04T12:00", "2018-11-04T03:00", "2018-11-05T02:00"),  # no midnight
        ("Pacific/Apia", "2026-03-01T12:00", "2026-03-01T11:00", "2026-03-02T11:00"),
    ],
)
def test_a_day_begins_at_the_midnight_of_its_zone(zone: str, now: str, begin: str, end: str) -> None:
    assert find_day(instant(now), ZoneInfo(zone)) == (instant(begin), instant(end))


def test_every_zone_s_day_begins_at_a_quarter_of_an_hour() -> None:
    for name in available_timezones():
        for day in range(0, 400, 5):
            begin, end = find_day(instant("2026-01-01T12:00") + day * 86400, ZoneInfo(name))
            assert begin % 900 == end % 900 == 0, name


@pytest.fixture
def change_zone(console: Console) -> Iterator[Callable[[str], Any]]:
    """Sets the time zone of 表示設定; at the end it is what it was."""

    def change(zone: str) -> None:
        assert console.post("/display", {"time_zone": zone, "theme": "auto", "language": ""}).status_code in (200, 303)

    yield change
    change("Asia/Tokyo")


def test_mails_are_counted_in_the_day_of_the_page_s_zone(
    console: Console, add_mail: AddMail, change_zone: Callable[[str], Any]
) -> None:
    name = console.add_composition()
    mail_id = add_mail(name=name)
    at = instant(console.api(f"mails/{mail_id}").json["received_at"].removesuffix("Z"))

    def count(now: float) -> int:
        with console.desk.app.test_request_context("/", base_url=console.base):
            return count_today(lambda: now).get(name, Received()).mails

    for zone in ("Asia/Tokyo", "America/New_York", "Asia/Kathmandu"):
        change_zone(zone)
        begin, end = find_day(at, ZoneInfo(zone))
        assert [count(begin - 1), count(begin), count(end - 1), count(end)] == [0, 1, 1, 0]


def test_deleted_mails_stay_counted(console: Console, add_mail: AddMail, wait_for: Callable[..., Any]) -> None:
    name = console.add_composition()
    deleted = add_mail(name=name)
    add_mail(name=name)
    assert console.api(f"mails/{deleted}", "DELETE").status_code == 200

    def shown() -> bool:
        return f'href="/mails?composition={name}">2<' in console.get("/compositions").text

    wait_for(shown)
    page = console.get("/compositions").text
    assert "Mails today" in page and "(Asia/Tokyo)" in page
