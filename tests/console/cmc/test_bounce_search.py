"""Parameters of the bounces API as a query."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cmcdesk.console.cmc.bounce_search import BadPeriod, read_days, read_moment, read_search
from cmcdesk.console.cmc.calls import CmcRefused
from cmcdesk.store.desk.bounce_lists import BounceQuery

TOKYO = ZoneInfo("Asia/Tokyo")
WHO = {"api_user": "u", "api_key": "k", "server_composition": "pro"}


def instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp()


def test_without_filters_the_first_ten_final_bounces() -> None:
    search = read_search(WHO, TOKYO)
    assert (search.skip, search.limit) == (0, 10)
    assert search.query == BounceQuery(composition="pro", final=True)


def test_every_filter_at_once() -> None:
    given = {
        "from": "a@x", "to": "b@y", "api_data": "d", "status": "99", "start_date": "2026-11-01",
        "end_date": "2026-11-30", "date": "2026-11-24", "hour": "9", "minute": "5", "p": "3", "r": "20",
        "search_option": '{"to": "full", "api_data": "full"}',
    }  # fmt: skip
    search = read_search(WHO | given, TOKYO)
    assert (search.skip, search.limit) == (60, 20)
    assert search.query == BounceQuery(
        composition="pro",
        header_from="a@x",
        recipient="b@y",
        api_data="d",
        exactly=frozenset({"recipient", "api_data"}),
        error_status=99,
        final=True,
        created_from=instant("2026-11-24T09:05:00"),
        created_until=instant("2026-11-24T09:06:00"),
    )


def test_to_counts_before_the_older_email() -> None:
    assert read_search(WHO | {"email": "a"}, TOKYO).query.recipient == "a"
    assert read_search(WHO | {"email": "a", "to": "b"}, TOKYO).query.recipient == "b"


@pytest.mark.parametrize(
    "given",
    [
        {"start_date": "2026-11-25", "end_date": "2026-11-24"},
        {"date": "2026-11-24", "minute": "1"},
        {"date": "24.11.2026"},
        {"date": "1969-01-01"},
        {"date": "2026-11-24", "hour": "24"},
        {"date": "2026-11-24", "hour": "1", "minute": "60"},
    ],
)
def test_what_is_wrong_with_a_period_is_said_in_japanese_too(given: dict[str, str]) -> None:
    with pytest.raises(CmcRefused) as refused:
        read_search(WHO | given, TOKYO)
    (error,) = refused.value.errors
    assert re.search("[ぁ-ん]", error.message["ja"]) and error.message["en"].isascii()


@pytest.mark.parametrize(
    "text", ["{", "[]", '"full"', '{"from": 1}', '{"from": ["full"]}', '{"x": "full"}', "[" * 9999]
)
def test_other_search_options_are_refused(text: str) -> None:
    with pytest.raises(CmcRefused, match="search_option"):
        read_search(WHO | {"search_option": text}, TOKYO)


def seconds(*parts: int) -> float:
    return datetime(*parts, tzinfo=TOKYO).timestamp()  # type: ignore[misc]


def test_days_are_inclusive() -> None:
    assert read_days("2026-11-01", "2026-11-02", TOKYO) == (seconds(2026, 11, 1), seconds(2026, 11, 3))
    assert read_days(None, "2026-11-02", TOKYO) == (None, seconds(2026, 11, 3))
    assert read_days(None, None, TOKYO) == (None, None)


def test_one_day_one_hour_one_minute() -> None:
    assert read_moment("2026-11-01", None, None, TOKYO) == (seconds(2026, 11, 1), seconds(2026, 11, 2))
    assert read_moment("2026-11-01", "0", None, TOKYO) == (seconds(2026, 11, 1), seconds(2026, 11, 1, 1))
    assert read_moment("2026-11-01", "23", "59", TOKYO) == (seconds(2026, 11, 1, 23, 59), seconds(2026, 11, 2))


@pytest.mark.parametrize(
    ("day", "hour", "minute", "field"),
    [
        ("2026-13-01", None, None, "date"),
        ("01/11/2026", None, None, "date"),
        ("0001-01-01", None, None, "date"),
        ("2026-11-01", "24", None, "hour"),
        ("2026-11-01", "²", None, "hour"),
        ("2026-11-01", "1", "60", "minute"),
        ("2026-11-01", None, "5", "minute"),
    ],
)
def test_what_names_no_period_is_named(day: str, hour: str | None, minute: str | None, field: str) -> None:
    with pytest.raises(BadPeriod) as raised:
        read_moment(day, hour, minute, TOKYO)
    assert raised.value.field == field


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(BadPeriod) as raised:
        read_days("2026-11-02", "2026-11-01", TOKYO)
    assert raised.value.field == "start_date"
