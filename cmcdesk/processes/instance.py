"""One running cmcdesk a data folder: a lock that the system drops even after a crash, and a note of who holds it.

The mail server and the worker hold the lock too, by the file they inherit: when the console is killed, the next one
waits until they have drained, and no two ever work on one folder.
"""

import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TypedDict, cast

from cmcdesk.rules.texts import TellingError, tell

PATIENCE = 6.0  # seconds to wait for the processes of a killed console, which drain within 5
KEY_LENGTH = 32  # octets
GLANCE = 0.05  # seconds between two looks


class InstanceNote(TypedDict, total=False):
    """Where the instance of a data folder is reached: instance.json; empty while there is none or while it starts."""

    url: str
    token: str
    pid: int


class AlreadyRunning(TellingError):
    """Another cmcdesk uses this data folder. `running`: its note."""

    def __init__(self, folder: Path, running: InstanceNote) -> None:
        self.running = running
        who = tell(" (process %(pid)s, %(address)s)", pid=running["pid"], address=self.address) if running else ""
        super().__init__(
            tell(
                "cmcdesk is already running on %(folder)s%(who)s; close it, or give another --data-dir",
                folder=folder,
                who=who,
            )
        )

    @property
    def address(self) -> str:
        """The console's, without the launch token: this may be read by others."""
        return str(self.running.get("url", "")).partition("?")[0]


class AlreadyLocked(OSError):
    """Another cmcdesk began on this folder while the lock was gone."""


class InstanceLock:
    """Held from construction to `release()`. Raises AlreadyRunning."""

    def __init__(self, folder: Path) -> None:
        self._note = folder / "instance.json"
        self._said: InstanceNote = {}
        self._path = folder / "instance.lock"
        self._file = self._path.open("ab")
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(self._file):
            running = read_note(self._note)
            if _is_alive(running.get("pid")) or time.monotonic() > deadline:
                self._file.close()
                raise AlreadyRunning(folder, running)
            time.sleep(GLANCE)
        self._note.unlink(missing_ok=True)  # one that a killed process left behind names nobody

    @property
    def inherited(self) -> tuple[int, ...]:
        """File descriptors by which child processes hold the lock too; none on Windows, which knows no such thing."""
        return () if os.name == "nt" else (self._file.fileno(),)

    def publish(self, note: InstanceNote) -> None:
        """Say where this instance is reached; only this user may read it, for the token opens the console."""
        self._said = note
        write_private(self._note, json.dumps(note, ensure_ascii=False))

    def keep(self) -> bool:
        """Make the lock and the note again, where they or the whole folder were removed; whether that was so. Call it
        often: until then another cmcdesk could begin here. Raises OSError where it cannot be done.

        Processes that run already hold the old lock only; those that are started from now on hold the new one."""
        is_locked = self._is_locked()
        if not is_locked:
            self._lock_again()
        is_told = not self._said or self._note.exists()
        if not is_told:
            self.publish(self._said)
        return not (is_locked and is_told)

    def _is_locked(self) -> bool:
        """Whether the file of that name is the one that is held."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            return False

    def _lock_again(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.open("ab") as anew:
            if not _try_lock(anew):
                raise AlreadyLocked(f"another program holds {self._path}, which was removed while this one ran")
            os.dup2(anew.fileno(), self._file.fileno(), inheritable=False)  # its number is what children inherit

    def release(self) -> None:
        """Let the next one in."""
        if read_note(self._note).get("pid") in (None, self._said.get("pid")):
            with suppress(OSError):  # in a folder that cannot be written to any more it stays, and names nobody
                self._note.unlink(missing_ok=True)
        self._said = {}
        self._file.close()


def is_held(folder: Path) -> bool:
    """Whether a cmcdesk, or a process that it left, uses this data folder now. Makes no file."""
    lock = folder / "instance.lock"
    if not lock.exists():
        return False
    with lock.open("rb" if os.name == "posix" else "ab") as file:  # flock(2) asks for no right to write
        return not _try_lock(file)


def write_private(path: Path, text: str) -> None:
    """Write a file that is readable by this user alone and appears whole: made beside it, then renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def read_secret_key(folder: Path) -> bytes:
    """What signs the cookies of this folder's console: made once, so that who is signed in stays so over a restart."""
    path = folder / "console.key"
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        key = b""
    if len(key) < KEY_LENGTH:
        key = secrets.token_bytes(KEY_LENGTH)
        write_private(path, key.hex())
    return key


def keep_secret_key(folder: Path, key: bytes) -> None:
    """Write it again where its file was removed."""
    path = folder / "console.key"
    if not path.exists():
        write_private(path, key.hex())


def read_note(path: Path) -> InstanceNote:
    """The note of the running instance; {} while there is none."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast(InstanceNote, note) if isinstance(note, dict) else {}


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    if os.name == "nt":
        return True  # there no child holds the lock, so whoever does is the console itself
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is there, but another user's
    return True


if os.name == "nt":  # pragma: no cover

    def _try_lock(file: IO[bytes]) -> bool:
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

else:

    def _try_lock(file: IO[bytes]) -> bool:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
