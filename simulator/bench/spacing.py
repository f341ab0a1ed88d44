"""The time between two 250s of one session, as clients see it that always have a next mail ready."""

from dataclasses import dataclass

from simulator.bench.load import SendingFailed, choose_program, run_own_client, send
from simulator.bench.options import Cell, Options
from simulator.bench.receivers import BenchFailed, Receiver, open_ours
from simulator.bench.running import Bench
from simulator.load.tally import pick_percentile

SIZE = 2_000  # octets of a mail
LEAST_GAPS = 3  # of a session


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
