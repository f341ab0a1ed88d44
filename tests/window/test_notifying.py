"""A notification goes to the desktop by the system's own programs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cmcdesk.window.notifying import list_commands, notify_desktop

PROBE = """
import shutil, sys
from cmcdesk.window.notifying import notify_desktop
notify_desktop('a "title"', "<b>body", lambda name: shutil.which(name) if name == sys.argv[1] else None)
"""
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the programs of Linux")


def write_program(path: Path, code: int) -> str:
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {path}.said\nexit {code}\n')
    path.chmod(0o755)
    return str(path)


@linux_only
def test_the_first_program_that_can_shows_it(tmp_path: Path) -> None:
    made = {
        "notify-send": write_program(tmp_path / "notify-send", 1),
        "busctl": write_program(tmp_path / "busctl", 0),
    }
    assert notify_desktop("受信拒否", "1 < 2\n次の行", made.get) is True
    assert (tmp_path / "notify-send.said").read_text().splitlines()[-3:] == ["受信拒否", "1 &lt; 2", "次の行"]
    assert "受信拒否" in (tmp_path / "busctl.said").read_text()


@linux_only
def test_where_nothing_can_that_is_said(tmp_path: Path) -> None:
    assert notify_desktop("title", "body", lambda name: None) is False
    assert notify_desktop("title", "body", lambda name: str(tmp_path / "gone")) is False


@linux_only
@pytest.mark.parametrize("program", ["gdbus", "busctl"])
def test_the_bus_carries_what_the_specification_wants(program: str, tmp_path: Path) -> None:
    """Desktop Notifications Specification, Notify: susssasa{sv}i. A bus of its own, with nobody to show it."""
    if not all(map(shutil.which, ("dbus-run-session", "dbus-monitor", program))):
        pytest.skip(f"dbus-run-session, dbus-monitor or {program} is not installed")
    script = f"""
        dbus-monitor --session "interface='org.freedesktop.Notifications'" > {tmp_path}/seen 2>/dev/null &
        until grep -q NameLost {tmp_path}/seen; do sleep 0.02; done
        {sys.executable} -c "$PROBE" {program}
        for n in $(seq 250); do grep -q "int32 -1" {tmp_path}/seen && break; sleep 0.02; done
        kill $!
    """
    environment = {**os.environ, "PROBE": PROBE}
    subprocess.run(["dbus-run-session", "--", "sh", "-c", script], env=environment, capture_output=True, timeout=60)
    words = (tmp_path / "seen").read_text().partition("member=Notify\n")[2].split("\n")
    told = [line.strip() for line in words[:5]]
    assert told[:2] == ['string "cmcdesk"', "uint32 0"]
    assert told[3:] == ['string "a "title""', 'string "&lt;b&gt;body"']


def test_macos_is_told_in_a_script_and_windows_not_at_all() -> None:
    [command] = list_commands('a "b"', "c", "darwin")
    assert command == ["osascript", "-e", 'display notification "c" with title "a \\"b\\""']
    assert list_commands("a", "b", "win32") == []
