"""サーバ構成: list, 設定反映, history, add, remove."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from cmcdesk.console.compositions.compositions_page import count_today, find_day, write_value
from cmcdesk.store.maillog.counts import Received

from ..conftest import AddMail, Console


def test_the_list_and_its_rows(console: Console) -> None:
    page = console.get("/compositions")
    assert "<html" in page.text and 'data-composition="transactional-email"' in page.text
    rows = console.get("/compositions", HX_Request="true").text
    assert "<html" not in rows and rows.count("data-composition=") == page.text.count("data-composition=")
    assert "te.smtps.jp" in rows and "127.0.0.2:" in rows


def test_reflecting_shows_the_changes_and_applies_them(console: Console) -> None:
    name = console.add_composition()
    console.change(name, {"receiving": {"max_sessions": 3, "inbound_domains": ["test.example", "new.example"]}})
    dialog = console.get(f"/compositions/{name}/apply", HX_Request="true").text
    assert "Max sessions" in dialog and "+ new.example" in dialog and "sessions in flight keep" in dialog
    done = console.post(f"/compositions/{name}/apply")
    assert done.status_code == 200 and "Revision 2 is live." in done.text
    assert "Nothing to reflect" in console.get(f"/compositions/{name}/apply", HX_Request="true").text


def test_a_refused_reflect_says_why_and_changes_nothing(console: Console) -> None:
    first, second = console.add_composition(), console.add_composition(apply=False)
    # the first gives its subdomain up, unapplied; the second takes it: live, both would have it
    console.change(first, {"subdomain": f"{first}x"})
    console.change(second, {"subdomain": first})
    answer = console.post(f"/compositions/{second}/apply")
    assert answer.status_code == 422 and "Everything is as it was" in answer.text
    assert console.api(f"compositions/{second}/revisions").json["revisions"] == []


def test_history_shows_what_changed_and_takes_back(console: Console) -> None:
    name = console.add_composition(max_sessions=5)
    console.change(name, {"receiving": {"max_sessions": 6}})
    console.api(f"compositions/{name}/apply", "POST")
    page = console.get(f"/compositions/{name}/history").text
    assert '<span class="change-old">5</span> → <span class="change-new">6</span>' in page and "First revision" in page
    assert console.post(f"/compositions/{name}/history/1/rollback").status_code == 303
    assert console.api(f"compositions/{name}/draft").json["settings"]["receiving"]["max_sessions"] == 5
    assert console.post(f"/compositions/{name}/history/9/rollback").status_code == 404


def test_adding_opens_the_settings(console: Console) -> None:
    answer = console.post("/compositions/new", {"subdomain": "added-page"})
    assert answer.headers["HX-Redirect"] == "/compositions/added-page/settings/receiving"
    draft = console.api("compositions/added-page/draft").json["settings"]
    assert draft["receiving"]["bounce_domains"] == ["return.added-page.smtps.jp"]
    for wrong in ("added-page", "No Label", "te", ""):
        refused = console.post("/compositions/new", {"subdomain": wrong})
        assert refused.status_code == 422 and "field-error" in refused.text


def test_removing_needs_the_typed_name(console: Console) -> None:
    name = console.add_composition()
    assert f'data-word="{name}"' in console.get(f"/compositions/{name}/remove", HX_Request="true").text
    assert console.post(f"/compositions/{name}/remove", {"word": "pro"}).status_code == 400
    assert console.post(f"/compositions/{name}/remove", {"word": name}).headers["HX-Redirect"] == "/compositions"
    assert console.get(f"/compositions/{name}/settings/receiving").status_code == 404


def test_values_for_people(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": "en"}):
        told = [write_value(value) for value in (True, [], ["a", "b"], None, "", 5, {"x": 1, "y": ""})]
    assert told == ["Yes", "–", "a, b", "–", "–", "5", "x: 1"]


def test_numbers_of_the_diff_and_the_history_have_their_units(console: Console) -> None:
    name = console.add_composition(interval_ms=100)
    console.change(name, {"receiving": {"interval_ms": 5000, "size_kb": 2048}})
    english = console.get(f"/compositions/{name}/apply", HX_Request="true").text
    assert "100 ms" in english and "5,000 ms" in english and "2,048 KByte" in english
    console.post(f"/compositions/{name}/apply")
    history = console.get(f"/compositions/{name}/history", Accept_Language="ja").text
    assert "100 ミリ秒" in history and "5,000 ミリ秒" in history


def test_the_state_is_a_part_of_its_own(console: Console) -> None:
    name = console.add_composition()
    now = console.get(f"/compositions/{name}/state", HX_Request="true").text
    assert "Operating" in now and "<html" not in now
    console.change(name, {"receiving": {"max_sessions": 3}})
    now = console.get(f"/compositions/{name}/state", HX_Request="true").text
    assert "Updating" in now and "Saved settings wait to be reflected" in now


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
    with smtplib.SMTP(*console.relay(name), timeout=10) as smtp:  # what the link lists, relayed ones too
        smtp.sendmail("a@sender.example", ["b@dest.example"], b"Subject: relayed\r\n\r\n")
    assert console.api(f"mails/{deleted}", "DELETE").status_code == 200

    def shown() -> bool:
        return f'href="/mails?composition={name}">3<' in console.get("/compositions").text

    wait_for(shown)
    page = console.get("/compositions").text
    assert "Mails today" in page and "(Asia/Tokyo)" in page


@pytest.mark.parametrize(
    "path",
    ["/mails", "/refusals", "/report/deliveries", "/report/errors", "/suppression", "/api-settings/webhook/log"],
)
def test_a_list_that_is_narrowed_to_a_removed_one_says_so(console: Console, path: str) -> None:
    name = console.add_composition(apply=False)
    assert console.api(f"compositions/{name}", "DELETE").status_code == 204
    assert f'<option value="{name}" selected>{name}</option>' in console.get(f"{path}?composition={name}").text
