"""A result made by hand, so that what is written of it can be compared to the letter; and benches that tell nobody."""

import pytest

from simulator.bench.behind import Followed
from simulator.bench.fsyncs import Syncs
from simulator.bench.growth import Call, Stage
from simulator.bench.latency import Gaps, Latency, LatencyResult, Pace, SpacingResult
from simulator.bench.machine import Machine
from simulator.bench.matrix import CellResult, Runs
from simulator.bench.options import Address, Cell, Options
from simulator.bench.result import Result
from simulator.bench.running import Bench, Stored
from simulator.bench.startup import Idle, Start, StartupResult

MACHINE = Machine(
    at="2026-11-24 12:00:00 +0000",
    system="Linux 6.1 x86_64",
    processor="A Processor <1>",
    cores=2,
    memory_gb=24.0,
    python="CPython 3.11.7 (without PGO, without LTO)",
    sqlite="3.40.1",
    load_average=0.25,
    load_program="smtp-source of Postfix 3.7.11",
    strace=True,
    command="cmcsim bench",
)


@pytest.fixture
def bench() -> Bench:
    return Bench(lambda words: None)


@pytest.fixture
def result() -> Result:
    """Two cells, one of them not run, and all other parts; nothing is wrong in it."""
    cell, rounds = Cell(2_000, 100), 3
    ours = Runs("cmcdesk", [8000.0, 10000.0, 9000.0], [90.0, 80.0, 85.0], [50.0, 60.0, 40.0], [66.0])
    sink = Runs("smtp-sink", [16000.0] * rounds, [50.0] * rounds, [None] * rounds, [32.0])
    peer = Runs("elsewhere", [2000.0, 2500.0, 1000.0], [None] * rounds, [None] * rounds, [None], 2, "451 4.3.0 later")
    broken = CellResult(Cell(10_000_000, 1, False), "cmcsim", [Runs("cmcdesk"), Runs("smtp-sink")], "needs 60 GB")
    latencies = [
        Latency("cmcdesk", [5.0, 6.0, 7.0], [10.0, 11.0, 12.0], [9000.0] * rounds),
        Latency("aiosmtpd-commit", [20.0] * rounds, [40.0, 44.0, 48.0], [1400.0] * rounds),
    ]
    gaps = [Gaps(10, 100, 5000, 10.5, 5.0, 7.25, 15.0)]
    idle = [Idle("console", 0.5, 85.0), Idle("mail_server", None, None), Idle("worker", 1.0, 70.0)]
    return Result(
        machine=MACHINE,
        options=Options(peers={"elsewhere": Address("127.0.0.1", 1025)}),
        without=["strace: fsyncs are not counted"],
        rate=[CellResult(cell, "smtp-source", [ours, sink, peer]), broken],
        latency=LatencyResult(cell, latencies),
        spacing=SpacingResult(gaps, Pace(10, 100, "smtp-source", 8500.0, 10000.0)),
        startup=StartupResult(Start([1.0, 1.2], [1.5, 1.7]), Start([0.8, 0.9], [1.1, 1.3]), idle),
        fsyncs=[Syncs("cmcdesk", cell, 0.025), Syncs("elsewhere", cell, None, "its process is not known")],
        behind=[Followed("webhook posts", 4000, 512.25, 1500.5), Followed("bounces read", 8000, 1234.0, None)],
        growth=[
            Stage(10_000, 2.5, [Call("newest 50", 3.25, 6.0)], 90.0),
            Stage(1_000_000, 300.0, [Call("newest 50", 3.5, 7.0)], None),
        ],
        stored=[Stored("rate", 100, 100), Stored("latency", 50, 50)],
    )
