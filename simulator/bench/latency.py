"""Seconds from a mail's last octet to its 250 while the receiver gets as much as it takes, receivers in turn; and the
time between two 250s of one session, as clients see it that always have a next mail ready.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from simulator.bench.load import SendingFailed, choose_program, run_own_client, send
from simulator.bench.options import OURS, Cell, Options
from simulator.bench.receivers import BenchFailed, Kind, Receiver, open_ours
from simulator.bench.running import Bench, Spread, spread, spread_of_ratios
from simulator.load.tally import pick_percentile

STORING_NOTHING = ("smtp-sink", "aiosmtpd")  # no latency to set beside one that writes to the disk

SIZE = 2_000  # octets of a mail
LEAST_GAPS = 3  # of a session


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


@dataclass(frozen=True)
class Gaps:
    """Milliseconds between the 250s of a session, all sessions together; ``off``: the mean's distance, per cent."""

    interval_ms: int
    sessions: int
    count: int
    mean: float
    off: float
    least: float
    p99: float


@dataclass(frozen=True)
class Pace:
    """Mails a second that one load got through at an interval, and the ceiling: sessions × 1000 / interval."""

    interval_ms: int
    sessions: int
    program: str
    rate: float
    ceiling: float


@dataclass(frozen=True)
class SpacingResult:
    """All intervals by all numbers of sessions, and the rate at the shortest interval over the most sessions."""

    gaps: list[Gaps]
    pace: Pace | None


def measure_spacing(options: Options, bench: Bench) -> SpacingResult:
    """A cmcdesk for each interval. Raises BenchFailed."""
    found: list[Gaps] = []
    pace = None
    for interval_ms in sorted(options.intervals):
        with bench.opened(open_ours(interval_ms=interval_ms), f"spacing: {interval_ms} ms") as receiver:
            try:
                for sessions in options.spaced_sessions:
                    bench.tell(f"spacing: {interval_ms} ms, {sessions} sessions")
                    found.append(_measure_gaps(receiver, interval_ms, sessions, options.seconds))
                if pace is None:
                    pace = _measure_pace(receiver, interval_ms, max(options.spaced_sessions), options.seconds)
            except SendingFailed as fault:
                raise BenchFailed(str(fault)) from fault
    return SpacingResult(found, pace)


def _measure_gaps(receiver: Receiver, interval_ms: int, sessions: int, seconds: float) -> Gaps:
    in_each = max(LEAST_GAPS, int(seconds * 1000 / interval_ms)) + 1
    tally = run_own_client(receiver, Cell(SIZE, sessions), count=in_each * sessions)
    receiver.acknowledged += tally.accepted
    ordered = sorted(gap * 1000 for gap in tally.gap_seconds)
    if not ordered:
        raise SendingFailed(f"no second mail was answered in any session at {interval_ms} ms")
    mean = sum(ordered) / len(ordered)
    off = (mean / interval_ms - 1) * 100
    return Gaps(interval_ms, sessions, len(ordered), mean, off, ordered[0], pick_percentile(ordered, 0.99))


def _measure_pace(receiver: Receiver, interval_ms: int, sessions: int, seconds: float) -> Pace:
    cell, ceiling = Cell(SIZE, sessions), sessions * 1000 / interval_ms
    sent = send(receiver, cell, max(sessions, int(ceiling * seconds)))
    return Pace(interval_ms, sessions, choose_program(cell), sent.accepted / sent.seconds, ceiling)
