"""The live line of a load (rate, replies by code, latency of the last second; rich draws it), and its summary for
people.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from simulator.load.client import run_fast
from simulator.load.runner import Load
from simulator.load.tally import Tally, pick_percentile

REFRESH = 0.25  # seconds
TOLD_EVERY = 0.5  # seconds


class Line:
    """What the progress line says; keeps where the last look was."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._looked_at = time.monotonic()
        self._finished = 0
        self._measured = 0

    def describe(self) -> str:
        """Rate since the last look, replies by code, p50 and p99 of the latencies since then."""
        now, tally = time.monotonic(), self._tally
        finished, latencies = tally.finished, sorted(tally.dot_seconds[self._measured :])
        rate = (finished - self._finished) / max(now - self._looked_at, 0.001)
        self._looked_at, self._finished, self._measured = now, finished, self._measured + len(latencies)
        replies = " ".join(f"{code or '-'}:{number:,}" for code, number in sorted(tally.replies.items()))
        turned_away = sum(number for code, number in tally.greetings.items() if code != 220)
        parts = [f"{finished:,} mails", f"{rate:,.0f}/s", replies]
        if latencies:
            p50, p99 = (pick_percentile(latencies, part) * 1000 for part in (0.50, 0.99))
            parts.append(f"p50 {p50:.1f} ms p99 {p99:.1f} ms")
        if turned_away:
            parts.append(f"{turned_away:,} connections turned away")
        return " · ".join(part for part in parts if part)


def run_controlled(load: Load, run: str) -> Tally:
    """Run a load to its end under the eyes of another program: a JSON object a line on standard output twice a second,
    and "pause", "resume" and "stop" as lines on standard input, whose end stops it too."""

    def obey() -> None:
        # unbuffered: a thread that waits in a buffered reader holds its lock, on which the interpreter's end would fail
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as lines:
            for line in lines:
                words = {b"pause": load.pause, b"resume": load.resume, b"stop": load.stop}
                words.get(line.strip(), lambda: None)()
        load.stop()

    def tell() -> None:
        print(json.dumps({"progress": describe_progress(load, run)}), flush=True)  # noqa: T201 (it is the interface)

    async def play() -> Tally:
        running = asyncio.get_running_loop().create_task(load.run())
        await asyncio.sleep(0)  # the load has its loop now
        threading.Thread(target=obey, daemon=True).start()
        while not running.done():
            tell()
            await asyncio.wait([running], timeout=TOLD_EVERY)
        return await running

    return run_fast(play())


def describe_progress(load: Load, run: str) -> dict[str, Any]:
    """How far a load is; run: what its Message-IDs begin with."""
    tally = load.tally
    return {
        "run": run,
        "started": load.started,
        "mails": tally.finished,
        "accepted": tally.accepted,
        "seconds": round(load.elapsed(), 2),
        "paused": load.is_paused,
        "refusals": tally.list_refusals(),
        "connections": tally.count_connections(),
        "greetings": tally.list_greetings(),
    }


def run_watched(load: Load, shown: bool) -> Tally:
    """Run a load to its end with the line on stderr (if ``shown``). Ctrl-C ends it early and keeps the figures."""
    with _line_drawn(load.tally, shown) as update:
        return run_fast(_run(load, update))


async def _run(load: Load, update: Any) -> Tally:
    async def refresh() -> None:
        while True:
            await asyncio.sleep(REFRESH)
            update()

    refreshing = asyncio.get_running_loop().create_task(refresh())
    running = asyncio.get_running_loop().create_task(load.run())
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:  # Ctrl-C: what is in flight is still answered; a second one ends it at once
        load.stop()
        return await running
    finally:
        refreshing.cancel()


@contextmanager
def _line_drawn(tally: Tally, shown: bool) -> Iterator[Any]:
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.status import Status

    line = Line(tally)
    with Status("connecting …", console=Console(stderr=True)) as status:
        yield lambda: status.update(line.describe())


def print_summary(data: dict[str, Any]) -> None:
    """The summary as a table."""
    table = Table(show_header=False, box=None)
    for name, value in data.items():
        if name == "refusals":
            for refusal in value:
                said = f"{refusal['code']} {refusal['enhanced_status']} {refusal['text']}"
                table.add_row("", f"{refusal['count']:,} at {refusal['stage']}: {said}")
        elif value:
            members = value.items() if isinstance(value, dict) else [("", value)]
            table.add_row(name, ", ".join(f"{key} {write_figure(one)}".strip() for key, one in members))
    Console().print(table)


def write_figure(value: Any) -> str:
    """A number with its thousands apart, a text as it is."""
    return value if isinstance(value, str) else f"{value:,}"
