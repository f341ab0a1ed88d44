"""The cmcdesk under test, started as the foreign program that it is, killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from simulator.acceptance.api import Api, ApiFailed

START_WITHIN = 40.0  # seconds until the ready file appears
STOP_WITHIN = 15.0  # seconds; the program promises to drain within 5
FRESH = """\
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[[composition]]
name = "sandbox"
plan = "standard"
[[composition]]
name = "transactional-email"
plan = "standard"
"""


class DeskFailed(Exception):
    """cmcdesk did not start or ended by itself; the text has the end of its output."""


class Desk:
    """One cmcdesk on a data folder of its own, on free ports."""

    def __init__(self, folder: Path, flags: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.ready: dict[str, Any] = {}
        self._flags = flags
        self._listen: list[str] = []  # where it listened before: a sender finds it there again after a restart
        self._running: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def start(self, settings: str | None = None) -> None:
        """Start it, with ``settings`` (a settings file's text) applied; wait until it is ready, or raise DeskFailed."""
        self._starts += 1
        ready_file = self.folder / f"ready-{self._starts}.json"
        command = [sys.executable, "-m", "cmcdesk", "serve", "--port", "0", "--receiver-port", "0", "--relay-port", "0"]
        command += [
            "--data-dir",
            str(self.folder / "data"),
            "--ready-file",
            str(ready_file),
            *self._flags,
            *self._listen,
        ]
        if settings is not None:
            (self.folder / "settings.toml").write_text(settings, "utf-8")
            command += ["--settings", str(self.folder / "settings.toml")]
        with (self.folder / "output.txt").open("ab") as output:
            self._running = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        self._wait_for(ready_file)

    def _wait_for(self, ready_file: Path) -> None:
        assert self._running is not None
        deadline = time.monotonic() + START_WITHIN
        while not ready_file.exists():
            if self._running.poll() is not None:
                raise DeskFailed(f"cmcdesk ended with {self._running.returncode}: {self.read_output()}")
            if time.monotonic() > deadline:
                self.kill()
                raise DeskFailed(f"cmcdesk was not ready within {START_WITHIN:g} s: {self.read_output()}")
            time.sleep(0.02)
        self.ready = json.loads(ready_file.read_text("utf-8"))
        self._listen = [
            f"--listen={one['name']}={one['receiving']}" for one in self.ready["compositions"] if one["receiving"]
        ]

    def read_output(self, last: int = 2000) -> str:
        """The end of what it printed."""
        output = self.folder / "output.txt"
        return output.read_text("utf-8", "replace")[-last:] if output.exists() else ""

    def kill(self) -> None:
        """SIGKILL to all its processes at once: the nearest thing to a power failure."""
        if self._running is None:
            return
        children = self._children()
        for pid in [self._running.pid, *children]:  # the console first: it would start the others again
            try:
                os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            except OSError:
                pass  # gone already
        self._running.wait()
        if children:
            self._wait_until_silent()

    def _wait_until_silent(self) -> None:
        """The system takes a moment to tear down a killed process and its listeners."""
        deadline = time.monotonic() + STOP_WITHIN
        for composition in self.ready["compositions"]:
            host, _, port = (composition["receiving"] or "").rpartition(":")
            while port and _is_listening(host, int(port)) and time.monotonic() < deadline:
                time.sleep(0.01)

    def _children(self) -> list[int]:
        """Mail server and worker, as the console names them; none once it does not answer."""
        if self._running is None or self._running.poll() is not None or not self.ready:
            return []
        api = Api(self.ready["url"])
        try:
            status = api.call("GET", "status").data
        except ApiFailed:
            return []
        finally:
            api.close()
        pids = [status.get(name, {}).get("pid") for name in ("mail_server", "worker")]
        return [pid for pid in pids if isinstance(pid, int)]

    def stop(self) -> int | None:
        """Ask it to end, and see that it does; its exit code, None if it had to be killed."""
        if self._running is None:
            return None
        if self._running.poll() is None:
            self._running.terminate()
        try:
            return self._running.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.kill()


def _is_listening(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
