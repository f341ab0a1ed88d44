"""The demo, as its user starts and ends it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "packaging" / "dev.py"
SHORT = "04-session-cap"

StartDemo = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_demo(tmp_path: Path) -> Iterator[StartDemo]:
    """`start_demo(LC_ALL=…)`: `dev.py demo` with one short scenario, its folders in tmp_path."""
    started: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(DEV), "demo", "--port", "0", SHORT]
        around = os.environ | {"TMPDIR": str(tmp_path), "DEMO_MARK": str(tmp_path)} | environment
        demo = subprocess.Popen(
            command, stdout=subprocess.PIPE, env=around, text=True, encoding="utf-8", start_new_session=True
        )
        started.append(demo)
        return demo

    yield start
    for demo in started:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
        demo.communicate(timeout=20)


def find_marked(mark: Path) -> list[str]:
    """All processes that the demo began, by its environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DEMO_MARK={mark}".encode() in environment.read_bytes():
                found.append((environment.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def read_until(demo: "subprocess.Popen[str]", wanted: str) -> list[str]:
    assert demo.stdout is not None
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError("".join(lines))


@pytest.mark.parametrize(
    ("number", "locale", "last", "console"),
    [
        (signal.SIGTERM, "C.UTF-8", "Ctrl-C ends it.", "The console: "),
        (signal.SIGHUP, "ja_JP.UTF-8", "Ctrl-C で終了します。", "コンソール: "),
    ],
)
def test_it_says_where_to_look_and_send_and_leaves_nothing(
    start_demo: StartDemo, tmp_path: Path, number: int, locale: str, last: str, console: str
) -> None:
    demo = start_demo(LC_ALL=locale)
    told = "".join(read_until(demo, last))
    assert re.search(rf"^{console}http://127\.0\.0\.1:\d+/\?token=", told, re.MULTILINE)
    assert re.search(r"^SMTP pro: (127\.0\.0\.1:10026|.+)$", told, re.MULTILINE)
    assert len(find_marked(tmp_path)) >= 4
    demo.send_signal(number)
    assert demo.wait(30) == 128 + number
    assert find_marked(tmp_path) == [] and list(tmp_path.glob("cmc*")) == []


def test_ended_while_the_scenarios_play_it_leaves_nothing_either(
    start_demo: StartDemo, tmp_path: Path, wait_for: Any
) -> None:
    demo = start_demo()
    wait_for(lambda: len(find_marked(tmp_path)) >= 5, 60)  # demo, player, and the three of its cmcdesk
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(30) == 143
    assert find_marked(tmp_path) == [] and list(tmp_path.glob("cmc*")) == []
