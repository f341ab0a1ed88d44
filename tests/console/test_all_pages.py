"""All pages are there, in both languages, with their frame."""

import dataclasses
import re

import pytest

from cmcdesk.console.all_pages import DiskNotice, list_disk_notices
from cmcdesk.console.app import create_app
from cmcdesk.processes.flags import Flags

from .conftest import Console

PAGES = [
    "/compositions", "/compositions/pro/settings/receiving", "/compositions/pro/settings/advanced",
    "/compositions/pro/settings/relay", "/compositions/pro/settings/delivery-speed",
    "/compositions/pro/settings/forwarding", "/compositions/sandbox/settings/delivery-speed",
    "/compositions/pro/history", "/mails", "/refusals", "/monitor", "/simulator", "/api-settings/webhook/inbound",
    "/api-settings/webhook/inbound/pro/new", "/api-settings/webhook/log", "/display", "/retention", "/about",
    "/report/errors", "/api-settings/webhook/event/pro", "/api-settings/users",
    "/welcome", "/welcome/program", "/acceptance", "/demo",
    "/lessons", "/lessons/interval",
]  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_in_both_languages(console: Console, path: str, language: str) -> None:
    page = console.get(path, Accept_Language=language)
    assert page.status_code == 200
    assert ("サーバ構成" in page.text) == (language == "ja") and "MENU" in page.text
    assert not re.search(r"%\(\w+\)", page.text)


def test_the_tab_of_the_page_is_marked(console: Console) -> None:
    page = console.get("/mails").text
    assert re.findall(r'<a href="(/\w+)" aria-current="page">', page) == ["/mails"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (Flags(), None),
        (Flags(without_interval=True), "--without-interval"),
        (Flags(without_dispatch=True), "--without-d"),
    ],
)
def test_switches_of_benches_are_shown_in_red(console: Console, flags: Flags, told: str | None) -> None:
    app = create_app(dataclasses.replace(console.desk._services, flags=flags))
    client = app.test_client()
    client.get(f"/?token={console.token}", base_url=console.base)
    page = client.get("/about", base_url=console.base).text
    assert ('id="bench-banner"' in page) == (told is not None) and (told or "") in page


def test_while_all_is_well_nothing_is_said(console: Console) -> None:
    assert console.get("/disk-notices").text.strip() == ""
    with console.desk.app.test_request_context():
        assert list_disk_notices() == []


def test_what_was_set_aside_is_named_until_it_is_gone(console: Console) -> None:
    aside = console.desk._options.folder / "desk-set-aside-20260102-030405.db"
    aside.touch()
    try:
        page = console.get("/monitor", Accept_Language="ja").text
        assert "desk.db を信頼できなくなったため、desk-set-aside-20260102-030405.db として退避しました。" in page
        with console.desk.app.test_request_context(headers={"Accept-Language": "en"}):
            (notice,) = list_disk_notices()
        assert isinstance(notice, DiskNotice) and not notice.is_urgent and "doctor --repair" in notice.mend
    finally:
        aside.unlink()
    assert console.get("/disk-notices").text.strip() == ""
