"""The real window with the real page, on Qt's offscreen platform: rendered, used, closed, nothing left behind."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cmcdesk.store.desk.early_settings import peek_setting

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
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stderr
    seen: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    assert "fault" not in seen, f"{seen}\n{ended.stderr}"
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


def test_a_picture_is_shown_until_the_console_answers(looked: dict[str, Any]) -> None:
    assert looked["splash"].strip() == "cmcdesk を起動しています…"


def test_the_menu_speaks_that_language_too(looked: dict[str, Any]) -> None:
    assert looked["menu"] == ["ファイル", "表示", "移動", "ヘルプ"]


def test_a_click_saves_a_file_through_the_save_dialog_and_the_page_stays(looked: dict[str, Any]) -> None:
    assert looked["suggested"] == "mail-1.eml"
    assert looked["saved_whole"] is True
    assert looked["page_stays"] is True


def test_it_asks_before_it_closes_while_mails_are_under_way(looked: dict[str, Any]) -> None:
    question, buttons = looked["asked"].rsplit("\n", 1)
    assert "SMTP セッション: 1" in question and "終了しますか" in question
    assert buttons == "OK キャンセル"
    assert looked["stays"] is True


def test_its_size_is_kept_for_the_next_start(looked: dict[str, Any]) -> None:
    kept = peek_setting(looked["folder"], "window")
    assert (kept["width"], kept["height"], kept["is_maximized"]) == (1000, 700, False)


def test_nothing_is_left_after_it_closed(looked: dict[str, Any]) -> None:
    assert processes_on(looked["folder"]) == []
    assert not (looked["folder"] / "instance.json").exists()
    for place in looked["places"]:
        host, _, port = place.rpartition(":")
        with socket.socket() as probe:
            assert probe.connect_ex((host, int(port))) != 0, place
