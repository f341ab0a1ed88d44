"""What this machine can show (a window, a browser, or neither), and a second start on the same data folder: the first
one's window comes to the front.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import click

from cmcdesk.processes.instance import AlreadyRunning, is_held, read_note
from cmcdesk.processes.system import foreign_environment
from cmcdesk.processes.terminal import in_locale

if TYPE_CHECKING:  # half a second of imports, which the window does not wait for
    from flask import Flask

#: The window's User-Agent; the console reads nothing from it but this.
MARK = "cmcdesk-window"

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


class SystemBrowser(webbrowser.GenericBrowser):
    """xdg-open, started as a program that is none of ours: a browser must not find the frozen program's libraries."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        """Whether it could be started."""
        try:
            started = subprocess.Popen(
                [self.name, url],
                env=foreign_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return False
        threading.Thread(target=started.wait, daemon=True).start()  # so that it does not stay as a zombie
        return True


def prefer_system_browser() -> None:
    """For the frozen program on Linux: all that opens a browser takes that way, the links of the window too."""
    found = shutil.which("xdg-open")
    if getattr(sys, "frozen", False) and sys.platform.startswith("linux") and found and not os.environ.get("BROWSER"):
        webbrowser.register("xdg-open", None, SystemBrowser(found), preferred=True)


def install_raising(app: "Flask", raise_window: Callable[[], None]) -> None:
    """The route that a second start posts to; as all of the API it wants the launch token."""

    def answer() -> tuple[str, int]:
        raise_window()
        return "", 204

    app.add_url_rule(PATH, "raise_window", answer, methods=["POST"])


def raise_first(folder: Path) -> bool:
    """Before anything else is looked at: whether a window on this data folder was there, and came to the front."""
    note = read_note(folder / "instance.json")
    return bool(note.get("url") and is_held(folder)) and _post(AlreadyRunning(folder, note), PATH)[0] == 204


def raise_running_window(other: AlreadyRunning) -> int:
    """Ask the running instance; one that serves without a window is opened in the browser. The exit code."""
    if not other.running:
        return _tell(in_locale(other.message), 1)
    status, _ = _post(other, PATH)
    if status == 204:
        return 0
    if status == 404:  # it serves without a window
        from cmcdesk.console.frame.guard import CODES_PATH

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
