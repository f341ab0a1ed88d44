"""The door: the demo opened from an ordinary console, which stays as it was; and what a kill leaves is cleared away."""

import re
import time
from pathlib import Path

import requests

from cmcdesk.console.demo.door import DemoDoor, write_display

from ...conftest import WaitFor
from ..conftest import Console


def test_the_demo_opens_beside_the_console_and_leaves_nothing(console: Console, wait_for: WaitFor) -> None:
    before = console.api("compositions").json, console.api("mails?limit=1").json
    door: DemoDoor = console.desk.app.extensions["demo_door"]
    assert console.post("/demo/start", Accept_Language="ja").location == "/demo"
    assert "demo-opening" in console.get("/demo").text
    opened = wait_for(lambda: console.get("/demo/now").headers.get("HX-Redirect"), 60)
    process = door._process
    assert process is not None
    with requests.Session() as browser:
        stage = browser.get(opened, headers={"Accept-Language": "en"}, timeout=30)  # the console's language goes along
        assert stage.status_code == 200 and "デモ" in stage.text and 'id="stage-view"' in stage.text
        assert "frame-ancestors 'self'" in stage.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in console.get("/demo").headers["Content-Security-Policy"]
        token = re.search(r'name="csrf-token" content="([^"]+)"', stage.text)
        assert token
        url = opened.partition("/demo")[0]
        headers = {"X-CSRFToken": token[1], "Origin": url}
        ended = browser.post(f"{url}/demo/control", {"do": "end"}, headers=headers, timeout=30)
        assert ended.headers["HX-Redirect"] == f"{console.base}/welcome"
    wait_for(lambda: process.poll() is not None, 20)
    wait_for(lambda: door.state == "closed")
    assert not door._folder.exists()
    assert (console.api("compositions").json, console.api("mails?limit=1").json) == before


def test_it_ends_with_whoever_opened_it(tmp_path: Path, wait_for: WaitFor) -> None:
    door = DemoDoor(tmp_path, lambda: None)
    door.open("http://127.0.0.1:1/", write_display({"language": "ja"}))
    wait_for(lambda: door.state == "open", 60)
    process = door._process
    assert process is not None and process.stdin is not None and (tmp_path / "demo" / "desk.db").exists()
    place = re.sub(r"/demo.*", "", door.url)
    process.stdin.close()  # as a kill of the console does
    wait_for(lambda: process.poll() is not None, 20)
    assert process.returncode == 0 and not (tmp_path / "demo").exists()
    try:
        requests.get(place, timeout=5)
    except requests.ConnectionError:
        pass
    else:
        raise AssertionError("it still listens")


def test_why_it_did_not_start_is_told_and_leftovers_go(tmp_path: Path, wait_for: WaitFor) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mail.db").write_bytes(b"left by a kill")
    door = DemoDoor(tmp_path, lambda: None)
    assert not (tmp_path / "demo").exists()
    door.open("x", "{]")
    wait_for(lambda: door.state == "failed", 60)
    assert door.fault
    begun = time.monotonic()
    door.close()
    assert time.monotonic() - begun < 1
