"""Eight sessions that send commands in large pieces, without end; an honest mail beside them takes at most 1 s.

They are sent away (421) when they only err, and come again at once.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from torture.ground import Finding, Findings, Ground, Running
from torture.load import send_once

SESSIONS = 8
BEGIN = b"EHLO unfair\r\nMAIL FROM:<>\r\n"
SPAM = b"MAIL FROM:<>\r\nRCPT TO:<a@inbound.example.com>\r\nDATA\r\nFrom: a@b.c\r\nTo: x@y.z\r\n\r\n.\r\n"
FLOODS = {
    "NOOP": b"NOOP\r\n",
    "NOOP with an argument": b"NOOP x\r\n",
    "RSET": b"RSET\r\n",
    "VRFY": b"VRFY a@b.c\r\n",
    "EXPN": b"EXPN list\r\n",
    "HELP": b"HELP\r\n",
    "EHLO": b"EHLO unfair\r\n",
    "empty lines": b"\r\n",
    "unknown commands": b"FOO\r\n",
    "foreign recipients": b"RCPT TO:<a@foreign.example>\r\n",
    "the same recipient": b"RCPT TO:<a@inbound.example.com>\r\n",
    "recipients of bad syntax": b"RCPT TO:<bad\r\n",
    "mails that are refused": b"RSET\r\n" + SPAM,
    "lines without an end": b"x" * 64,
}
PIECE = 1 << 20  # octets


def attack(ground: Ground) -> Findings:
    floods = {name: FLOODS[name] for name in ground.pick(("NOOP", "VRFY", "foreign recipients"), tuple(FLOODS))}
    with ground.desk(sessions=SESSIONS + 4) as running:
        for name, line in floods.items():
            with flooded(running, line):
                took = [send_once(running.place, f"token-fair-{number}", patience=60) for number in range(5)]
            told = f"{max(took):.2f} s at most, of {len(took)}"
            yield Finding(f"honest mail beside {SESSIONS} floods of {name}: at most 1 s", told, max(took) <= 1)


@contextmanager
def flooded(running: Running, line: bytes) -> Iterator[None]:
    """The clients read what is answered, so that nothing but the server's own measures stops them."""
    over, begun = threading.Event(), threading.Semaphore(0)
    piece = line * (PIECE // len(line))

    def read(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while connection.recv(1 << 20):
                pass

    def flood() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(running.place, timeout=20) as connection:
                threading.Thread(target=read, args=(connection,), daemon=True).start()
                connection.sendall(BEGIN)
                while not over.is_set():
                    connection.sendall(piece)
                    begun.release()

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(SESSIONS)]
    for thread in threads:
        thread.start()
    begun.acquire(timeout=10)
    yield
    over.set()
    for thread in threads:
        thread.join(30)
