"""The console process, put together in this process: what it holds, lets go, and says when it cannot start."""

import json
import socket
from pathlib import Path
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest

from cmcdesk import desk as desk_module
from cmcdesk.desk import Desk
from cmcdesk.processes.instance import AlreadyRunning
from cmcdesk.processes.placing import Placing
from cmcdesk.processes.webserver import PortInUse
from cmcdesk.rules.settings import check_composition
from cmcdesk.starting import DeskOptions, StartFailed

FREE = Placing(receiver_port=0)


def test_before_it_starts_it_only_holds_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmcdesk.processes.instance.PATIENCE", 0.1)
    with Desk(DeskOptions(tmp_path, 0, FREE)) as desk:
        assert desk.placements() == []
        assert not (tmp_path / "mail.db").exists() and not (tmp_path / "log").exists()
        with pytest.raises(AlreadyRunning):
            Desk(DeskOptions(tmp_path, 0, FREE))
    Desk(DeskOptions(tmp_path, 0, FREE)).stop()


def test_a_failed_construction_lets_go_of_the_folder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        Desk(DeskOptions(tmp_path, taken.getsockname()[1], FREE))
    Desk(DeskOptions(tmp_path, 0, FREE)).stop()


def test_started_it_answers_and_says_where_it_is(tmp_path: Path) -> None:
    settings = (check_composition({"name": "shop", "plan": "pro", "subdomain": "shop"}),)
    moved = Placing(receiver_port=0, moved={"shop": ("127.0.0.9", 0)})
    with Desk(DeskOptions(tmp_path, 0, moved, settings=settings)) as desk:
        desk.start()
        note = desk.read_note()
        assert json.loads((tmp_path / "instance.json").read_text())["url"] == note["url"] == desk.url
        assert [entry["name"] for entry in note["compositions"]] == ["shop"]
        placement = desk.placements()[0]
        assert placement.moved and placement.reason is None
        assert placement.receiving and placement.receiving.startswith("127.0.0.9:")
        with build_opener(ProxyHandler({}), HTTPCookieProcessor()).open(desk.url, timeout=30) as page:
            assert page.status == 200
        desk.stop()
        desk.stop()
    assert not (tmp_path / "instance.json").exists()


def test_a_mail_server_that_does_not_come_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MAIL_SERVER_START", 0.0)
    with (
        Desk(DeskOptions(tmp_path, 0, FREE)) as desk,
        pytest.raises(StartFailed, match=r"the mail server is .*" + str(tmp_path / "log")),
    ):
        desk.start()


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"this is no database at all, but some text of a fair length" * 100)
    with pytest.raises(StartFailed):
        Desk(DeskOptions(tmp_path, 0, FREE))


def test_a_mail_log_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "mail.db").write_bytes(b"this is no database at all, but some text of a fair length" * 100)
    with pytest.raises(StartFailed, match=r"mail\.db cannot be used: file is not a database"):
        Desk(DeskOptions(tmp_path, 0, FREE))
    assert not (tmp_path / "desk.db").exists()
