"""Monstrous mails of many kinds, read by the worker, the pages, the API and the commands.

Each goes to a webhook, to the bounce reader and to the search index, and is looked at from every side.
"""

import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from torture.ground import BOUNCE, Finding, Findings, Ground, Running, wait_for
from torture.load import SUNK, Hook, send_once
from torture.monsters import KINDS, SIZE

SIDES = ("?part=text", "?part=html", "?part=headers", "?part=parts", "?part=raw", "/html")
PAGE_SECONDS, PAGE_OCTETS, MEMORY_MB = 2.0, 5_000_000, 400


@dataclass(frozen=True)
class Look:
    """One answer of the console: how long it took, and how much it was. status: of HTTP."""

    what: str
    seconds: float
    octets: int
    status: int


def attack(ground: Ground) -> Findings:
    size = ground.pick(200_000, SIZE)
    with Hook() as hook, ground.desk(sessions=4, sink=hook.url) as running:
        before = running.pids()
        for make in KINDS.values():
            send(running.place, make(size))
        stored = int(running.command("mail", "list", "--count"))
        yield Finding(f"{len(KINDS)} kinds of {size} octets are stored", str(stored), stored == len(KINDS))
        posted = wait_for(lambda: count_posted(hook) == len(KINDS), 300) and count_posted(hook)
        yield Finding("the webhook gets every one, whole", f"{count_posted(hook)}", posted == len(KINDS))
        wait_for(lambda: count_bounces(running) == len(KINDS), 60)
        yield Finding(
            "the bounce reader reads them all", f"{count_bounces(running)}", count_bounces(running) == len(KINDS)
        )
        looks = list(look_at_all(running, stored))
        yield from judge(looks)
        took = send_once(running.place, "token-after-0", SUNK)
        heard = wait_for(lambda: "token-after-0" in hook.calls, 10)
        yield Finding("an honest mail after them is posted", f"250 after {took:.2f} s", bool(heard))
        after = running.pids()
        yield Finding("no process died", f"{after}", after == before)
        for name in ("worker", "console", "mail_server"):
            peak = peak_memory(after.get(name, 0))
            yield Finding(f"peak memory of the {name}: below {MEMORY_MB} MB", f"{peak:.0f} MB", peak < MEMORY_MB)


def send(place: tuple[str, int], octets: bytes) -> None:
    """To both routes at once."""
    with smtplib.SMTP(*place, timeout=60) as smtp:
        smtp.sendmail("a@example.com", [SUNK, BOUNCE], octets)


def count_posted(hook: Hook) -> int:
    return len(set().union(*hook.calls.values()))


def count_bounces(running: Running) -> int:
    """Mails of the bounce route that were read since the start."""
    return int(running.status().get("worker", {}).get("bounces", 0))


def look_at_all(running: Running, mails: int) -> Iterator[Look]:
    """Every side of every mail, as a browser and as a client of the API asks for it."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(running.desk.ready["url"]))
    with requests.Session() as session:
        session.trust_env = False
        session.get(running.desk.ready["url"], params={"token": running.desk.ready["token"]}, timeout=60)
        paths = [f"/mails/{number}{side}" for number in range(1, mails + 1) for side in SIDES]
        paths += ["/mails", "/mails?search=monster&search_in=all"]
        for path in paths:
            yield look(session, base + path, path)
        session.headers["Authorization"] = f"Bearer {running.desk.ready['token']}"
        for number in range(1, mails + 1):
            yield look(session, f"{base}/api/v1/mails/{number}", f"api {number}")


def look(session: requests.Session, url: str, what: str) -> Look:
    begun = time.monotonic()
    answer = session.get(url, timeout=120)
    return Look(what, time.monotonic() - begun, len(answer.content), answer.status_code)


def judge(looks: list[Look]) -> Findings:
    """404 is the answer for the HTML of a mail that has none."""
    wrong = [one for one in looks if one.status not in (200, 404) or (one.status == 404 and "html" not in one.what)]
    yield Finding("every page and answer of the API is there", f"{len(looks) - len(wrong)} of {len(looks)}", not wrong)
    slowest, largest = max(looks, key=lambda one: one.seconds), max(looks, key=lambda one: one.octets)
    told = f"{slowest.seconds:.2f} s at most ({slowest.what})"
    yield Finding(f"each takes at most {PAGE_SECONDS:g} s", told, slowest.seconds <= PAGE_SECONDS)
    told = f"{largest.octets} octets at most ({largest.what})"
    yield Finding(f"each has at most {PAGE_OCTETS} octets", told, largest.octets <= PAGE_OCTETS)


def peak_memory(pid: int) -> float:
    """MB that a process held at its highest; 0 when it is gone."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("VmHWM"))
