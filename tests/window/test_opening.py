"""`cmcdesk` without a command, as a program: window, second start, no display, nothing left."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest

WaitFor = Callable[..., Any]
StartProgram = Callable[..., subprocess.Popen[str]]
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "BROWSER")


@pytest.fixture
def start_program(tmp_path: Path) -> Iterator[StartProgram]:
    """`start_program(**environment)`: `cmcdesk --data-dir …` with none but these displays."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        bare = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
        process = subprocess.Popen(
            [sys.executable, "-m", "cmcdesk", "--data-dir", str(tmp_path / "data"), *arguments],
            env=bare | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def wait_until_running(folder: Path, wait_for: WaitFor) -> dict[str, Any]:
    note = folder / "data" / "instance.json"
    wait_for(note.exists, 60)
    read: dict[str, Any] = json.loads(note.read_text())
    return read


def test_without_a_display_it_serves_and_opens_the_browser(
    start_program: StartProgram, wait_for: WaitFor, tmp_path: Path
) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    program = start_program(BROWSER=str(browser))
    url = wait_until_running(tmp_path, wait_for)["url"]
    wait_for(opened.exists, 20)
    wait_for(opened.read_text)
    address, _, code = opened.read_text().strip().partition("?code=")
    assert url.startswith(f"{address}?token=") and code and code not in url
    with build_opener(ProxyHandler({}), HTTPCookieProcessor()).open(f"{address}?code={code}") as page:
        assert page.status == 200
    with pytest.raises(HTTPError, match="401"):
        build_opener(ProxyHandler({})).open(f"{address}?code={code}")
    program.send_signal(signal.SIGTERM)
    output, errors = program.communicate(timeout=20)
    assert (program.returncode, output.splitlines()[0]) == (0, url), errors
    assert [line.partition(":")[0] for line in output.splitlines()[1:]] == ["pro", "sandbox", "transactional-email"]
    assert not (tmp_path / "data" / "instance.json").exists()


def test_a_second_start_raises_the_window_of_the_first(
    start_program: StartProgram, wait_for: WaitFor, tmp_path: Path
) -> None:
    pytest.importorskip("webview")
    first = start_program(QT_QPA_PLATFORM="offscreen")
    wait_until_running(tmp_path, wait_for)
    second = start_program(QT_QPA_PLATFORM="offscreen")
    output, errors = second.communicate(timeout=60)
    assert (second.returncode, output) == (0, ""), errors
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)  # closes the window, as the user would
    first.communicate(timeout=20)
    assert first.returncode == 0
    assert not (tmp_path / "data" / "instance.json").exists()


def has_child(pid: int) -> bool:
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = entry.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(pid):
            return True
    return False


@pytest.fixture
def newer_database(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with sqlite3.connect(folder / "desk.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()


@pytest.mark.usefixtures("newer_database")
def test_what_keeps_it_from_starting_is_said(start_program: StartProgram) -> None:
    program = start_program()
    _, errors = program.communicate(timeout=60)
    assert program.returncode == 1
    assert "newer" in errors and "Traceback" not in errors


@pytest.mark.usefixtures("newer_database")
def test_and_shown_in_a_window_where_there_is_a_display(start_program: StartProgram, wait_for: WaitFor) -> None:
    pytest.importorskip("webview")
    program = start_program(QT_QPA_PLATFORM="offscreen")
    assert program.stderr is not None
    assert any("newer" in line for line in iter(program.stderr.readline, ""))
    wait_for(lambda: has_child(program.pid), 30)  # Chromium's own processes: the window is up, and waits for its user
    assert program.poll() is None
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=20)
    assert program.returncode == 1
