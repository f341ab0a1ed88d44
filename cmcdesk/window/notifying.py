"""A notification of the desktop, shown by the system's own programs: no service of ours, no further library.

Linux: notify-send, gdbus or busctl, whichever there is (each desktop comes with one of them); macOS: osascript (not
tried: there was no such machine). On Windows the window's page shows them itself, as in a browser.
"""

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import escape

from cmcdesk.processes.system import foreign_environment

log = logging.getLogger(__name__)

NAME = "cmcdesk"
SERVICE = "org.freedesktop.Notifications"
OBJECT = "/org/freedesktop/Notifications"
PATIENCE = 5.0  # seconds for the program

Find = Callable[[str], str | None]  # a program's name → where it is


def list_commands(title: str, body: str, platform: str = sys.platform) -> list[list[str]]:
    """What can show it on this system, the best first."""
    if platform == "darwin":
        script = f"display notification {json.dumps(body, ensure_ascii=False)} with title " + json.dumps(
            title, ensure_ascii=False
        )
        return [["osascript", "-e", script]]
    if not platform.startswith("linux"):
        return []
    body = escape(body, quote=False)  # services show it as markup
    texts = [NAME, "0", NAME, title, body]  # application, the one it replaces, icon
    typed = ("uint32 0" if text == "0" else json.dumps(text, ensure_ascii=False) for text in texts)  # GVariant's text
    gdbus = ["gdbus", "call", "--session", "--dest", SERVICE, "--object-path", OBJECT, "--method", f"{SERVICE}.Notify"]
    busctl = ["busctl", "--user", "call", SERVICE, OBJECT, SERVICE, "Notify", "susssasa{sv}i"]
    return [
        ["notify-send", f"--app-name={NAME}", f"--icon={NAME}", "--", title, body],
        [
            *gdbus,
            "--",
            *typed,
            "@as []",
            "@a{sv} {}",
            "int32 -1",
        ],
        [*busctl, "--", *texts, "0", "0", "-1"],
    ]


def notify_desktop(title: str, body: str, find: Find = shutil.which) -> bool:
    """Show it; False where nothing here can."""
    for command in list_commands(title, body):
        program = find(command[0])
        if program and _is_done([program, *command[1:]]):
            return True
    return False


def _is_done(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, env=foreign_environment(), capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.info("%s: %s", command[0], error)
        return False
    if done.returncode:
        log.info("%s ended with %s: %s", command[0], done.returncode, done.stderr.decode(errors="replace").strip())
    return done.returncode == 0
