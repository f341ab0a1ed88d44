"""Languages, time zones, and how values are written."""

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from cmcdesk.console.frame.language import Display, page_zone, write_duration, write_instant, write_octets

from ..conftest import Console


@pytest.mark.parametrize(("header", "lang"), [("ja-JP,ja;q=0.9", "ja"), ("en-GB", "en"), ("fr", "ja"), ("", "ja")])
def test_the_language_follows_the_browser_first(console: Console, header: str, lang: str) -> None:
    page = console.get("/about", Accept_Language=header)
    assert f'<html lang="{lang}"' in page.text
    assert ("データフォルダー" if lang == "ja" else "Data folder") in page.text


def test_the_switch_keeps_the_page_and_the_choice(console: Console) -> None:
    answer = console.post("/language", {"language": "ja", "back": "/mails?kind=bounce"})
    assert (answer.status_code, answer.location) == (303, "/mails?kind=bounce")
    assert '<html lang="ja"' in console.get("/about", Accept_Language="en").text
    assert console.api("mails/99999999", language="en").json["errors"][0]["message"].startswith("There is")
    console.post("/display", {"language": "", "time_zone": "Asia/Tokyo", "theme": "auto"})


def test_the_page_s_zone_counts_from_today_s_offset_not_from_the_local_mean_time(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert datetime(2026, 3, 1, tzinfo=page_zone()).utcoffset() == timedelta(hours=9)


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", ""])
def test_the_switch_leads_nowhere_else(console: Console, back: str) -> None:
    assert console.post("/language", {"language": "x", "back": back}).location == "/"


def test_times_are_told_in_the_chosen_zone(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert write_instant(0) == "1970-01-01 09:00:00"
        assert write_instant(None) == ""
    console.post("/display", {"language": "", "time_zone": "America/New_York", "theme": "auto"})
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert write_instant(0) == "1969-12-31 19:00:00"
    console.post("/display", {"language": "", "time_zone": "Asia/Tokyo", "theme": "auto"})


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "x" * 5000])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError):
        Display(time_zone=zone)


def test_sizes(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert [write_octets(count) for count in (1023, 1024, 1536, 3 * 1024**2)] == [
            "1023 B", "1.0 KB", "1.5 KB", "3.0 MB",
        ]  # fmt: skip
        assert [write_duration(seconds) for seconds in (7.9, 750, 3900, 86400, 180000)] == [
            "0:07", "12:30", "1:05:00", "1 日 0:00:00", "2 日 2:00:00",
        ]  # fmt: skip
