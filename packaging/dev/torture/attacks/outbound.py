"""SIGKILL the worker, the mail server, the console or all, each time with mails in the outbound queue.

Each recipient gets its mail at least once or its sender the bounce; what came twice is counted.
"""

import json
import random
import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from simulator.acceptance.api import ApiFailed
from simulator.world.file import make_world
from simulator.world.world import RunningWorld
from torture.attacks.kills import PROCESSES, kill
from torture.ground import Finding, Findings, Ground, Running, wait_for

SPEED = 600.0  # ten minutes between two tries are a second
WORLD = {
    "zone": [
        *({"name": name, "mx": [[10, f"mx.{name}"]]} for name in ("good.example", "grey.example", "none.example")),
        {"name": "return.example.com", "mx": [[10, "pro.smtps.jp"]]},
    ],
    "host": [
        {"name": "mx.good.example"},
        {"name": "mx.grey.example", "behaviour": "greylist"},
        {"name": "mx.none.example", "behaviour": "unknown-user"},
    ],
}
DOMAINS = ("good.example", "good.example", "grey.example", "none.example")  # in turn
MOST_DOUBLES = 256  # a kill of the worker: what its lanes may hold of one destination


def attack(ground: Ground) -> Findings:
    kills, mails, dice = ground.pick(4, 20), ground.pick(60, 500), random.Random()
    acknowledged: set[str] = set()
    killed: Counter[str] = Counter()
    with (
        running_world(ground.folder) as (world, file),
        ground.desk(flags=("--without-interval", "--world", str(file))) as running,
    ):
        for number in range(kills):
            acknowledged |= relay(running, range(number * mails, (number + 1) * mails))
            which = PROCESSES[(number + 1) % 4] if ground.is_short else dice.choice(PROCESSES)
            if wait_for(partial(kill_there, running, which), 60):
                killed[which] += 1
        told = ", ".join(f"{name} {count}" for name, count in sorted(killed.items()))
        seen = f"{told}; {mails} mails went into the queue before each"
        yield Finding(f"{kills} kills were made", seen, killed.total() == kills)
        yield from compare(running, world, acknowledged, killed["worker"] + killed["console"] + killed["all"])


def kill_there(running: Running, which: str) -> bool:
    """False: it was just ending, or being started again."""
    try:
        return kill(running, which)
    except ProcessLookupError:
        return False


@contextmanager
def running_world(folder: Path) -> Iterator[tuple[RunningWorld, Path]]:
    with RunningWorld(make_world(WORLD), SPEED) as world:
        file = folder / "world.json"
        file.write_text(json.dumps(world.describe() | {"speed": SPEED}), "utf-8")
        yield world, file


def relay(running: Running, numbers: range) -> set[str]:
    """Send these, once the relay is there (again); the recipients of those that were answered 250."""
    return wait_for(lambda: send_some(running, numbers), 60)


def send_some(running: Running, numbers: range) -> set[str]:
    """Over one session: those that were answered 250."""
    acknowledged: set[str] = set()
    host, _, port = str(running.desk.ready["compositions"][0]["relay"]).rpartition(":")
    with suppress(OSError, smtplib.SMTPException), smtplib.SMTP(host, int(port), timeout=30) as session:
        for number in numbers:
            recipient = f"mail-{number}@{DOMAINS[number % len(DOMAINS)]}"
            text = f"From: a@app.example\r\nTo: {recipient}\r\nSubject: {number}\r\n\r\nbody\r\n"
            session.sendmail("info@app.example", [recipient], text)
            acknowledged.add(recipient)
    return acknowledged


def compare(running: Running, world: RunningWorld, acknowledged: set[str], kills: int) -> Findings:
    ended = wait_for(lambda: acknowledged <= (ended := list_ended(running)) and ended, 180) or list_ended(running)
    told = f"{len(acknowledged)} acknowledged, {len(acknowledged - ended)} not at an end"
    yield Finding("each mail comes to an end", told, bool(acknowledged) and acknowledged <= ended)

    arrived = Counter(
        recipient
        for mail in world.postbox.arrived("", 0, 1_000_000)
        if mail.reply.startswith("250")
        for recipient in mail.recipients
    )
    deliverable = {recipient for recipient in acknowledged if not recipient.endswith("none.example")}
    missing, doubled = deliverable - set(arrived), [one for one in deliverable if arrived[one] > 1]
    told = f"{len(deliverable)} deliverable, {len(missing)} missing, {len(doubled)} more than once in {kills} kills"
    promise = "each arrives at least once; twice only what had arrived and was not recorded yet"
    yield Finding(promise, told, not missing and len(doubled) <= kills * MOST_DOUBLES)

    refused = acknowledged - deliverable
    wait_for(lambda: refused <= bounced(running), 120)
    missing = refused - bounced(running)
    yield Finding(
        "each refused one comes home as a bounce", f"{len(refused)} refused, {len(missing)} missing", not missing
    )


def list_ended(running: Running) -> set[str]:
    """The recipients of the queue's rows that have ended."""
    return read_pages(running, "outbound", state="succeeded") | read_pages(running, "outbound", state="failed")


def bounced(running: Running) -> set[str]:
    """The recipients of all bounces that were read."""
    return read_pages(running, "bounces")


def read_pages(running: Running, name: str, **asked: str) -> set[str]:
    """The recipients of all rows of a list of the API; none while it does not answer."""
    found: set[str] = set()
    before: dict[str, int] = {}
    with suppress(ApiFailed):
        while True:
            page = running.get(name, limit=500, **asked, **before)
            found |= {row["recipient"] for row in page[name]}
            if page["next"] is None:
                break
            before = {"before": page["next"]}
    return found
