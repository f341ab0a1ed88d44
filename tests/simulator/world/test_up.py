"""`cmcsim world up` as a program."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "simulator", "world", "up"]


def test_it_runs_until_it_is_told_to_end(tmp_path: Path, wait_for: Callable[..., Any]) -> None:
    ready = tmp_path / "ready.json"
    world = subprocess.Popen([*COMMAND, "--ready-file", str(ready), "--speed", "10"], stdout=subprocess.PIPE, text=True)
    wait_for(ready.exists, 20)
    told = json.loads(ready.read_text())
    assert told["resolver"].startswith("127.0.0.1:") and told["forwards"]["127.0.1.1"]
    world.send_signal(signal.SIGTERM)
    printed, _ = world.communicate(timeout=10)
    assert world.returncode == 0 and json.loads(printed) == told
    assert list(tmp_path.iterdir()) == [ready]


def test_a_bad_file_ends_with_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[[zone]]\nname = "a.example"\nmx = "x"\n')
    done = subprocess.run([*COMMAND, str(bad)], capture_output=True, text=True)
    assert done.returncode == 2 and "zone 1 (a.example): mx is 'x'" in done.stderr and "Traceback" not in done.stderr
