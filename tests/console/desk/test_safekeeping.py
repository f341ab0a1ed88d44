"""A running console whose databases are locked, deleted or damaged: it says so, in time, and goes on."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cmcdesk.commands.running_console import find_console
from cmcdesk.desk import Desk
from cmcdesk.processes.instance import AlreadyRunning
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from cmcdesk.store.desk.backups import list_backups

from ..conftest import Console

PAGES = (
    "/compositions",
    "/mails",
    "/refusals",
    "/report/errors",
    "/about",
    "/monitor",
    "/retention",
    "/api-settings/webhook/log",
)
WaitFor = Callable[..., object]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Console]:
    """A desk for one test alone, which may break it."""
    with Desk(DeskOptions(folder=tmp_path, port=0, placing=Placing(receiver_port=0, relay_port=0))) as desk:
        desk.start()
        parts = urlsplit(desk.read_note()["url"])
        client = desk.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        console = Console(desk, client, desk.read_note()["token"], f"http://{parts.netloc}")
        assert console.get(f"/?{parts.query}").status_code == 302
        yield console


def codes(console: Console) -> list[int]:
    return [console.get(page, HX_Request="").status_code for page in PAGES]


def test_a_locked_desk_db_is_waited_for_five_seconds_and_told(own: Console, tmp_path: Path) -> None:
    form = {"language": "en", "time_zone": "UTC", "theme": "dark"}
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        answer = own.post("/display", form)
        assert 4 < time.monotonic() - begun < 12
    assert answer.status_code == 503
    assert "Another program keeps the database locked." in answer.text and "Nothing was changed." in answer.text
    assert own.post("/display", form).status_code == 303


def test_a_deleted_desk_db_is_back_within_a_second(own: Console, tmp_path: Path, wait_for: WaitFor) -> None:
    own.post("/retention", {"days": "7"})
    for file in tmp_path.glob("desk.db*"):
        file.unlink()
    wait_for((tmp_path / "desk.db").exists, 2)
    assert codes(own) == [200] * len(PAGES)
    assert 'value="7"' in own.get("/retention").text
    own.post("/retention", {"days": "8"})
    with closing(sqlite3.connect(tmp_path / "desk.db")) as reader:
        (kept,) = reader.execute("SELECT value FROM desk_setting WHERE key = 'retention'").fetchone()
    assert '"days": 8' in kept


def test_after_the_whole_folder_was_removed_the_console_is_found_and_no_second_one_begins(
    own: Console, tmp_path: Path, wait_for: WaitFor
) -> None:
    note = (tmp_path / "instance.json").read_text()
    shutil.rmtree(tmp_path, ignore_errors=True)  # its processes may be making files there already
    wait_for(lambda: all((tmp_path / name).exists() for name in ("instance.json", "desk.db", "console.key")), 3)
    assert (tmp_path / "instance.json").read_text() == note
    assert find_console(tmp_path, "en").token == own.token
    with pytest.raises(AlreadyRunning):
        Desk(DeskOptions(folder=tmp_path, port=0))
    wait_for(lambda: list_backups(tmp_path), 10)
    assert codes(own) == [200] * len(PAGES)


def test_a_damaged_desk_db_is_told_on_every_page_and_in_the_api(own: Console, tmp_path: Path) -> None:
    with (tmp_path / "desk.db").open("r+b") as file:
        file.write(os.urandom(tmp_path.joinpath("desk.db").stat().st_size))
    (tmp_path / "desk.db-wal").write_bytes(b"")
    own.desk._engine.dispose()
    for language, words in (("en", "The database is damaged."), ("ja", "データベースが壊れています。")):
        page = own.get("/compositions", Accept_Language=language)
        assert page.status_code == 503 and words in page.text and "doctor --repair" in page.text
    told = own.api("compositions")
    assert told.status_code == 503 and "damaged" in told.json["errors"][0]["message"]


@pytest.mark.parametrize("names", ["mail.db", "mail.db*", "*.db*"])
def test_pages_answer_and_say_it_when_databases_are_gone(
    own: Console, tmp_path: Path, names: str, wait_for: WaitFor
) -> None:
    own.send(own.add_composition(), b"Subject: hello\r\n\r\ntext\r\n")
    for file in tmp_path.glob(names):
        file.unlink()
    assert set(codes(own)) <= {200, 503}
    wait_for(lambda: list(tmp_path.glob("mail-set-aside-*.db")))
    wait_for(lambda: codes(own) == [200] * len(PAGES))
    aside = next(tmp_path.glob("mail-set-aside-*.db")).name
    for page in PAGES:
        assert f"mail.db could not be relied on and was set aside as {aside}." in own.get(page).text
    assert f"{aside} として退避しました。" in own.get("/monitor", Accept_Language="ja").text


def test_backups_are_made_at_the_start_and_after_an_apply(own: Console, tmp_path: Path, wait_for: WaitFor) -> None:
    wait_for(lambda: len(list_backups(tmp_path)) == 1)
    name = own.add_composition()
    wait_for(lambda: len(list_backups(tmp_path)) == 2)
    with closing(sqlite3.connect(list_backups(tmp_path)[-1])) as backup:
        assert backup.execute("SELECT applied_number FROM composition WHERE name = ?", (name,)).fetchone() == (1,)
