"""The demo as an ordinary console opens it: a second cmcdesk, on a data folder of its own below the console's, that
ends with the demo, or with the console, and leaves nothing behind: what the user has is never touched.
"""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cmcdesk.console.simulator.runs import read_told
from cmcdesk.processes.child import module_command
from cmcdesk.processes.instance import is_held

FOLDER = "demo"
ENDING_SECONDS = 6.0
SAID = 2000

DoorState = Literal["closed", "opening", "open", "failed"]


class DemoDoor:
    """`changed` is called when the state is another. url: opens the demo, once; fault: why it did not start."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self.state: DoorState = "closed"
        self.url = ""
        self.fault = ""
        self._folder = folder / FOLDER
        self._changed = changed
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        if self._folder.exists() and not is_held(self._folder):  # of a console that was killed
            shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, back: str, display: str, pace: float = 1.0) -> None:
        """Start it; nothing where it plays already. back: where its end leads; display: 表示設定 as JSON."""
        with self._lock:
            if self.state in ("opening", "open"):
                return
            self.state, self.url, self.fault = "opening", "", ""
            words = (
                "demo",
                "--controlled",
                f"--data-dir={self._folder.parent}",
                f"--back={back}",
                f"--display={display}",
            )
            self._process = subprocess.Popen(
                module_command("cmcdesk", *words, f"--pace={pace}"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",  # Ctrl-C in a terminal is for the console: it stops it
            )
            threading.Thread(target=self._watch, args=(self._process,), name="demo", daemon=True).start()

    def close(self) -> None:
        """End it, and wait for that."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        said = ""
        with process:
            assert process.stdout
            for line in process.stdout:
                told = read_told(line)
                if "url" in told:
                    self.url, self.state = told["url"], "open"
                    self._changed()
                else:
                    said = (said + line.decode("utf-8", "replace"))[-SAID:]
        was_open = self.state == "open"
        self.state = "closed" if was_open else "failed"
        self.fault = "" if was_open else said.strip().removeprefix("Error: ") or f"exit code {process.returncode}"
        self._changed()


def write_display(display: dict[str, object]) -> str:
    """For --display."""
    return json.dumps(display, ensure_ascii=True)
