"""One running cmcdesk a data folder: a lock that the system drops even after a crash, and a note of who holds it."""

import json
import os
from pathlib import Path
from typing import IO, Any


class AlreadyRunning(Exception):
    """Another cmcdesk uses this data folder. `running`: its note ("url", "token", "pid"), {} while it starts."""

    def __init__(self, folder: Path, running: dict[str, Any]) -> None:
        self.running = running
        who = f" (process {running['pid']}, {running['url']})" if running else ""
        super().__init__(f"cmcdesk is already running on {folder}{who}; close it, or give another --data-dir")


class InstanceLock:
    """Held from construction to `release()`. Raises AlreadyRunning."""

    def __init__(self, folder: Path) -> None:
        self._note = folder / "instance.json"
        self._file = (folder / "instance.lock").open("ab")
        try:
            _lock(self._file)
        except OSError:
            self._file.close()
            raise AlreadyRunning(folder, read_note(self._note)) from None
        self._note.unlink(missing_ok=True)  # one that a killed process left behind names nobody

    def publish(self, note: dict[str, Any]) -> None:
        """Say where this instance is reached; only this user may read it, for the token opens the console."""
        write_private(self._note, json.dumps(note, ensure_ascii=False))

    def release(self) -> None:
        """Let the next one in."""
        self._note.unlink(missing_ok=True)
        self._file.close()


def write_private(path: Path, text: str) -> None:
    """Write a file that is readable by this user alone and appears whole: made beside it, then renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def read_note(path: Path) -> dict[str, Any]:
    """The note of the running instance; {} while there is none."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


if os.name == "nt":  # pragma: no cover

    def _lock(file: IO[bytes]) -> None:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:

    def _lock(file: IO[bytes]) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
