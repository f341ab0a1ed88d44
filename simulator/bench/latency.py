"""Seconds from a mail's last octet to its 250 while the receiver gets as much as it takes, receivers in turn."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from simulator.bench.figures import Spread, spread, spread_of_ratios
from simulator.bench.load import SendingFailed, run_own_client
from simulator.bench.options import OURS, Cell, Options
from simulator.bench.receivers import Kind, Receiver
from simulator.bench.running import Bench
from simulator.load.tally import pick_percentile

STORING_NOTHING = ("smtp-sink", "aiosmtpd")  # no latency to set beside one that writes to the disk


@dataclass
class Latency:
    """One receiver, a value a round: milliseconds, and mails a second that the simulator's client got acknowledged."""

    name: str
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    fault: str = ""


@dataclass(frozen=True)
class LatencyResult:
    """All of them under the same load."""

    cell: Cell
    latencies: list[Latency]

    def ratio(self, latency: Latency) -> Spread | None:
        """This receiver's p99 divided by cmcdesk's: how many times later its answers are."""
        ours = next(one for one in self.latencies if one.name == OURS)
        return spread_of_ratios(latency.p99, ours.p99)


def measure_latency(kinds: Sequence[Kind], options: Options, bench: Bench) -> LatencyResult:
    """The smallest mails of the options over the most sessions of them. Raises BenchFailed."""
    cell = Cell(min(options.sizes), max(options.sessions))
    chosen = [kind for kind in kinds if kind.name not in STORING_NOTHING]
    latencies = [Latency(kind.name) for kind in chosen]
    with ExitStack() as stack:
        receivers = [stack.enter_context(bench.opened(kind, "latency")) for kind in chosen]
        for number in range(options.rounds):
            bench.tell(f"latency: {cell}: round {number + 1} of {options.rounds}")
            for receiver, latency in zip(receivers, latencies, strict=True):
                _run_once(receiver, latency, cell, options.seconds)
    return LatencyResult(cell, latencies)


def _run_once(receiver: Receiver, latency: Latency, cell: Cell, seconds: float) -> None:
    try:
        tally = run_own_client(receiver, cell, seconds=seconds)
    except SendingFailed as fault:
        receiver.broke_off = True
        latency.fault = str(fault)
        return
    receiver.acknowledged += tally.accepted
    ordered = sorted(tally.dot_seconds)
    if not ordered:
        latency.fault = f"{receiver.name} took no mail"
        return
    latency.p50.append(pick_percentile(ordered, 0.50) * 1000)
    latency.p99.append(pick_percentile(ordered, 0.99) * 1000)
    latency.rates.append(tally.rate())


def describe_latency(latency: Latency) -> tuple[Spread | None, Spread | None, Spread | None]:
    """p50, p99 and rate over the rounds."""
    return spread(latency.p50), spread(latency.p99), spread(latency.rates)
