"""The receivers that the bench sets beside cmcdesk's own. `python packaging/bench_peers.py NAME PORT FOLDER`."""

import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

HOST = "127.0.0.1"


class Discarding:
    """aiosmtpd's handler that stores nothing."""

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return "250 OK"


class Committing:
    """aiosmtpd's handler with one durable SQLite commit a mail, as a first version of anybody's would have it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE mail(id INTEGER PRIMARY KEY, at REAL, sender, recipients, octets BLOB)")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        row = (time.time(), envelope.mail_from, ",".join(envelope.rcpt_tos), envelope.content)
        self._connection.execute("INSERT INTO mail(at, sender, recipients, octets) VALUES(?,?,?,?)", row)
        return "250 OK"


class Bare(asyncio.Protocol):
    """The least that smtp-source needs, over the product's own writer: what Python can do with this store at all."""

    def __init__(self, submit: Callable[[Any, bytes], None]) -> None:
        self._submit = submit
        self._octets: list[bytes] | None = None
        self._tail = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(b"220 bare\r\n")

    def data_received(self, data: bytes) -> None:
        if self._octets is None:
            for line in data.split(b"\r\n")[:-1]:
                self._answer(line[:4].upper())
            return
        self._octets.append(data)
        self._tail = (self._tail + data)[-5:]
        if self._tail == b"\r\n.\r\n":
            octets, self._octets = b"".join(self._octets)[:-3], None
            self._submit(self, octets)

    def _answer(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._octets, self._tail = [], b"\r\n"
            self._transport.write(b"354 go\r\n")
        elif verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 OK\r\n")

    def take_outcome(self, _outcome: Any) -> None:
        self._transport.write(b"250 OK\r\n")


def bare_factory(loop: asyncio.AbstractEventLoop, path: Path) -> Callable[[], asyncio.Protocol]:
    from cmcdesk.mailserver.writer import WaitingMail, Writer
    from cmcdesk.rules.matching import compile_filters
    from cmcdesk.store.maillog_writer import NewMail

    writer = Writer(path, loop.call_soon_threadsafe)
    writer.start()
    none = compile_filters([], bytes.decode)

    def submit(sender: Bare, octets: bytes) -> None:
        mail = NewMail(time.time(), "pro", 1, 1, HOST, "a@b", "[]", 2, "", "", "", octets)
        writer.submit(WaitingMail(sender, mail, {}, none, ()))

    return lambda: Bare(submit)


def stock_factory(loop: asyncio.AbstractEventLoop, handler: Any) -> Callable[[], asyncio.Protocol]:
    from aiosmtpd.smtp import SMTP

    return lambda: SMTP(handler, loop=loop, hostname="bench", data_size_limit=1 << 27)


async def serve(name: str, port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    path = folder / f"{name}.db"
    if name == "bare":
        factory = bare_factory(loop, path)
    else:
        factory = stock_factory(loop, Committing(path) if name == "aiosmtpd-commit" else Discarding())
    server = await loop.create_server(factory, HOST, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        import uvloop

        uvloop.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
    else:
        asyncio.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
