"""The real window with the real page, on Qt's offscreen platform: rendered, used, closed, nothing left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, send_file
from PIL import Image
from werkzeug.test import Client

from cmcdesk.console.frame.database import save_desk_setting
from cmcdesk.rules.texts import translate
from cmcdesk.store.desk.database import open_desk
from cmcdesk.window.shell import (
    MARK,
    SaveDownloads,
    choose_window_language,
    list_dialog_texts,
    read_suggested_name,
)

pytest.importorskip("webview")
PROBE = Path(__file__).with_name("probe_window.py")


def processes_on(folder: Path) -> list[str]:
    """Command lines of all running processes that name this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Any]:
    """What the window saw, and its picture, which stays in report/."""
    folder = tmp_path_factory.mktemp("window")
    picture = root / "report" / "window.png"
    picture.parent.mkdir(exist_ok=True)
    picture.unlink(missing_ok=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LANG": "ja_JP.UTF-8", "LANGUAGE": "ja"}
    command = [sys.executable, str(PROBE), str(folder), str(picture)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    seen: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return seen | {"picture": picture, "folder": folder}


def test_the_page_is_painted(looked: dict[str, Any]) -> None:
    image = Image.open(looked["picture"]).convert("RGB")
    assert image.width >= 720 and image.height >= 480
    colours = image.getcolors(1 << 24)
    assert colours is not None and len(colours) > 100
    assert max(count for count, _ in colours) / (image.width * image.height) < 0.99


def test_japanese_glyphs_are_no_boxes(looked: dict[str, Any]) -> None:
    assert looked["glyphs"] is True


def test_the_page_speaks_the_language_of_the_system(looked: dict[str, Any]) -> None:
    assert looked["language"] == "ja"


def test_the_token_does_not_stay_in_the_address(looked: dict[str, Any]) -> None:
    assert looked["address"].startswith("http://127.0.0.1:") and "token" not in looked["address"]


def test_a_download_goes_through_the_save_dialog_and_the_page_stays(looked: dict[str, Any]) -> None:
    assert len(looked["asked"]) == 1 and looked["asked"][0].endswith(".eml")
    assert looked["saved_whole"] is True
    assert looked["page_stays"] is True


def test_nothing_is_left_after_it_closed(looked: dict[str, Any]) -> None:
    assert processes_on(looked["folder"]) == []
    assert not (looked["folder"] / "instance.json").exists()


WINDOW = {"User-Agent": f"Mozilla/5.0 ({MARK})"}
OCTETS = b"Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\r\n\r\n\x00\xff"


def build_client(ask: Callable[[str], Path | None]) -> Client:
    app = Flask(__name__)

    @app.get("/raw")
    def raw() -> Response:
        return Response(OCTETS, headers={"Content-Disposition": "attachment; filename*=UTF-8''%E3%83%A1.eml"})

    @app.get("/page")
    def page() -> str:
        return "a page"

    @app.get("/missing")
    def missing() -> tuple[str, int, dict[str, str]]:
        return "gone", 404, {"Content-Disposition": "attachment; filename=x"}

    @app.get("/file")
    def file() -> Response:
        return send_file(__file__, as_attachment=True)

    app.wsgi_app = SaveDownloads(app.wsgi_app, ask)  # type: ignore[method-assign]
    return Client(app)


def never(suggested: str) -> Path | None:
    pytest.fail(f"asked to save {suggested}")


def test_a_download_is_written_octet_for_octet_and_the_page_stays(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(suggested: str) -> Path:
        asked.append(suggested)
        return tmp_path / "saved.eml"

    answer = build_client(ask).get("/raw", headers=WINDOW)
    assert (answer.status_code, answer.data) == (204, b"")
    assert asked == ["メ.eml"]
    assert (tmp_path / "saved.eml").read_bytes() == OCTETS


def test_a_file_that_is_streamed_is_written_too(tmp_path: Path) -> None:
    assert build_client(lambda name: tmp_path / name).get("/file", headers=WINDOW).status_code == 204
    assert (tmp_path / Path(__file__).name).read_bytes() == Path(__file__).read_bytes()


def test_a_cancelled_dialog_writes_nothing(tmp_path: Path) -> None:
    assert build_client(lambda name: None).get("/raw", headers=WINDOW).status_code == 204
    assert list(tmp_path.iterdir()) == []


def test_pages_and_errors_pass_as_they_are() -> None:
    client = build_client(never)
    assert client.get("/page", headers=WINDOW).data == b"a page"
    assert client.get("/missing", headers=WINDOW).status_code == 404


def test_a_browser_downloads_as_ever() -> None:
    answer = build_client(never).get("/raw")
    assert (answer.status_code, answer.data) == (200, OCTETS)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("inline", None),
        ("attachment", "download"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename=a.txt", "a.txt"),
    ],
)
def test_the_suggested_name_is_a_mere_name(header: str | None, name: str | None) -> None:
    assert read_suggested_name(Response(headers={"Content-Disposition": header} if header else {})) == name


def test_the_chosen_language_beats_that_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_desk(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert choose_window_language(engine) == "ja"
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert choose_window_language(engine) == "en"
    save_desk_setting(engine, "display", {"language": "ja"})
    assert choose_window_language(engine) == "ja"
    save_desk_setting(engine, "display", {"language": None})
    assert choose_window_language(engine) == "en"
    engine.dispose()


def test_the_dialogs_of_the_window_speak_that_language() -> None:
    assert list_dialog_texts(partial(translate, "ja"))["global.saveFile"] == "ファイルを保存"
    assert all(text.isascii() for text in list_dialog_texts(partial(translate, "en")).values())
