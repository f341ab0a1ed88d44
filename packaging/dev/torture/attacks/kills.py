"""SIGKILL the mail server, the worker, the console or all three, at random, under load.

What was answered 250 is stored once; its webhook goes out under one id; its bounce is recorded once.
"""

import os
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterable

from torture.ground import BOUNCE, Finding, Findings, Ground, Running, is_alive, wait_for
from torture.load import SUNK, TOKEN, Hook, Load

PROCESSES = ("mail_server", "worker", "console", "all")


def attack(ground: Ground) -> Findings:
    kills, dice = ground.pick(3, 100), random.Random()
    killed: Counter[str] = Counter()
    with Hook() as hook, ground.desk(sessions=20, interval=50, sink=hook.url) as running:
        with Load(lambda: running.place, sessions=8) as load:
            for number in range(kills):
                load.wait_for_more(20)
                which = PROCESSES[number % 4] if ground.is_short else dice.choice(PROCESSES)
                if kill(running, which):
                    killed[which] += 1
        told = ", ".join(f"{name} {count}" for name, count in sorted(killed.items()))
        yield Finding(f"{kills} kills were made", told, killed.total() == kills)
        yield from compare(running, load, hook)


def kill(running: Running, which: str) -> bool:
    """Whether it was there to be killed. The two others end with their console, which is started again by hand."""
    if which == "all":
        running.desk.kill()
        running.desk.start()
        return True
    pids = wait_for(lambda: {which} & set(pids := running.pids()) and pids, 30)
    if not pids:
        return False
    os.kill(pids[which], signal.SIGKILL)
    if which == "console":
        wait_for(lambda: not any(map(is_alive, pids.values())), 10)
        running.desk.kill()
        running.desk.start()
    return True


def compare(running: Running, load: Load, hook: Hook) -> Findings:
    stored = Counter(read_tokens(running, "mail.db", "SELECT message_id FROM mail"))
    lost = [token for token in load.answered if not stored[token]]
    doubled = [token for token, number in stored.items() if number > 1]
    told = f"{len(load.answered)} acknowledged, {stored.total()} stored, {len(lost)} lost, {len(doubled)} doubled"
    yield Finding("what was answered 250 is stored once", told, not lost and not doubled and bool(load.answered))

    sunk = {token for token, recipient in load.answered.items() if recipient == SUNK}
    wait_for(lambda: set(hook.calls) >= sunk, 180)
    missing, twice = sunk - set(hook.calls), [token for token, ids in hook.calls.items() if len(ids) > 1]
    told = f"{len(sunk)} to be posted, {len(hook.calls)} posted, {len(missing)} missing, {len(twice)} under two ids"
    yield Finding("each has its webhook, under one id", told, not missing and not twice)

    returned = {token for token, recipient in load.answered.items() if recipient == BOUNCE}
    sql = "SELECT recipient FROM bounce"
    wait_for(lambda: returned <= set(read_tokens(running, "desk.db", sql)), 120)
    rows = Counter(read_tokens(running, "desk.db", sql))
    missing, twice = returned - set(rows), [token for token, number in rows.items() if number > 1]
    told = f"{len(returned)} notices acknowledged, {len(rows)} read, {len(missing)} missing, {len(twice)} twice"
    yield Finding("each bounce is recorded once", told, not missing and not twice)


def read_tokens(running: Running, name: str, sql: str) -> Iterable[str]:
    """The tokens in the one column of these rows."""
    connection = sqlite3.connect(f"{(running.data / name).as_uri()}?mode=ro", uri=True, timeout=20)
    try:
        found = [TOKEN.search(text) for (text,) in connection.execute(sql)]
    finally:
        connection.close()
    return [match[0] for match in found if match]
