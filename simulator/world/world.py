"""The running world: name server, mail servers, returned bounces, and the address where it can be asked and changed.

GET    /_world/zones                 the names and their records;  PUT /_world/zones/NAME {"mx": …}, DELETE …/NAME
GET    /_world/hosts                 the mail servers, with address, port and behaviour
GET    /_world/arrived               what they took and refused: ?host= &after=ID &limit=;  …/ID/octets: one mail;
                                     ?newest=1: the last ones, newest first (of returned too)
GET    /_world/returned              bounces on their way home: ?after=ID
GET    /_world/questions             what was asked of the name server
PUT    /_world/hosts/NAME            {"behaviour": …, "wording": …, "dialect": …, "mailbox": {…}}: from now on
PUT    /_world/receivers             {"pro.smtps.jp": "127.0.0.1:10026"}: all places where the service receives; each
                                     return.NAME has its MX there, as the service's own DNS has it

`cmcsim world up` runs one until SIGTERM or Ctrl-C.
"""

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from simulator.sink.http_protocol import HttpProtocol
from simulator.world.clock import Clock
from simulator.world.control import Control
from simulator.world.destination import Destination, Homeward, Session
from simulator.world.dns import NameServer, Question, Zones
from simulator.world.exim import NoExim, RealExim
from simulator.world.file import Host, World, read_world
from simulator.world.forwarding import Forwarder
from simulator.world.postbox import Postbox
from simulator.world.returning import Returner


class RunningWorld:
    """All parts of a world on free loopback ports. ``start`` binds all of them; use as a context manager.

    forwards: address → port: where port 25 of that address leads to.
    """

    def __init__(self, world: World, speed: float = 1.0) -> None:
        self.zones = Zones(world.zones, world.hosts)
        self.postbox = Postbox()
        self.forwards: dict[str, int] = {}
        self.control_port = 0
        self._hosts = {host.name: host for host in world.hosts}
        self._clock = Clock(speed)
        self._names = NameServer(self.zones)
        self._open_now: set[asyncio.Transport] = set()
        self._thread: threading.Thread | None = None
        self._programs: list[RealExim] = []
        self.skipped: list[str] = []  # hosts that could not be started here, with the reason

    def __enter__(self) -> "RunningWorld":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def hosts(self) -> list[Host]:
        """The mail servers, as they behave now."""
        return list(self._hosts.values())

    @property
    def resolver(self) -> str:
        """Address and port of the name server."""
        return f"{self._names.address}:{self._names.port}"

    def questions(self) -> list[Question]:
        """What was asked of the name server, oldest first."""
        return self._names.questions()

    def describe(self) -> dict[str, Any]:
        """What the ready file says."""
        return {
            "resolver": self.resolver,
            "forwards": dict(self.forwards),
            "control": f"http://127.0.0.1:{self.control_port}/_world/",
            "speed": self._clock.speed,
        }

    def start(self) -> "RunningWorld":
        """Bind (raises OSError) and serve in a thread of its own."""
        self._names.start()
        bound: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(bound)), name="world", daemon=True)
        self._thread.start()
        try:
            bound.result()
        except OSError:
            self._names.stop()
            raise
        return self

    def stop(self) -> None:
        """Close everything; what arrived stays readable."""
        if self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set_result, None)
            self._thread.join()
            self._names.stop()

    async def _serve(self, bound: "Future[None]") -> None:
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        returner = Returner(self.zones, self.forwards, self._clock, self.postbox)
        servers: list[asyncio.Server] = []
        asked: set[HttpProtocol] = set()
        control = Control(self.zones, self._hosts, self.postbox, self.forwards, self.questions)
        try:
            await self._start_programs(servers, returner)
            for host in (each for each in self.hosts if not each.kind or each.external):
                servers.append(await self._listen(self._protocol_of(host, returner), host.address))
                self.forwards[host.address] = servers[-1].sockets[0].getsockname()[1]
            servers.append(await self._listen(lambda: HttpProtocol(control.answer, asked), "127.0.0.1"))
            self.control_port = servers[-1].sockets[0].getsockname()[1]
        except OSError as fault:
            bound.set_exception(fault)
        else:
            bound.set_result(None)
            await self._over
        for program in self._programs:
            program.stop()
        await returner.stop()
        await self._close(servers, asked)

    async def _start_programs(self, servers: list[asyncio.Server], returner: Returner) -> None:
        """Real mail servers; one that cannot be started here is left out, and said."""
        for host in [each for each in self.hosts if each.kind == "exim"]:
            homeward = Homeward(host, returner.carry)
            servers.append(await self._listen(partial(Session, self._open_now, homeward), "127.0.0.1"))
            program = RealExim(host, servers[-1].sockets[0].getsockname()[1])
            try:
                port = await asyncio.to_thread(program.start)
            except NoExim as reason:
                self.skipped.append(f"{host.name} is left out: {reason}")
                continue
            self._programs.append(program)
            self._hosts[host.name] = replace(host, external=("127.0.0.1", port))

    async def _listen(self, make: Callable[[], asyncio.Protocol], address: str) -> asyncio.Server:
        return await self._loop.create_server(make, address, 0)

    async def _close(self, servers: list[asyncio.Server], asked: set[HttpProtocol]) -> None:
        for listening in [socket for server in servers for socket in server.sockets]:
            self._loop.remove_reader(listening.fileno())
        for _ in range(3):  # turns in which a connection just accepted is made; a server closed before breaks it
            await asyncio.sleep(0)
        for server in servers:
            server.close()
        for connection in list(asked):
            connection.abort()
        for transport in list(self._open_now):
            transport.abort()
        await asyncio.sleep(0)  # so that they hear of it

    def _protocol_of(self, host: Host, returner: Returner) -> Callable[[], asyncio.Protocol]:
        if host.external:
            place, port = host.external
            return lambda: Forwarder(place, port, self._open_now)
        look_up = partial(self._hosts.__getitem__, host.name)
        return Destination(look_up, self._clock, self.postbox, returner.put, self._open_now).serve


EXAMPLE = Path(__file__).with_name("example.toml")


def run_world(file: str | None, ready_file: str | None, speed: float, controlled: bool = False) -> None:
    """Run until told to end; `controlled`: or until standard input ends. Raises BadWorld, OSError (an address that
    cannot be bound)."""
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ended.set())
    with RunningWorld(read_world(Path(file) if file else EXAMPLE), speed) as world:
        told = json.dumps(world.describe(), indent=None if controlled else 2)
        if ready_file:
            write_by_rename(Path(ready_file), told + "\n")
        click.echo(told)
        for line in world.skipped:
            click.echo(line, err=True)
        if controlled:
            threading.Thread(target=_await_end, args=(ended,), daemon=True).start()
        ended.wait()


def _await_end(ended: threading.Event) -> None:
    """A program that was killed leaves no world behind."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


def write_by_rename(path: Path, text: str) -> None:
    """The file is whole as soon as it is there."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text, "utf-8")
    part.replace(path)
