"""As many slow clients as there are sessions: an octet a second in a command line or in DATA, or a NOOP a minute.

An honest mail gets in within the time that docs/slow-and-unfair-clients.md states.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from torture.ground import Finding, Findings, Ground, Running
from torture.load import send_once

SESSIONS = 5
BEGIN = b"HELO slow\r\nMAIL FROM:<>\r\nRCPT TO:<a@inbound.example.com>\r\nDATA\r\nSubject: slow\r\n"
#: name → what is said first, what then again and again, the seconds between, the seconds that are stated (whole form).
KINDS: dict[str, tuple[bytes, bytes, float, float]] = {
    "in a command line": (b"HELO slow\r\n", b"x", 1.0, 70),
    "in DATA": (BEGIN, b"x", 1.0, 190),
    "with NOOPs": (b"HELO slow\r\n", b"NOOP\r\n", 60.0, 310),
}


def attack(ground: Ground) -> Findings:
    for name, (first, then, pause, stated) in KINDS.items():
        with ground.desk(sessions=SESSIONS) as running:
            with held(running, SESSIONS - 1, first, then, pause):
                took = send_once(running.place, "token-beside-0", patience=10)
                yield Finding(f"honest mail beside slow ones {name}: at most 1 s", f"{took:.2f} s", took <= 1)
            if ground.is_short:
                continue
            with held(running, SESSIONS, first, then, pause):
                took = send_once(running.place, "token-behind-0", patience=stated + 60)
                told = f"{took:.0f} s"
                yield Finding(f"all sessions held by slow ones {name}: in within {stated:.0f} s", told, took <= stated)
                rows = running.get("refusals", gate="slow")["refusals"]
                yield Finding("each of them is a refusal", f"{len(rows)} of {SESSIONS} so far", bool(rows))


@contextmanager
def held(running: Running, number: int, first: bytes, then: bytes, pause: float) -> Iterator[None]:
    """So many slow clients, that come again whenever they are sent away, but only after ten seconds."""
    over = threading.Event()

    def hold() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(running.place, timeout=5) as connection:
                greeted.release()
                connection.sendall(first)
                while not over.wait(pause):
                    connection.sendall(then)
            over.wait(10)

    greeted = threading.Semaphore(0)
    threads = [threading.Thread(target=hold, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    for _ in threads:
        greeted.acquire(timeout=10)
    yield
    over.set()
    for thread in threads:
        thread.join(10)
