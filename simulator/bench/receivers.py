"""The receivers under test: started on free ports in a fresh folder, or running already; and the settings that cmcdesk
is measured with: every gate in use, ten header conditions, one of which always matches.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.acceptance.api import Api
from simulator.acceptance.desk import Desk, DeskFailed
from simulator.bench.options import OURS, RELAY, Address, Options
from simulator.load.client import check_target
from simulator.processes import find_listener

RECIPIENT = "b@example.com"
SENDER = "a@client.example"
RETURN_ADDRESS = "bounce@return.example.com"
NOBODY = "http://127.0.0.1:9/"  # discard's port: a webhook there is refused at once
FILTERS = 10

COMPOSITION = """\
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = 100
interval_ms = {interval_ms}
size_kb = 102400
bounce_domains = ["return.example.com"]
inbound_domains = ["example.com"]
[composition.relay]
max_sessions = 100
interval_ms = {interval_ms}
size_kb = 102400
"""
FILTER = """\
[[composition.inbound_webhook]]
name = "filter {number}"
endpoint = "{endpoint}"
[[composition.inbound_webhook.condition]]
header = "{header}"
pattern = '{pattern}'
"""
NEVER, ALWAYS = r"^(urgent|alert) .*ticket-\d+", r"example\.com"

HOST = "127.0.0.1"
START_WITHIN = 20.0  # seconds until a receiver that was started greets
STOP_WITHIN = 20.0
BACKLOG = "1000"  # of smtp-sink


def write_settings(interval_ms: int | None, endpoint: str = NOBODY) -> str:
    """A settings file; the interval is the least there is where none is asked for."""
    filters = [
        FILTER.format(
            number=number,
            endpoint=endpoint,
            header=("Subject", "To")[number % 2],
            pattern=ALWAYS if number == FILTERS - 1 else NEVER,
        )
        for number in range(FILTERS)
    ]
    return COMPOSITION.format(interval_ms=interval_ms or 10) + "".join(filters)


class BenchFailed(Exception):
    """The bench cannot go on; the text says why."""


@dataclass
class Receiver:
    """One that listens. CPU and memory are those of ``pids``; ``beside``: what else cmcdesk runs. () is unknown.

    ``worker``: the one of these that goes on with mails after their 250 (it indexes them for searches).
    ``count_stored`` counts the mails it has on disk, for the one that must have stored all it ``acknowledged``; where
    a run ``broke_off``, nobody knows how many those were. ``url``, ``token``: of cmcdesk's console.
    """

    name: str
    host: str
    port: int
    pids: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()
    worker: int | None = None
    count_stored: Callable[[], int] | None = None
    acknowledged: int = 0
    broke_off: bool = False
    url: str = ""
    token: str = ""


@dataclass(frozen=True)
class Kind:
    """A receiver that can be opened; what it stores goes to the folder given."""

    name: str
    open: Callable[[Path], AbstractContextManager[Receiver]]


def list_kinds(options: Options) -> list[Kind]:
    """cmcdesk first, then those to set beside it that are there. Raises RemoteTarget, OSError for a peer elsewhere."""
    kinds = [open_ours(with_dispatch=options.with_dispatch)]
    if "smtp-sink" in options.beside and find_program("smtp-sink"):
        kinds.append(Kind("smtp-sink", _open_smtp_sink))
    if RELAY in options.beside:
        kinds.append(open_relay(with_dispatch=options.with_dispatch))
    for name in ("aiosmtpd", "aiosmtpd-commit"):
        if name in options.beside:
            command = f"{{python}} -m simulator.bench.peers {name} {{port}} {{folder}}"
            kinds.append(_open_command(name, command))
    kinds += [_open_command(name, command) for name, command in options.commands.items()]
    for name, address in options.peers.items():
        check_target(address.host, options.allow_remote)
        kinds.append(_open_running(name, address))
    return kinds


def find_program(name: str) -> str | None:
    """Path of a program of Postfix or the system; Debian keeps Postfix's where only root looks."""
    return shutil.which(name) or shutil.which(name, path=f"/usr/sbin{os.pathsep}/usr/local/sbin")


def open_ours(with_dispatch: bool = False, interval_ms: int | None = None, endpoint: str = NOBODY) -> Kind:
    """A cmcdesk of its own; ``interval_ms`` None: without the interval. ``endpoint``: of the webhook that matches."""
    flags = ([] if interval_ms else ["--without-interval"]) + ([] if with_dispatch else ["--without-dispatch"])
    return _open_desk(OURS, tuple(flags), write_settings(interval_ms, endpoint))


def open_relay(with_dispatch: bool = False) -> Kind:
    """The relay server of a cmcdesk of its own, without the interval."""
    flags = ["--without-interval"] + ([] if with_dispatch else ["--without-dispatch"])
    return _open_desk(RELAY, tuple(flags), write_settings(None))


def _open_desk(name: str, flags: tuple[str, ...], settings: str) -> Kind:
    @contextmanager
    def open_it(folder: Path) -> Iterator[Receiver]:
        desk = Desk(folder, flags)
        try:
            desk.start(settings)
            receiver = _describe(desk, name)
            try:
                yield receiver
            finally:
                _tell(receiver.worker, "SIGCONT")  # or it would not hear that it is to end
        except DeskFailed as fault:
            raise BenchFailed(str(fault)) from fault
        finally:
            desk.stop()

    return Kind(name, open_it)


def _describe(desk: Desk, name: str) -> Receiver:
    server = "relay" if name == RELAY else "receiving"
    place = next(one[server] for one in desk.ready["compositions"] if one[server])
    host, _, port = place.rpartition(":")
    api = Api(desk.ready["url"], desk.ready["token"])
    try:
        status = api.do("GET", "status")
    finally:
        api.close()
    mail_server, worker = (int(status[name]["pid"]) for name in ("mail_server", "worker"))
    beside = (int(desk.ready["pid"]), worker)
    count_stored = _counter_of(desk.folder / "data")
    console = {"url": desk.ready["url"], "token": desk.ready["token"]}
    return Receiver(name, host, int(port), (mail_server,), beside, worker, count_stored, **console)


@contextmanager
def at_work(receiver: Receiver) -> Iterator[None]:
    """Under load. Afterwards its worker is halted, or its backlog would slow the receivers whose turn is next."""
    _tell(receiver.worker, "SIGCONT")
    try:
        yield
    finally:
        _tell(receiver.worker, "SIGSTOP")


def _tell(pid: int | None, name: str) -> None:
    if pid is not None and hasattr(signal, name):  # not on Windows
        os.kill(pid, getattr(signal, name))


def _counter_of(folder: Path) -> Callable[[], int]:
    """Counts by cmcdesk's own command: the rows themselves, not what the running program believes."""

    def count() -> int:
        command = [sys.executable, "-m", "cmcdesk", "mail", "list", "--count", "--data-dir", str(folder)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return count


def _open_smtp_sink(folder: Path) -> AbstractContextManager[Receiver]:
    del folder  # it stores nothing
    as_user = ["-u", "nobody"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    port = pick_free_port()
    return _started("smtp-sink", port, [find_program("smtp-sink") or "smtp-sink", *as_user, f"{HOST}:{port}", BACKLOG])


def _open_command(name: str, command: str) -> Kind:
    def open_it(folder: Path) -> AbstractContextManager[Receiver]:
        folder.mkdir(parents=True, exist_ok=True)
        port = pick_free_port()
        values = {"{port}": str(port), "{folder}": str(folder), "{python}": sys.executable}
        words = shlex.split(command)
        for place, value in values.items():
            words = [word.replace(place, value) for word in words]
        return _started(name, port, words)

    return Kind(name, open_it)


@contextmanager
def _started(name: str, port: int, command: list[str]) -> Iterator[Receiver]:
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    except OSError as fault:
        raise BenchFailed(f"{name} cannot be started: {fault}") from fault
    try:
        _wait_for_greeting(name, port, process)
        yield Receiver(name, HOST, port, (process.pid,))
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_greeting(name: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_WITHIN
    while not is_greeting(HOST, port):
        if process.poll() is not None:
            raise BenchFailed(f"{name} ended with {process.returncode} before it listened on port {port}")
        if time.monotonic() > deadline:
            raise BenchFailed(f"{name} did not greet on port {port} within {START_WITHIN:g} s")
        time.sleep(0.02)


def _open_running(name: str, address: Address) -> Kind:
    @contextmanager
    def open_it(folder: Path) -> Iterator[Receiver]:
        del folder
        if not is_greeting(*address):
            raise BenchFailed(f"peer {name}: nobody greets with 220 at {address.host}:{address.port}")
        is_here = address.host in (HOST, "::1", "localhost")
        yield Receiver(name, *address, find_listener(address.port) if is_here else ())

    return Kind(name, open_it)


def is_greeting(host: str, port: int) -> bool:
    """Whether somebody there says 220."""
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            greeting = connection.recv(512)
            connection.sendall(b"QUIT\r\n")
            return greeting.startswith(b"220")
    except OSError:
        return False


def pick_free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server((HOST, 0)) as one:
        return int(one.getsockname()[1])
