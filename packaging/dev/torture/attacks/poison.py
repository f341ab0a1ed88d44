"""A mail that ends the worker whenever it is read: set aside after the second death, the rest goes on.

Here the death is a SIGKILL at the very moment that the worker says it reads that mail.
"""

import os
import signal
import smtplib
import time

from torture.ground import Finding, Findings, Ground, Running, wait_for
from torture.load import SUNK, Hook, send_once

HEAD = f"From: a@b.c\r\nTo: {SUNK}\r\nSubject: poison\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
LINES = 3_000_000  # of one octet each: reading them takes a second or more


def attack(ground: Ground) -> Findings:
    with Hook() as hook, ground.desk(sink=hook.url) as running:
        host, port = running.place
        with smtplib.SMTP(host, port, timeout=60) as smtp:
            smtp.sendmail("a@b.c", [SUNK], HEAD.encode() + b"x\r\n" * LINES)
        deaths = sum(kill_while_reading(running, 1) for _ in range(2))
        yield Finding("the worker is killed twice over that mail", f"{deaths} kills", deaths == 2)
        send_once(running.place, "token-after-0", SUNK)
        aside = wait_for(lambda: [one["id"] for one in running.get("mails/set-aside")["mails"]], 60)
        yield Finding("it is set aside and named", f"mails {aside}", aside == [1])
        begun = time.monotonic()
        wait_for(lambda: "token-after-0" in hook.calls, 60)
        told = f"posted {time.monotonic() - begun:.1f} s after that"
        yield Finding("the webhook of the next mail goes out", told, "token-after-0" in hook.calls)
        running.command("mail", "again", "1")
        wait_for(lambda: not running.get("mails/set-aside")["mails"], 60)
        wait_for(lambda: len(hook.calls) > 1, 60)
        told = f"{len(hook.calls)} of 2 webhooks came"
        yield Finding("asked for again it is read, and its webhook goes out", told, len(hook.calls) == 2)


def kill_while_reading(running: Running, mail_id: int) -> bool:
    """Kill the worker as soon as its note says that it reads this mail; not while the life before still says so."""
    pid = wait_for(lambda: running.pids().get("worker", 0), 30)
    deadline = time.monotonic() + 60
    for is_so in (False, True):
        while is_reading(running, mail_id) is not is_so and time.monotonic() < deadline:
            time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    return bool(wait_for(lambda: running.pids().get("worker", pid) != pid, 30))


def is_reading(running: Running, mail_id: int) -> bool:
    note = running.data / "reading.note"
    return note.exists() and note.read_bytes()[:8] == mail_id.to_bytes(8, "little")
