"""A real HTTP endpoint on a free port, whose behaviour each test says; and a data folder with both databases."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cmcdesk.processes import paths
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.deliveries import list_attempts, list_deliveries
from cmcdesk.store.desk.models import AttemptRow, CompositionRow, DeliveryRow, RevisionRow
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    header_names: list[str]
    content: bytes
    connection: tuple[str, int]


@dataclass
class Endpoint:
    """Answers 200 unless `behave` says otherwise; `received` is what came, `arrived` wakes who waits for it."""

    behave: Callable[[BaseHTTPRequestHandler, int], None] | None = None
    received: list[Received] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def await_posts(self, count: int, seconds: float = 20) -> list[Received]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, seconds), (
                f"{len(self.received)} of {count} posts came"
            )
            return list(self.received)

    def delivery_ids(self) -> list[str]:
        return [one.headers["X-CMCDesk-Delivery"] for one in self.received]


def answer(handler: BaseHTTPRequestHandler, status: int, content: bytes = b"ok", **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def make_handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else head and content of an answer are 40 ms apart

        def do_POST(self) -> None:
            content = self.rfile.read(length := int(self.headers["Content-Length"]))
            if len(content) < length:  # who sent it was killed on the way: not a POST that came
                return
            with endpoint.arrived:
                names = list(self.headers.keys())
                seen = Received(self.path, dict(self.headers.items()), names, content, self.client_address)
                endpoint.received.append(seen)
                number = len(endpoint.received)
                endpoint.arrived.notify_all()
            if endpoint.behave is None:
                answer(self, 200)
            else:
                endpoint.behave(self, number)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # tests hang up on purpose


@pytest.fixture
def make_endpoint() -> Iterator[Callable[..., Endpoint]]:
    servers: list[ThreadingHTTPServer] = []

    def make(behave: Callable[[BaseHTTPRequestHandler, int], None] | None = None) -> Endpoint:
        endpoint = Endpoint(behave)
        server = QuietServer(("127.0.0.1", 0), make_handler(endpoint))
        endpoint.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return endpoint

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def say() -> Callable[..., None]:
    """Write one whole answer: say(handler, status, content, **headers)."""
    return answer


MAIL = "From: Yamada <yamada@example.com>\r\nTo: {recipient}\r\nSubject: inquiry {number}\r\n\r\nhello\r\n"


@dataclass
class Desk:
    """A data folder with both databases, and what the console and the mail server would write to them."""

    folder: Path
    engine: Engine
    log: MailLogWriter
    now: float = 1_000_000.0
    mails: int = 0

    def apply(self, *filters: dict[str, Any], name: str = "pro") -> int:
        """Make these the applied inbound webhooks of a composition; the new revision's number."""
        settings = {"name": name, "inbound_webhook": list(filters)}
        with transaction(self.engine) as session:
            row = session.scalar(select(CompositionRow).where(CompositionRow.name == name))
            if row is None:
                row = CompositionRow(name=name, position=0, draft=settings, draft_version=1, draft_saved_at=self.now)
                session.add(row)
                session.flush()
            number = (row.applied_number or 0) + 1
            revision = RevisionRow(composition_id=row.id, number=number, state="applied", settings=settings, at=1.0)
            session.add(revision)
            row.applied_number = number
        return number

    def receive(self, count: int, filter_name: str = "form", revision: int = 1, octets: bytes = b"") -> list[int]:
        """Mails as the mail server stores them, each with one match; their ids. octets: else small ones."""
        mails = []
        for _ in range(count):
            self.mails += 1
            small = MAIL.format(recipient="form@example.com", number=self.mails).encode()
            mails.append(
                NewMail(
                    received_at=self.now,
                    composition="pro",
                    revision=revision,
                    session=1,
                    peer="127.0.0.1:1",
                    sender="yamada@example.com",
                    recipients=json.dumps([["form@example.com", "inbound"]]),
                    routes=2,
                    subject=f"inquiry {self.mails}",
                    header_from="yamada@example.com",
                    message_id="",
                    octets=octets or small,
                    matches=[(filter_name, "form@example.com")],
                )
            )
        first = self.log.append(mails, [])
        return list(range(first, first + count))

    def receive_bounce(self, octets: bytes) -> int:
        """A mail on the bounce route; its id."""
        recipients = json.dumps([["info@return.pro.smtps.jp", "bounce"]])
        values = {"received_at": self.now, "composition": "pro", "revision": 1, "session": 1, "peer": "127.0.0.1:1"}
        more = {"sender": "", "recipients": recipients, "routes": 1, "subject": "", "header_from": "", "message_id": ""}
        return self.log.append([NewMail(**values, **more, octets=octets)], [])  # type: ignore[arg-type]

    def deliveries(self) -> list[DeliveryRow]:
        """Oldest first."""
        with reading(self.engine) as session:
            return list(reversed(list_deliveries(session, limit=100_000)))

    def attempts(self, delivery: DeliveryRow) -> list[AttemptRow]:
        with reading(self.engine) as session:
            return list_attempts(session, delivery.number)


def make_filter(endpoint: str, name: str = "form", **more: Any) -> dict[str, Any]:
    return {"name": name, "endpoint": endpoint, "format": "multipart", "enabled": True, "condition": [], **more}


@pytest.fixture
def filter_to() -> Callable[..., dict[str, Any]]:
    """One inbound webhook as settings hold it: filter_to(url, name="form", **more)."""
    return make_filter


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_desk(tmp_path)
    log = MailLogWriter(paths.mail_db(tmp_path))
    yield Desk(tmp_path, engine, log)
    log.close()
    engine.dispose()
