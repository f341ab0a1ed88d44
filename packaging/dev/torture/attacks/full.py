"""A disk that is full while mails come in: 452 for what cannot be stored, back by itself, all answered 250 is kept."""

import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torture.attacks.disk import diagnose, read_tokens
from torture.ground import Finding, Findings, Ground, Running, is_alive, wait_for
from torture.load import Load, send_once

STATED_SECONDS = 1.0
DISK_OCTETS = 48 << 20  # of the small disk
FULL = 452  # RFC 5321 4.2.3: insufficient system storage


def attack(ground: Ground) -> Findings:
    with ground.desk(sessions=20) as running:
        yield from fill(ground, running, "no file may be written", NoFile(running))
    if ground.is_short:
        return
    with small_disk(ground.folder / "small") as folder:
        if folder is None:  # who may not mount one has seen the other
            return
        with replace(ground, folder=folder).desk(sessions=20) as running:
            yield from fill(ground, running, "a small disk is full", Filler(folder / "filler"))


class NoFile:
    """The system's limit of the size of a file (RLIMIT_FSIZE, EFBIG), for all processes that run now."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def fill(self) -> None:
        self._pids = self._running.pids().values()
        for pid in self._pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free(self) -> None:
        for pid in filter(is_alive, self._pids):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Filler:
    """A file that takes all the room there is (ENOSPC)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fill(self) -> None:
        with self._path.open("ab", buffering=0) as file:
            for piece in (1 << 20, 4096, 1):
                try:
                    while file.write(b"x" * piece):
                        pass
                except OSError:
                    pass

    def free(self) -> None:
        self._path.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of its own in memory, None where this user may not make one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_OCTETS}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ground: Ground, running: Running, name: str, disk: NoFile | Filler) -> Findings:
    wait_for(lambda: running.status()["worker"]["state"] == "operating", 30)
    pids = running.pids()
    with Load(lambda: running.place, sessions=8) as load:
        wait_for(lambda: len(load.answered) > ground.pick(200, 1500), 120)
        disk.fill()
        wait_for(lambda: load.refused[FULL] > ground.pick(20, 200), 60)
        told = running.status()
        begun, refused = time.monotonic(), load.refused.copy()
        disk.free()
        send_once(running.place, "token-after-0", patience=30)
        took = time.monotonic() - begun
        answered = len(load.answered)
        wait_for(lambda: len(load.answered) > answered + 100, 60)
    promise = f"{name}: each mail that cannot be stored is answered {FULL}"
    yield Finding(promise, ", ".join(f"{code}: {count}" for code, count in refused.items()), set(refused) == {FULL})
    is_told = told.get("mail_server", {}).get("state") == "operating"
    yield Finding(f"{name}: the console answers meanwhile", "yes" if is_told else str(told), is_told)
    yield Finding(f"{name}: stored again within {STATED_SECONDS:g} s", f"{took:.2f} s", took <= STATED_SECONDS)
    now = running.pids()
    yield Finding(f"{name}: no process died", f"before {pids}, after {now}", now == pids)
    worker = wait_for(lambda: find_idle(running), 60)
    yield Finding(f"{name}: the worker catches up", f"{worker.get('bounces')} bounce mails read", bool(worker))
    running.desk.stop()
    lost = set(load.answered) - read_tokens(running.data / "mail.db")
    yield Finding(
        f"{name}: what was answered 250 is there", f"{len(load.answered)} answered, {len(lost)} lost", not lost
    )
    found = diagnose(running) - {"missing", "full"}  # a small disk has little room
    yield Finding(f"{name}: cmcdesk doctor finds no damage", ", ".join(sorted(found)) or "none", not found)


def find_idle(running: Running) -> dict[str, Any]:
    """What the worker tells, once it has read all mails; {} until then."""
    told: dict[str, Any] = running.status().get("worker", {})
    return told if told.get("bounces") and told.get("bounces_waiting") == 0 else {}
