"""Databases deleted, replaced, cut, overwritten and locked under load: no 250 for a mail that is nowhere, at most a
second without storing, and `cmcdesk doctor --repair` brings back what can be read.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from torture.ground import Finding, Findings, Ground, Running, wait_for
from torture.load import TOKEN, Load, send_once

STATED_SECONDS = 1.0
LOCK_SECONDS = 5
Damage = Callable[[Path], object]


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))


def replace(path: Path) -> None:
    path.with_name("other").write_bytes(os.urandom(100_000))
    path.with_name("other").replace(path)


def remove_all(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


#: name → what is done to mail.db, and whether all mails before it must still be there afterwards.
DAMAGES: dict[str, tuple[Damage, bool]] = {
    "deleted": (Path.unlink, True),
    "deleted with its WAL": (remove_all, True),
    "deleted with its folder": (lambda path: shutil.rmtree(path.parent), True),
    "replaced by garbage": (replace, True),
    "cut in half": (lambda path: os.truncate(path, path.stat().st_size // 2), False),
    "overwritten": (overwrite, False),
}


def attack(ground: Ground) -> Findings:
    for name in ground.pick(["deleted with its WAL", "overwritten"], list(DAMAGES)):
        with ground.desk(sessions=20) as running:
            yield from damage(running, name, ground.pick(200, 3000))
    with ground.desk() as running:
        yield from lock(running)


def damage(running: Running, name: str, mails: int) -> Findings:
    damage, is_all_kept = DAMAGES[name]
    with Load(lambda: running.place, sessions=8) as load:
        wait_for(lambda: len(load.answered) > mails, 120)
        before = set(load.answered)
        damage(running.data / "mail.db")
        done = time.monotonic()
        took = send_once(running.place, "token-after-0", patience=30)
        wait_for(lambda: len(load.answered) > mails + 100, 60)
    yield Finding(f"mail.db {name}: stored again within {STATED_SECONDS:g} s", f"{took:.2f} s", took <= STATED_SECONDS)
    later = {token for token in load.answered if token not in before}
    said_by_then = f"{time.monotonic() - done:.0f} s later"
    wait_for(lambda: not list(running.data.glob("*.part")), 30)
    running.desk.stop()
    repaired = repair(running)
    found = read_tokens(running.data / "mail.db")
    lost = [token for token in (set(load.answered) if is_all_kept else later) if token not in found]
    promise = "answered 250 before and after: all there" if is_all_kept else "answered 250 afterwards: all there"
    told = f"{len(before)} before, {len(later)} after ({said_by_then}), {len(lost)} lost"
    yield Finding(f"mail.db {name}: {promise}", told, not lost)
    back = len(before & found)
    yield Finding(
        f"mail.db {name}: cmcdesk doctor --repair mends it", f"{back} of {len(before)} earlier are there", repaired
    )


def lock(running: Running) -> Findings:
    begun = time.monotonic()
    running.command("apiuser", "list")
    start = time.monotonic() - begun  # of a command on this machine, now
    holder = sqlite3.connect(running.data / "desk.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    try:
        running.command("apiuser", "add", "torture")
        told = "it was added"
    except subprocess.CalledProcessError as ended:
        told = ended.stderr.strip().splitlines()[-1]
    took = time.monotonic() - begun - start
    holder.close()
    holds = took < LOCK_SECONDS + 1.5 and "Traceback" not in told and told != "it was added"
    yield Finding(
        f"desk.db locked: waited for {LOCK_SECONDS} s, then told by a sentence", f"{took:.1f} s: {told}", holds
    )


def repair(running: Running) -> bool:
    """Whether nothing is left to be mended."""
    subprocess.run([*doctor(running), "--repair"], capture_output=True, text=True, timeout=300)
    return diagnose(running) <= {"missing"}


def diagnose(running: Running) -> set[str]:
    """The states that `cmcdesk doctor` finds; nothing is changed."""
    told = subprocess.run([*doctor(running), "--json"], capture_output=True, text=True, timeout=300)
    return {json.loads(line)["state"] for line in told.stdout.splitlines()}


def doctor(running: Running) -> list[str]:
    return [sys.executable, "-m", "cmcdesk", "doctor", "--data-dir", str(running.data)]


def read_tokens(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        found = [TOKEN.search(text) for (text,) in connection.execute("SELECT message_id FROM mail")]
    finally:
        connection.close()
    return {match[0] for match in found if match}
