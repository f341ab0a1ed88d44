"""Rates: each cell of the matrix in rounds, all receivers in turn (A B C A B C …), the same load for all.

Only the ratios mean something on another machine, and only those of one round ran under the same conditions.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from simulator.bench.load import SendingFailed, Sent, choose_program, send
from simulator.bench.options import OURS, Cell, Options
from simulator.bench.receivers import Kind, Receiver
from simulator.bench.running import Bench, Spread, spread, spread_of_ratios
from simulator.processes import find_family, read_cpu, read_peak

RUN_MOST = 1_000_000_000  # octets that one run sends to one receiver, at most
STORE_MOST = 2_000_000_000  # octets that a receiver may have stored before it is started anew in an empty folder
PROBE_OCTETS = 20_000_000  # that the run may take which finds the rate
COPIES = 6  # of the mails in flight that client and servers may hold in memory at a time, seen with plain aiosmtpd


@dataclass
class Runs:
    """One receiver in one cell, a value a round. CPU in µs a mail, None where it cannot be seen; memory in MB.
    ``mails``: of its next run."""

    name: str
    rates: list[float] = field(default_factory=list)
    cpu: list[float | None] = field(default_factory=list)
    cpu_beside: list[float | None] = field(default_factory=list)
    peaks: list[float | None] = field(default_factory=list)
    refused: int = 0
    refusal: str = ""
    fault: str = ""
    mails: int = 1

    def rate(self) -> Spread | None:
        """Mails acknowledged a second."""
        return spread(self.rates)


@dataclass
class CellResult:
    """One cell of the matrix; ``skipped`` says why it was not run."""

    cell: Cell
    program: str
    runs: list[Runs] = field(default_factory=list)
    skipped: str = ""

    def ratio(self, runs: Runs) -> Spread | None:
        """cmcdesk's rate divided by this receiver's."""
        ours = next(run for run in self.runs if run.name == OURS)
        return None if ours.fault or runs.fault else spread_of_ratios(ours.rates, runs.rates)


def measure_rates(kinds: Sequence[Kind], options: Options, bench: Bench) -> list[CellResult]:
    """The whole matrix. Raises BenchFailed; a receiver that does not take a load is a fault of its cell."""
    return [measure_cell(kinds, cell, options, bench) for cell in options.cells()]


def measure_cell(kinds: Sequence[Kind], cell: Cell, options: Options, bench: Bench) -> CellResult:
    """All rounds of one cell."""
    result = CellResult(cell, choose_program(cell), [Runs(kind.name) for kind in kinds])
    result.skipped = say_what_lacks(cell)
    if not result.skipped:
        run_rounds = _run_rounds_anew if options.anew else _run_rounds
        run_rounds(kinds, result, options, bench)
    return result


def _run_rounds(kinds: Sequence[Kind], result: CellResult, options: Options, bench: Bench) -> None:
    """As many as an empty folder holds go to the same servers."""
    cell = result.cell
    left = options.rounds
    while left:
        with ExitStack() as stack:
            bench.tell(f"rate: {cell}: starting, finding out how many mails fill {options.seconds:g} s")
            receivers = [stack.enter_context(bench.opened(kind, f"rate: {cell}")) for kind in kinds]
            for one in zip(receivers, result.runs, strict=True):
                _probe(*one, cell, options)
            most = max(runs.mails for runs in result.runs)
            rounds = min(left, max(1, int(STORE_MOST / (most * cell.size)) - 1))
            for _ in range(rounds):
                bench.tell(f"rate: {cell}: round {options.rounds - left + 1} of {options.rounds}")
                for receiver, runs in zip(receivers, result.runs, strict=True):
                    _run_once(receiver, runs, cell, options)
                left -= 1
            for receiver, runs in zip(receivers, result.runs, strict=True):
                runs.peaks.append(read_peak(find_family(receiver.pids)))


def _run_rounds_anew(kinds: Sequence[Kind], result: CellResult, options: Options, bench: Bench) -> None:
    """A server runs alone and only for its run: what it compiled, kept and stored before would tell in the later runs
    of those that are kept, and what another keeps would in all."""
    cell = result.cell
    for number in range(-1, options.rounds):
        finding = f"finding out how many mails fill {options.seconds:g} s"
        bench.tell(f"rate: {cell}: {finding if number < 0 else f'round {number + 1} of {options.rounds}'}")
        for kind, runs in zip(kinds, result.runs, strict=True):
            if runs.fault:
                continue
            with bench.opened(kind, f"rate: {cell}") as receiver:
                _probe(receiver, runs, cell, options)
                if number >= 0:
                    _run_once(receiver, runs, cell, options)
                    runs.peaks.append(read_peak(find_family(receiver.pids)))


def say_what_lacks(cell: Cell) -> str:
    """Why the cell cannot be run here: not enough memory; "" where it can, or where nobody knows."""
    needed = COPIES * cell.size * cell.sessions
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return ""
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), needed)
    return "" if free >= needed else f"needs {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free"


def _probe(receiver: Receiver, runs: Runs, cell: Cell, options: Options) -> None:
    """Warm up, and find how many mails fill the time."""
    fits = max(2, PROBE_OCTETS // cell.size)
    probe = min(fits, max(cell.sessions * 2, PROBE_OCTETS // 5 // (cell.size + 1000)))
    try:
        _fill(runs, send(receiver, cell, probe), cell, options)
    except SendingFailed as fault:
        runs.fault = runs.fault or str(fault)


def _fill(runs: Runs, sent: Sent, cell: Cell, options: Options) -> None:
    """The next run is as long as was asked for at the best rate seen: a probe is short, and may meet a slow moment."""
    most = max(cell.sessions, RUN_MOST // cell.size)
    runs.mails = max(runs.mails, cell.sessions, min(most, int(sent.accepted / sent.seconds * options.seconds)))


def _run_once(receiver: Receiver, runs: Runs, cell: Cell, options: Options) -> None:
    if runs.fault:
        return
    before = _read_both(receiver)
    try:
        sent = send(receiver, cell, runs.mails)
    except SendingFailed as fault:
        runs.fault = str(fault)
        return
    after = _read_both(receiver)
    _fill(runs, sent, cell, options)
    runs.rates.append(sent.accepted / sent.seconds)
    for values, early, late in zip((runs.cpu, runs.cpu_beside), before, after, strict=True):
        values.append(None if early is None or late is None else (late - early) / sent.accepted * 1e6)
    runs.refused += sent.refused
    runs.refusal = runs.refusal or sent.refusal


def _read_both(receiver: Receiver) -> tuple[float | None, float | None]:
    """CPU seconds of the server, and of what cmcdesk runs beside it."""
    return read_cpu(find_family(receiver.pids)), read_cpu(receiver.beside)
