"""A second start brings the first one's window to the front."""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, abort, request

from cmcdesk.console.frame.guard import CODES_PATH
from cmcdesk.processes.instance import AlreadyRunning, InstanceLock, write_private
from cmcdesk.processes.webserver import WebServer, bind_port
from cmcdesk.window.raising import (
    DISPLAY_NAMES,
    can_show_window,
    has_display,
    install_raising,
    leave_sandbox_as_root,
    open_browser,
    prefer_system_browser,
    raise_first,
    raise_running_window,
)

Serve = Callable[[Flask], AlreadyRunning]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[WebServer] = []

    def start(app: Flask) -> AlreadyRunning:
        server = WebServer(app, bind_port(0))
        server.start()
        servers.append(server)
        return AlreadyRunning(
            tmp_path, {"url": f"http://127.0.0.1:{server.port}/?token=right", "token": "right", "pid": 7}
        )

    yield start
    for server in servers:
        server.stop()


def guarded_app() -> Flask:
    app = Flask(__name__)

    @app.before_request
    def check() -> None:
        if request.authorization is None or request.authorization.token != "right":
            abort(401)

    return app


def test_the_window_is_raised_with_the_token(serve: Serve) -> None:
    raised: list[bool] = []
    app = guarded_app()
    install_raising(app, lambda: raised.append(True))
    assert raise_running_window(serve(app)) == 0
    assert raised == [True]


def test_one_that_serves_without_a_window_is_opened_in_the_browser(
    serve: Serve, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("cmcdesk.window.raising.open_browser", lambda url: opened.append(url) or True)
    app = guarded_app()
    app.add_url_rule(CODES_PATH, "code", lambda: ({"url": f"{request.host_url}?code=once"}, 201), methods=["POST"])
    other = serve(app)
    assert raise_running_window(other) == 0
    assert opened == [f"{other.address}?code=once"] and capsys.readouterr().out.strip() == other.address


def test_where_no_browser_can_be_opened_the_address_with_a_code_is_told(
    serve: Serve, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.window.raising.open_browser", lambda url: False)
    app = guarded_app()
    app.add_url_rule(CODES_PATH, "code", lambda: ({"url": f"{request.host_url}?code=once"}, 201), methods=["POST"])
    other = serve(app)
    assert raise_running_window(other) == 0
    assert capsys.readouterr().out.strip() == f"{other.address}?code=once"


def test_one_that_is_only_starting_or_does_not_answer_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raise_running_window(AlreadyRunning(tmp_path, {})) == 1
    assert f"already running on {tmp_path}" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    note = {"url": f"http://127.0.0.1:{port}/?token=t", "token": "t", "pid": 7}
    assert raise_running_window(AlreadyRunning(tmp_path, note)) == 1
    told = capsys.readouterr().err
    assert "process 7" in told and f"http://127.0.0.1:{port}/" in told and "token" not in told


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*DISPLAY_NAMES, "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@linux_only
@pytest.mark.parametrize("name", DISPLAY_NAMES)
def test_any_of_the_names_is_a_display(no_display: pytest.MonkeyPatch, name: str) -> None:
    assert not has_display()
    no_display.setenv(name, "")
    assert not has_display()
    no_display.setenv(name, ":0")
    assert has_display()


@linux_only
def test_no_window_without_a_display(no_display: pytest.MonkeyPatch) -> None:
    assert not can_show_window()


@linux_only
def test_no_window_without_the_extra(no_display: pytest.MonkeyPatch) -> None:
    no_display.setenv("QT_QPA_PLATFORM", "offscreen")
    no_display.setattr("cmcdesk.window.raising.find_spec", lambda name: None)
    assert not can_show_window()


@linux_only
def test_the_sandbox_is_left_off_for_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    leave_sandbox_as_root()
    assert "QTWEBENGINE_DISABLE_SANDBOX" not in os.environ
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    leave_sandbox_as_root()
    assert os.environ["QTWEBENGINE_DISABLE_SANDBOX"] == "1"


@linux_only
def test_no_browser_is_opened_in_the_terminal(no_display: pytest.MonkeyPatch) -> None:
    assert not open_browser("http://127.0.0.1:1/")


@linux_only
def test_the_browser_that_the_user_named_is_opened(
    no_display: pytest.MonkeyPatch, tmp_path: Path, wait_for: object
) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    program.chmod(0o755)
    no_display.setenv("BROWSER", str(program))
    no_display.setattr("webbrowser._tryorder", None)  # it reads BROWSER once a process
    assert open_browser("http://127.0.0.1:1/?token=x")
    assert opened.read_text() == "http://127.0.0.1:1/?token=x\n"


def test_a_first_window_is_raised_before_anything_else_is_looked_at(serve: Serve, tmp_path: Path) -> None:
    raised: list[bool] = []
    app = guarded_app()
    install_raising(app, lambda: raised.append(True))
    assert raise_first(tmp_path) is False
    lock = InstanceLock(tmp_path)
    other = serve(app)
    lock.publish(other.running)
    assert raise_first(tmp_path) is True and raised == [True]
    lock.release()
    write_private(tmp_path / "instance.json", json.dumps(other.running))  # left behind by one that was killed
    assert raise_first(tmp_path) is False and raised == [True]


@linux_only
def test_the_frozen_program_starts_the_browser_as_none_of_its_own(
    no_display: pytest.MonkeyPatch, tmp_path: Path, wait_for: Callable[..., None]
) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$1 $LD_LIBRARY_PATH" > {opened}.new; mv {opened}.new {opened}\n')
    program.chmod(0o755)
    no_display.setattr("sys.frozen", True, raising=False)
    no_display.setattr("webbrowser._tryorder", None)
    no_display.setattr("webbrowser._browsers", {})
    no_display.setenv("LD_LIBRARY_PATH", "/opt/cmcdesk/_internal")
    no_display.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    no_display.setenv("DISPLAY", ":77")
    prefer_system_browser()
    assert open_browser("http://127.0.0.1:1/?code=x")
    wait_for(opened.exists)
    assert opened.read_text() == "http://127.0.0.1:1/?code=x \n"
