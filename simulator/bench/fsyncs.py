"""How often a receiver forces the disk, counted by strace in short runs of their own: strace slows what it watches."""

import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.bench.load import SendingFailed, send
from simulator.bench.options import Cell, Options
from simulator.bench.receivers import Kind, Receiver, find_program
from simulator.bench.running import Bench

MAILS = 2_000
MOST_OCTETS = 200_000_000  # of one run
CALLS = ("fsync", "fdatasync")


@dataclass(frozen=True)
class Syncs:
    """fsync and fdatasync calls a mail of one receiver in one cell; None: ``fault`` says why they were not counted."""

    name: str
    cell: Cell
    a_mail: float | None
    fault: str = ""


def measure_fsyncs(kinds: Sequence[Kind], options: Options, bench: Bench) -> list[Syncs]:
    """Cells of the smallest size, connections kept. Raises BenchFailed."""
    found: list[Syncs] = []
    with ExitStack() as stack:
        receivers = [stack.enter_context(bench.opened(kind, "fsyncs")) for kind in kinds]
        for sessions in options.sessions:
            cell = Cell(min(options.sizes), sessions)
            for receiver in receivers:
                bench.tell(f"fsyncs: {cell}: {receiver.name}")
                found.append(_count_once(receiver, cell))
    return found


def _count_once(receiver: Receiver, cell: Cell) -> Syncs:
    strace = find_program("strace")
    if strace is None:
        return Syncs(receiver.name, cell, None, "strace is not installed")
    if not receiver.pids:
        return Syncs(receiver.name, cell, None, "its process is not known")
    mails = max(cell.sessions, min(MAILS, MOST_OCTETS // cell.size))
    try:
        with TemporaryDirectory(prefix="cmcsim-bench-") as folder:
            calls = _trace([strace, "-p", str(receiver.pids[0])], Path(folder) / "calls", receiver, (cell, mails))
    except (SendingFailed, OSError) as fault:
        return Syncs(receiver.name, cell, None, str(fault))
    return Syncs(receiver.name, cell, calls / mails)


def _trace(strace: list[str], output: Path, receiver: Receiver, load: tuple[Cell, int]) -> int:
    """Calls while the load ran. Raises OSError if strace may not watch, SendingFailed."""
    command = [*strace, "-f", "-c", "-e", f"trace={','.join(CALLS)}", "-o", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tracing:
        assert tracing.stderr is not None
        said = tracing.stderr.readline().strip()  # "strace: Process 1 attached …", or why not
        try:
            if "attached" not in said:
                raise OSError(said or "strace ended at once")
            send(receiver, *load)
        finally:
            tracing.send_signal(signal.SIGINT)
            tracing.stderr.read()
    return read_calls(output.read_text("utf-8"))


def read_calls(table: str) -> int:
    """The calls in the table that `strace -c` writes: % time, seconds, usecs/call, calls, (errors,) syscall."""
    rows = [line.split() for line in table.splitlines()]
    return sum(int(row[3]) for row in rows if len(row) >= 5 and row[-1] in CALLS)
