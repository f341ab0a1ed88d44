"""The pipe to the console: one JSON object a line. Read in a thread, since not every system has pipes for its loop."""

import asyncio
import json
import logging
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

Command = dict[str, Any]


class Control:
    """Commands come to `take` on the loop; a closed pipe comes as {"do": "stop"}, so no server is ever orphaned."""

    def __init__(self, loop: asyncio.AbstractEventLoop, take: Callable[[Command], None]) -> None:
        self._loop = loop
        self._take = take
        self._unsaid: queue.SimpleQueue[str] = queue.SimpleQueue()

    def start(self) -> None:
        threading.Thread(target=self._read, name="control", daemon=True).start()
        threading.Thread(target=self._write, name="telling", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            try:
                command = json.loads(line)
            except ValueError:
                command = None
            if not isinstance(command, dict):
                log.error("not a command: %.200r", line)
                continue
            self._loop.call_soon_threadsafe(self._take, command)
        self._loop.call_soon_threadsafe(self._take, {"do": "stop"})

    def say(self, told: dict[str, Any]) -> None:
        """Tell the console. One that is slow or gone stops no mail: a telemetry that would have to wait is let go."""
        if "telemetry" in told and not self._unsaid.empty():
            return
        self._unsaid.put(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n")

    def _write(self) -> None:
        while True:
            line = self._unsaid.get()
            try:
                sys.stdout.write(line)
                sys.stdout.flush()
            except (OSError, ValueError):
                return  # the console does not listen any more
