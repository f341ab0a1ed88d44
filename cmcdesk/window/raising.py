"""What this machine can show (a window, a browser, or neither), and a second start on the same data folder: the first
one's window comes to the front.
"""

import json
import os
import sys
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any
from urllib.parse import urljoin

import click
from flask import Flask

from cmcdesk.console.frame.guard import CODES_PATH
from cmcdesk.processes.instance import AlreadyRunning
from cmcdesk.processes.terminal import in_locale

#: One of these is set where Qt finds a screen; without any it aborts the process, which Python cannot catch.
DISPLAY_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

PATH = "/api/v1/window/raise"
PATIENCE = 5.0  # seconds


def has_display() -> bool:
    """Windows and macOS always have one."""
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in DISPLAY_NAMES)


def can_show_window() -> bool:
    """Whether there is a display, and the extra `desktop` is installed."""
    parts = ("webview", "qtpy", "PySide6") if sys.platform.startswith("linux") else ("webview",)
    return has_display() and all(find_spec(name) for name in parts)


def leave_sandbox_as_root() -> None:
    """Chromium refuses to run its sandbox as root (containers, tests); for everybody else it stays on."""
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")


def open_browser(url: str) -> bool:
    """Open the system's browser; not where that could only be one in this terminal."""
    if not (has_display() or os.environ.get("BROWSER")):
        return False
    return webbrowser.open(url)


def install_raising(app: Flask, raise_window: Callable[[], None]) -> None:
    """The route that a second start posts to; as all of the API it wants the launch token."""

    def answer() -> tuple[str, int]:
        raise_window()
        return "", 204

    app.add_url_rule(PATH, "raise_window", answer, methods=["POST"])


def raise_running_window(other: AlreadyRunning) -> int:
    """Ask the running instance; one that serves without a window is opened in the browser. The exit code."""
    if not other.running:
        return _tell(in_locale(other.message), 1)
    status, _ = _post(other, PATH)
    if status == 204:
        return 0
    if status == 404:  # it serves without a window
        status, answer = _post(other, CODES_PATH)
        if status == 201:
            url = json.loads(answer)["url"]
            return _tell(other.address if open_browser(url) else url, 0)
    return _tell(in_locale(other.message), 1)


def _post(other: AlreadyRunning, path: str) -> tuple[int | None, bytes]:
    url, token = urljoin(other.running["url"], path), other.running["token"]
    request = urllib.request.Request(url, json.dumps({}).encode(), {"Authorization": f"Bearer {token}"})
    direct: Any = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is no proxy's business
    try:
        with direct.open(request, timeout=PATIENCE) as answer:
            return int(answer.status), answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, b""
    except OSError:
        return None, b""


def _tell(text: str, code: int) -> int:
    click.echo(text, err=bool(code))
    return code
