"""Outbound rate: the same mails through cmcdesk's relay and queue and through a Postfix, each to an smtp-sink, in turn.

From the first octet sent to the moment when the sink has taken the last mail.
"""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.acceptance.desk import Desk, DeskFailed
from simulator.bench.load import SendingFailed, send
from simulator.bench.options import Cell, Options
from simulator.bench.postfix import find_postfix_fault, pick_port_of, run_postfix, wait_for_address
from simulator.bench.receivers import BACKLOG, RECIPIENT, BenchFailed, Receiver, find_program
from simulator.bench.running import Bench, Spread, spread, spread_of_ratios
from simulator.world.dns import NameServer, Zones
from simulator.world.file import make_zone

LOAD = Cell(2_000, 20)
MAILS_A_SECOND = 500  # of a run: about what a Postfix does, so that a run takes about its time
MAILS_BEFORE = 200  # that warm both up
SINK = "127.0.1.1"
GIVE_UP = 30  # times the seconds of a run, and START_UP beside
START_UP = 20.0
_COUNTED = re.compile(rb"mesg=(\d+)")
SETTINGS = """\
[[composition]]
name = "pro"
plan = "pro"
[composition.relay]
max_sessions = 100
interval_ms = 10
access = "network"
networks = ["127.0.0.1"]
"""


@dataclass
class OutboundRuns:
    """Mails a second by round, of one sender; fault: why there are none."""

    name: str
    rates: list[float] = field(default_factory=list)
    fault: str = ""

    def rate(self) -> Spread | None:
        return spread(self.rates)


@dataclass(frozen=True)
class OutboundResult:
    """runs: cmcdesk's, then those set beside it; mails: of each run."""

    mails: int
    runs: tuple[OutboundRuns, ...]

    def ratio(self, other: OutboundRuns) -> Spread | None:
        """cmcdesk's rate to its, round by round."""
        return spread_of_ratios(self.runs[0].rates, other.rates)


class CountingSink:
    """Postfix's smtp-sink on a port of SINK; it counts what it takes."""

    def __init__(self, folder: Path) -> None:
        self.port = pick_port_of(SINK)
        self._told = folder / f"sink-{self.port}.txt"

    @contextmanager
    def running(self) -> Iterator["CountingSink"]:
        """Raises BenchFailed where there is no smtp-sink."""
        program = find_program("smtp-sink")
        if program is None:
            raise BenchFailed("smtp-sink is not installed (Debian and Ubuntu: apt-get install postfix)")
        as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [program, *as_user, "-c", f"{SINK}:{self.port}", BACKLOG]
        with self._told.open("wb") as told, subprocess.Popen(command, stdout=told, stderr=told) as process:
            try:
                wait_for_address(SINK, self.port)
                yield self
            finally:
                process.terminate()

    def count(self) -> int:
        """Mails taken so far."""
        with self._told.open("rb") as told:
            told.seek(max(0, self._told.stat().st_size - 200))
            counted = _COUNTED.findall(told.read())
        return int(counted[-1]) if counted else 0


def measure_outbound(options: Options, bench: Bench) -> OutboundResult:
    """Both senders on all the time, their runs in turn. Raises BenchFailed for cmcdesk; a Postfix that is not there is
    told."""
    mails = max(1, int(options.seconds * MAILS_A_SECOND))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cmcsim-bench-", ignore_cleanup_errors=True)))
        senders = [stack.enter_context(_open_desk(folder / "desk"))]
        beside = OutboundRuns("Postfix", fault=find_postfix_fault() or "")
        if not beside.fault:
            senders.append(stack.enter_context(_open_postfix(folder / "postfix")))
        runs = [OutboundRuns("cmcdesk"), beside]
        for receiver, sink in senders:
            _run(receiver, sink, MAILS_BEFORE, START_UP)
        for number in range(options.rounds):
            for (receiver, sink), one in zip(senders, runs, strict=False):
                bench.tell(f"outbound: round {number + 1} of {options.rounds}, {one.name}, {mails} mails")
                one.rates.append(_run(receiver, sink, mails, START_UP + GIVE_UP * options.seconds))
        return OutboundResult(mails, tuple(runs))


def _run(receiver: Receiver, sink: CountingSink, mails: int, most: float) -> float:
    before, begun = sink.count(), time.monotonic()
    try:
        send(receiver, LOAD, mails)
    except SendingFailed as fault:
        raise BenchFailed(str(fault)) from fault
    while (done := sink.count() - before) < mails:
        if time.monotonic() > begun + most:
            raise BenchFailed(f"outbound, {receiver.name}: {done} of {mails} mails after {most:g} s")
        time.sleep(0.005)
    return mails / (time.monotonic() - begun)


@contextmanager
def _open_desk(folder: Path) -> Iterator[tuple[Receiver, CountingSink]]:
    """cmcdesk in a world of one name server and the sink."""
    folder.mkdir()
    sink = CountingSink(folder)
    domain = RECIPIENT.rpartition("@")[2]
    names = NameServer(Zones([make_zone({"name": domain, "a": [SINK]}, "zone")]))
    names.start()
    world = {"resolver": f"{names.address}:{names.port}", "forwards": {SINK: sink.port}}
    (folder / "world.json").write_text(json.dumps(world), "utf-8")
    desk = Desk(folder, ("--without-interval", "--world", str(folder / "world.json")))
    try:
        with sink.running():
            desk.start(SETTINGS)
            relay = next(one["relay"] for one in desk.ready["compositions"] if one["relay"])
            host, _, port = relay.rpartition(":")
            yield Receiver("cmcdesk", host, int(port)), sink
    except DeskFailed as fault:
        raise BenchFailed(str(fault)) from fault
    finally:
        desk.stop()
        names.stop()


@contextmanager
def _open_postfix(folder: Path) -> Iterator[tuple[Receiver, CountingSink]]:
    folder.mkdir()
    sink = CountingSink(folder)
    with sink.running(), run_postfix((SINK, sink.port)) as postfix:
        yield Receiver("Postfix", "127.0.0.1", postfix.port), sink
