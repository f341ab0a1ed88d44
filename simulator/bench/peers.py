"""Plain aiosmtpd receivers to set beside cmcdesk's: `python -m simulator.bench.peers NAME PORT FOLDER`.

NAME is aiosmtpd, which stores nothing, or aiosmtpd-commit, which commits each mail to SQLite before its 250.
"""

import asyncio
import re
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
SIZE_LIMIT = 1 << 27  # octets; more than any bench sends
BACKLOG = 1024
SHOWN = ("subject", "from", "message-id")  # what a list of mails shows of each
_SHOWN_FIELD = re.compile(rb"^(subject|from|message-id):[ \t]*(.*(?:\r\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)


class Discarding:
    """A handler that stores nothing."""

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return "250 OK"


class Committing:
    """A handler with one durable commit a mail, and what a list of mails shows, as anybody's first version has it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        columns = "id INTEGER PRIMARY KEY, at REAL, sender, recipients, subject, header_from, message_id, octets BLOB"
        self._connection.execute(f"CREATE TABLE mail({columns})")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        shown = read_shown(envelope.content)
        row = (None, time.time(), envelope.mail_from, ",".join(envelope.rcpt_tos), *shown, envelope.content)
        self._connection.execute("INSERT INTO mail VALUES(?,?,?,?,?,?,?,?)", row)
        return "250 OK"


def read_shown(octets: bytes) -> list[str]:
    """The first field of each name of SHOWN, "" without one; not a parse of the mail, which would cost far more."""
    end = octets.find(b"\r\n\r\n")
    found: dict[str, str] = {}
    for name, body in _SHOWN_FIELD.findall(octets, 0, end if end >= 0 else len(octets)):
        found.setdefault(name.decode().lower(), body.decode("utf-8", "replace").strip())
    return [found.get(name, "") for name in SHOWN]


async def serve_peer(name: str, port: int, folder: Path) -> None:
    """Listen until the process is ended."""
    loop = asyncio.get_running_loop()
    handler = Committing(folder / f"{name}.db") if name == "aiosmtpd-commit" else Discarding()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, hostname="bench", data_size_limit=SIZE_LIMIT), HOST, port, backlog=BACKLOG
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve_peer(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
