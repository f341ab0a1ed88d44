"""What this machine can show: a window, a browser, or neither."""

import os
import sys
import webbrowser
from importlib.util import find_spec

#: One of these is set where Qt finds a screen; without any it aborts the process, which Python cannot catch.
DISPLAY_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


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
