"""What Python can do with this store at all: the least that a load needs of SMTP, over the product's own writer.

The store has all that it has in the product: the fields that lists show, the bench's ten conditions, delivery rows.

python packaging/dev/bare_receiver.py PORT FOLDER      (for `cmcsim bench --start`; `dev.py bench receiver` does it)
"""

import asyncio
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cmcdesk.mail.mime.fields import scan_fields
from cmcdesk.mailserver.committer import WaitingMail
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.writer import Writer
from cmcdesk.rules.settings import check_composition
from cmcdesk.store.maillog.insertion import NewMail
from simulator.bench.receivers import RECIPIENT, write_settings

HOST = "127.0.0.1"
BACKLOG = 1024
END_OF_DATA = b"\r\n.\r\n"


class Bare(asyncio.Protocol):
    """No gates, no errors, no dot-unstuffing, no pipelining across DATA."""

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
        self._tail = (self._tail + data)[-len(END_OF_DATA) :]
        if self._tail == END_OF_DATA:
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

    def take_outcome(self, _outcome: Any, _mail_id: int) -> None:
        self._transport.write(b"250 OK\r\n")


async def serve(port: int, path: Path) -> None:
    loop = asyncio.get_running_loop()
    writer = Writer(path, loop)
    writer.start()
    settings = check_composition(tomllib.loads(write_settings(None))["composition"][0])
    live = LiveSettings.of(settings, 1)

    def submit(sender: Bare, octets: bytes) -> None:
        fields = scan_fields(octets, live.scanned)
        shown = [fields[name][0].decode() if name in fields else "" for name in ("subject", "from", "message-id")]
        mail = NewMail(time.time(), live.name, 1, 1, HOST, "a@b", "[]", 2, *shown, octets)
        writer.submit(WaitingMail(sender, mail, fields, live.filters, (RECIPIENT,)))

    server = await loop.create_server(lambda: Bare(submit), HOST, port, backlog=BACKLOG)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        from uvloop import run
    except ImportError:
        from asyncio import run
    run(serve(int(sys.argv[1]), Path(sys.argv[2]) / "bare.db"))
