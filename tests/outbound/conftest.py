"""A data folder with both databases, a world of destinations, and servers that say what a test wants."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cmcdesk.outbound.dispatcher import OutboundDispatcher
from cmcdesk.outbound.network import Surroundings
from cmcdesk.processes import paths
from cmcdesk.rules.settings import check_composition
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.models import CompositionRow, OutboundAttemptRow, OutboundRow, RevisionRow
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail
from simulator.world.file import make_world
from simulator.world.world import RunningWorld

WORLD = {
    "zone": [
        {"name": "example.net", "mx": [[10, "mx.example.net"]]},
        {"name": "two.example", "mx": [[10, "busy.two.example"], [20, "mx.example.net"]]},
        {"name": "busy.example", "mx": [[10, "busy.two.example"]]},
        {"name": "drop.example", "mx": [[10, "drop.example"], [20, "mx.example.net"]]},
        {"name": "null.example", "mx": [[0, "."]]},
        {"name": "no-mx.example", "a": ["127.0.1.1"]},
        {"name": "wrong.example", "mx": [[10, "gone.wrong.example"]]},
        {"name": "empty.example", "txt": ["x"]},
        {"name": "broken.example", "answer": "servfail"},
        {"name": "alias.example", "cname": "example.net"},
        {"name": "nobody-there.example", "a": ["127.0.9.9"]},
    ],
    "host": [
        {
            "name": "mx.example.net",
            "mailbox": {
                "nobody": "unknown-user", "full": "mailbox-full", "later": "mailbox-full-for-now", "policy": "policy",
                "grey": "greylist",
            },
        },
        {"name": "busy.two.example", "behaviour": "busy"},
        {"name": "drop.example", "behaviour": "drop"},
    ],
}  # fmt: skip
MAIL = b"From: a@example.com\r\nTo: b@example.net\r\nSubject: hello\r\nMessage-ID: <1@example.com>\r\n\r\nbody\r\n"


@pytest.fixture(scope="session")
def world() -> Iterator[RunningWorld]:
    with RunningWorld(make_world(WORLD), speed=600.0) as running:
        yield running


@pytest.fixture
def surroundings(world: RunningWorld) -> Surroundings:
    host, _, port = world.resolver.rpartition(":")
    return Surroundings((host, int(port)), dict(world.forwards), 600.0)


@dataclass
class Outlet:
    """The worker's side of outbound mail, ticked by the test."""

    folder: Path
    engine: Engine
    writer: MailLogWriter
    surroundings: Surroundings
    dispatcher: OutboundDispatcher | None = None
    ahead: float = 0.0  # seconds that its clock is ahead of the machine's

    @property
    def mail_db(self) -> Path:
        return paths.mail_db(self.folder)

    def now(self) -> float:
        return time.time() + self.ahead

    def apply(self, name: str = "pro", **settings: Any) -> None:
        """A composition in its first revision."""
        composition = check_composition({"name": name, "plan": "pro", **settings})
        with transaction(self.engine) as session:
            row = CompositionRow(name=name, position=1, draft={}, draft_saved_at=0.0, applied_number=1)
            session.add(row)
            session.flush()
            data = composition.as_data()
            session.add(RevisionRow(composition_id=row.id, number=1, state="applied", settings=data, at=0.0))

    def store(self, sender: str, *recipients: str, octets: bytes = MAIL, route: str = "relay", user: str = "") -> int:
        """One mail as the mail server stores it."""
        routes = {"bounce": 1, "inbound": 2, "relay": 4}[route]
        named = json.dumps([[recipient, route] for recipient in recipients])
        mail = NewMail(time.time(), "pro", 1, 1, "127.0.0.1", sender, named, routes, "hello", "a", "<1@x>", octets)
        mail.user, mail.hello = user, "app.example"
        return self.writer.append([mail], [])

    def start(self) -> OutboundDispatcher:
        self.dispatcher = OutboundDispatcher(self.engine, self.mail_db, lambda: self.surroundings, now=self.now)
        return self.dispatcher

    def run(self, fact: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Tick until it is so."""
        dispatcher = self.dispatcher or self.start()
        deadline = time.monotonic() + seconds
        while not (seen := fact()):
            assert time.monotonic() < deadline, [(row.recipient, row.state, row.text) for row in self.rows()]
            dispatcher.tick()
            time.sleep(0.005)
        return seen

    def rows(self) -> list[OutboundRow]:
        with reading(self.engine) as session:
            return list(session.scalars(select(OutboundRow).order_by(OutboundRow.id)))

    def attempts(self) -> list[OutboundAttemptRow]:
        with reading(self.engine) as session:
            return list(session.scalars(select(OutboundAttemptRow).order_by(OutboundAttemptRow.id)))

    def states(self) -> dict[str, str]:
        return {row.recipient: row.state for row in self.rows()}

    def all_ended(self) -> bool:
        rows = self.rows()
        return bool(rows) and all(row.due_at is None for row in rows)


@pytest.fixture
def outlet(tmp_path: Path, surroundings: Surroundings) -> Iterator[Outlet]:
    engine = open_desk(tmp_path)
    with closing(MailLogWriter(paths.mail_db(tmp_path))) as writer:
        made = Outlet(tmp_path, engine, writer, surroundings)
        yield made
        if made.dispatcher:
            made.dispatcher.stop(5.0)
    engine.dispose()


Script = Callable[[bytes, "Scripted"], bytes | None]
OFFERS = b"250-test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 1000000\r\n"


@dataclass
class Scripted:
    """A server that answers each line as its script says; None: hang up. lines: all that came; mails: what came after
    a 354; pieces: how many lines came in each piece of what was read."""

    script: Script
    greeting: bytes = b"220 test\r\n"
    lines: list[bytes] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    made: list[socket.socket] = field(default_factory=list)

    def connect(self) -> socket.socket:
        """A client's socket; it is closed with the test."""
        made = socket.create_connection(("127.0.0.1", self.port))
        made.settimeout(5)
        self.made.append(made)
        return made

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(self.greeting)
        buffer, is_data = b"", False
        while piece := connection.recv(65536):
            buffer += piece
            self.pieces.append(piece.count(b"\r\n"))
            while True:
                mark = b"\r\n.\r\n" if is_data and not buffer.startswith(b".\r\n") else b"\r\n"
                found = buffer.find(mark)
                if found < 0:
                    break
                line, buffer = buffer[: found + len(mark)], buffer[found + len(mark) :]
                if is_data:
                    self.mails.append(line)
                else:
                    self.lines.append(line)
                reply = self.script(b".\r\n" if is_data else line, self)
                if reply is None:
                    return
                is_data = reply.startswith(b"354")
                connection.sendall(reply)


def accept_all(line: bytes, server: Scripted) -> bytes | None:
    """A server that takes everything."""
    verb = line.split()[0].upper() if line.split() else b""
    if verb == b"EHLO":
        return OFFERS
    if verb == b"DATA":
        return b"354 go on\r\n"
    return b"250 2.0.0 ok\r\n"


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    """`scripted(script, greeting=…)`: a server on a free port of 127.0.0.1."""
    listeners = []
    servers = []

    def make(script: Script = accept_all, greeting: bytes = b"220 test\r\n") -> Scripted:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        server = Scripted(script, greeting, port=listener.getsockname()[1])
        servers.append(server)
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        return server

    yield make
    for made in [one for server in servers for one in server.made]:
        made.close()
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
