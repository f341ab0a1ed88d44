"""The traffic of `month.py`: mails as the mail server stores them, sent by the real queue to a simulated world, with a
clock that goes from one thing that is due to the next."""

import json
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cmcdesk.bounces.reader import BounceReader
from cmcdesk.outbound.dispatcher import OutboundDispatcher
from cmcdesk.outbound.network import Surroundings
from cmcdesk.processes import paths
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.webhook.events import queue_bounce_events, queue_delivery_events
from simulator.world.file import make_world
from simulator.world.world import RunningWorld

USERS = ("shop@example.com", "news@example.com")
WORLD_SPEED = 100_000.0  # a greylist lets a mail in soon
RETURN = "return.pro.smtps.jp"
BOXES = {"nobody": "unknown-user", "full": "mailbox-full", "policy": "policy", "later": "mailbox-full-for-now"}
NAMES = (*("customer",) * 36, *BOXES)
TOGETHER = 8  # mails at one time, most of them
ZONES: list[dict[str, Any]] = [
    *({"name": f"d{number}.example", "mx": [[10, f"mx{number}.example"]]} for number in range(17)),
    {"name": "d17.example", "mx": [[10, "mx-busy.example"]]},
    {"name": "d18.example", "mx": [[0, "."]]},
    {"name": RETURN, "mx": [[10, "mx0.example"]]},
]
HOSTS: list[dict[str, Any]] = [
    *({"name": f"mx{number}.example", "mailbox": BOXES} for number in range(17)),
    {"name": "mx-busy.example", "behaviour": "busy"},
]


@dataclass
class Traffic:
    """What is to be sent, and the clock that it is sent by (unix seconds)."""

    folder: Path
    mails: int
    days: int
    now: float = 0.0
    sent: int = field(default=0)  # recipients

    def run(self) -> None:
        """All of it, until nothing waits any more."""
        engine = open_desk(self.folder)
        mail_db = paths.mail_db(self.folder)
        end = time.time() - 3 * 3600  # what is deferred last ends before now
        count = max(1, self.mails // TOGETHER)
        instants = sorted(end - random.random() * self.days * 86400 for _ in range(count))
        sizes = Counter(random.randrange(count) for _ in range(self.mails))
        world = RunningWorld(make_world({"zone": ZONES, "host": HOSTS}), speed=WORLD_SPEED)
        with world, closing(MailLogWriter(mail_db)) as writer:
            host, _, port = world.resolver.rpartition(":")
            around = Surroundings((host, int(port)), dict(world.forwards), 1.0)
            self.now = instants[0]
            dispatcher = OutboundDispatcher(engine, mail_db, lambda: around, queue_delivery_events, lambda: self.now)
            with closing(MailLog(mail_db)) as log:
                reader = BounceReader(engine, log, queue_bounce_events)
                for number, at in enumerate(instants):
                    self._settle(dispatcher, at)
                    self.now = at
                    for _ in range(sizes[number]):
                        self._store(writer)
                    self._settle(dispatcher, at)
                    self._come_home(writer, reader)
                self._settle(dispatcher, end + 3 * 3600)
                self._come_home(writer, reader)
            dispatcher.stop(5.0)
        engine.dispose()

    def _store(self, writer: MailLogWriter) -> None:
        """One mail to one to three recipients, as the mail server stores it."""
        number = self.sent + 1
        to = {f"{random.choice(NAMES)}@d{random.randrange(20)}.example" for _ in range(random.choice((1, 1, 1, 2, 3)))}
        self.sent += len(to)
        octets = (
            f"From: Shop <info@example.com>\r\nTo: {', '.join(sorted(to))}\r\nSubject: order {number}\r\n"
            f"Message-ID: <{number}@app.example>\r\nX-Api-Data: order={number}\r\n\r\nThank you.\r\n"
        ).encode()
        named = json.dumps([[each, "relay"] for each in sorted(to)])
        head = (f"order {number}", "Shop <info@example.com>", f"<{number}@app.example>")
        mail = NewMail(
            self.now, "pro", 1, number, "127.0.0.1", "info@example.com", named, 4, *head, octets,
            user=USERS[number % 2],
        )  # fmt: skip
        writer.append([mail], [])

    def _settle(self, dispatcher: OutboundDispatcher, until: float) -> None:
        """Let the clock go on to `until`, from one due row to the next."""
        while True:
            dispatcher.wake()
            dispatcher.tick()
            with closing(sqlite3.connect(paths.desk_db(self.folder))) as connection:
                (due,) = connection.execute("SELECT min(due_at) FROM outbound WHERE due_at IS NOT NULL").fetchone()
            if due is None or due > until:
                return
            self.now = max(self.now, due)

    def _come_home(self, writer: MailLogWriter, reader: BounceReader) -> None:
        """The reports that were delivered at the return domain are received on the bounce route and read."""
        with closing(sqlite3.connect(paths.desk_db(self.folder))) as connection:
            sql = (
                "SELECT w.id, w.octets, o.recipient, o.ended_at FROM outbound_own w JOIN outbound o ON o.own_id = w.id "
                "WHERE w.id > ? AND o.state = 'succeeded' ORDER BY w.id"
            )
            rows = connection.execute(sql, (self._home,)).fetchall()
        for own_id, octets, recipient, at in rows:
            named = json.dumps([[recipient, "bounce"]])
            mail = NewMail(at, "pro", 1, 1, "127.0.0.1", "", named, 1, "Undelivered", "MAILER-DAEMON", "", octets)
            writer.append([mail], [])
            self._home = own_id
        while reader.read_next():
            pass

    _home: int = 0  # the last report that has come home
