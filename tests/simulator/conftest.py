"""Foreign receivers for the simulator's tests: plain aiosmtpd, and a server that says exactly what a test wants."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from simulator.acceptance.accept import open_world
from simulator.acceptance.world import World


@dataclass
class Stored:
    """What plain aiosmtpd took."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)


class Keeper:
    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del server, session
        self.stored.envelopes.append(envelope)
        return "250 2.0.0 kept"


class Dialogue(asyncio.Protocol):
    """Answers each command line by a table (first word → reply lines); after 354 reads to the dot."""

    def __init__(self, table: dict[str, str], heard: list[str]) -> None:
        self.table, self.heard, self.buffer, self.in_data = table, heard, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.say("")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n" in self.buffer:
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            if self.in_data and line != b".":
                continue
            self.heard.append(line.decode())
            self.say("." if self.in_data else self.heard[-1])

    def say(self, command: str) -> None:
        key = next((key for key in (command, command[:4], "*") if key in self.table), "*")
        reply = self.table[key]
        self.in_data = reply.startswith("354")
        if reply.startswith("close"):
            self.transport.abort()
            return
        self.transport.write(reply.encode() + b"\r\n")
        if reply.startswith(("421", "221")):
            self.transport.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[], asyncio.Protocol]], int]]:
    """Start a server of that protocol on a free loopback port, in a thread; stopped at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers: list[asyncio.Server] = []

    def start(make: Callable[[], asyncio.Protocol]) -> int:
        async def listen() -> asyncio.Server:
            return await loop.create_server(make, "127.0.0.1", 0)

        servers.append(asyncio.run_coroutine_threadsafe(listen(), loop).result())
        port: int = servers[-1].sockets[0].getsockname()[1]
        return port

    yield start

    async def close() -> None:
        for server in servers:
            server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def plain_aiosmtpd(serve: Callable[[Callable[[], asyncio.Protocol]], int]) -> Stored:
    stored = Stored()
    stored.port = serve(
        lambda: SMTP(Keeper(stored), hostname="plain.example", enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
    )
    return stored


@pytest.fixture
def talk(serve: Callable[[Callable[[], asyncio.Protocol]], int]) -> Callable[[dict[str, str]], tuple[int, list[str]]]:
    """Start a server that follows a table; gives its port and what it hears."""

    def start(table: dict[str, str]) -> tuple[int, list[str]]:
        heard: list[str] = []
        usual = {
            "": "220 talk.example",
            "EHLO": "250 talk.example",
            "DATA": "354 go on",
            "QUIT": "221 bye",
            "*": "250 fine",
        }
        return serve(lambda: Dialogue(usual | table, heard)), heard

    return start


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """One cmcdesk, started as a program, with sink and event loop: shared, since a scenario sets what it needs."""
    with open_world(None) as opened:
        yield opened
