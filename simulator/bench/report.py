"""The figures as text: a head line with what they were taken with, then a table for each part."""

from collections.abc import Iterator

from simulator.bench.behind import Followed
from simulator.bench.fsyncs import Syncs
from simulator.bench.growth import Stage
from simulator.bench.latency import LatencyResult, SpacingResult, describe_latency
from simulator.bench.machine import Machine
from simulator.bench.matrix import CellResult, Runs
from simulator.bench.options import OURS, Options
from simulator.bench.outbound import OutboundResult
from simulator.bench.result import Result
from simulator.bench.running import Spread, spread
from simulator.bench.startup import Start, StartupResult

UNKNOWN = "-"


def write_report(result: Result) -> str:
    """All of it; ends with what was stored, and the faults if there are any."""
    parts = [list(_write_head(result))]
    parts += [list(_write_cell(one)) for one in result.rate or []]
    if result.latency:
        parts.append(list(_write_latency(result.latency)))
    if result.spacing:
        parts.append(list(_write_spacing(result.spacing)))
    if result.startup:
        parts.append(list(_write_startup(result.startup)))
    if result.fsyncs:
        parts.append(list(_write_fsyncs(result.fsyncs)))
    if result.behind:
        parts.append(list(_write_behind(result.behind)))
    if result.outbound:
        parts.append(list(_write_outbound(result.outbound)))
    if result.growth:
        parts.append(list(_write_growth(result.growth)))
    parts.append(list(_write_end(result)))
    return "\n\n".join("\n".join(lines) for lines in parts)


def describe_setting(options: Options) -> str:
    """What cmcdesk was measured with."""
    dispatch = "webhooks called (nobody listens there)" if options.with_dispatch else "no webhook called"
    return f"cmcdesk: cap of 100 sessions, every gate, ten header conditions of which one matches each mail; {dispatch}"


def describe_system(machine: Machine) -> str:
    """One line on the hardware and the programs."""
    memory = f", {machine.memory_gb:.0f} GB" if machine.memory_gb else ""
    load = "" if machine.load_average is None else f"; load average before: {machine.load_average:.2f}"
    return f"{machine.processor}, {machine.cores} cores{memory}; {machine.system}{load}"


def describe_programs(machine: Machine) -> str:
    """One line on Python, SQLite and the load."""
    return f"{machine.python}; SQLite {machine.sqlite}; load: {machine.load_program}"


def _write_head(result: Result) -> Iterator[str]:
    yield f"{result.machine.at}  {result.machine.command}"
    yield describe_system(result.machine)
    yield describe_programs(result.machine)
    options = result.options
    started = "; for each run of a rate the receiver is started anew" if options.anew else ""
    yield f"{options.rounds} rounds, receivers in turn, {options.seconds:g} s a run{started}"
    yield describe_setting(options)
    yield from (f"without {one}" for one in result.without)


def _write_cell(result: CellResult) -> Iterator[str]:
    yield f"rate: {result.cell} (load: {result.program})"
    if result.skipped:
        yield f"  not run: {result.skipped}"
        return
    heads = ("mails/s", "MB/s", "CPU us/mail", "peak MB")
    yield f"  {'receiver':18}" + "".join(f"{head:>12}" for head in heads) + "   cmcdesk / it: median (min-max)"
    for runs in result.runs:
        yield f"  {runs.name:18}" + _write_runs(result, runs)
    ours = next(runs for runs in result.runs if runs.name == OURS)
    beside = spread(ours.cpu_beside)
    if beside:
        yield f"  beside the mail server, cmcdesk's console and worker used {beside.median:.0f} us of CPU a mail"
    for runs in result.runs:
        if runs.refused:
            yield f"  {runs.name} refused {runs.refused} mails, which count as none: {runs.refusal}"


def _write_runs(result: CellResult, runs: Runs) -> str:
    rate = runs.rate()
    if runs.fault or rate is None:
        return f"  {runs.fault}"
    cpu = spread(runs.cpu)
    peak = max((peak for peak in runs.peaks if peak is not None), default=None)
    words = [
        _write_number(rate.median),
        _write_number(rate.median * result.cell.size / 1e6),
        UNKNOWN if cpu is None else f"{cpu.median:.0f}",
        UNKNOWN if peak is None else f"{peak:.0f}",
    ]
    return "".join(f"{word:>12}" for word in words) + f"   {write_ratio(result.ratio(runs))}"


def write_ratio(ratio: Spread | None) -> str:
    """5.23 (4.90-5.41)"""
    return UNKNOWN if ratio is None else f"{ratio.median:.2f} ({ratio.least:.2f}-{ratio.most:.2f})"


def _write_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _write_spread(found: Spread | None, digits: int = 1) -> str:
    if found is None:
        return UNKNOWN
    return f"{found.median:.{digits}f} ({found.least:.{digits}f}-{found.most:.{digits}f})"


def _write_latency(result: LatencyResult) -> Iterator[str]:
    yield f"latency: {result.cell}, as fast as they are taken (load: cmcsim): last octet to 250"
    yield f"  {'receiver':18}{'p50 ms':>22}{'p99 ms':>22}{'mails/s':>10}   its p99 / cmcdesk's"
    for latency in result.latencies:
        p50, p99, rate = describe_latency(latency)
        if latency.fault or rate is None:
            yield f"  {latency.name:18}  {latency.fault}"
        else:
            figures = f"{_write_spread(p50):>22}{_write_spread(p99):>22}{rate.median:>10,.0f}"
            yield f"  {latency.name:18}{figures}   {write_ratio(result.ratio(latency))}"


def _write_spacing(result: SpacingResult) -> Iterator[str]:
    yield "spacing: milliseconds between two 250s of a session, as the clients see it (load: cmcsim)"
    heads = ("sessions", "gaps", "mean", "off", "min", "p99")
    yield f"  {'interval':>8}" + "".join(f"{head:>10}" for head in heads)
    for gap in result.gaps:
        words = [f"{gap.sessions}", f"{gap.count}", f"{gap.mean:.2f}", f"{gap.off:+.1f}%"]
        words += [f"{gap.least:.2f}", f"{gap.p99:.2f}"]
        yield f"  {gap.interval_ms:>8}" + "".join(f"{word:>10}" for word in words)
    pace = result.pace
    if pace:
        reached = f"{pace.rate:,.0f} mails/s, {pace.rate / pace.ceiling:.1%} of the ceiling of {pace.ceiling:,.0f}"
        yield f"  {pace.sessions} sessions at {pace.interval_ms} ms (load: {pace.program}): {reached}"


def _write_startup(result: StartupResult) -> Iterator[str]:
    yield "startup: seconds from the start of the program, median (min-max)"
    yield f"  {'data folder':18}{'first 220':>22}{'first page':>22}"
    yield _write_start("empty", result.fresh)
    yield _write_start("used before", result.again)
    yield f"  {'idle process':18}{'CPU % of a core':>22}{'resident MB':>22}"
    for one in result.idle:
        cpu = UNKNOWN if one.cpu is None else f"{one.cpu:.2f}"
        memory = UNKNOWN if one.memory is None else f"{one.memory:.0f}"
        yield f"  {one.name:18}{cpu:>22}{memory:>22}"


def _write_start(name: str, start: Start) -> str:
    return f"  {name:18}{_write_spread(spread(start.greeting), 2):>22}{_write_spread(spread(start.page), 2):>22}"


def _write_fsyncs(found: list[Syncs]) -> Iterator[str]:
    yield "fsyncs: fsync and fdatasync calls a mail, counted by strace in short, slower runs of their own"
    for cell in dict.fromkeys(one.cell for one in found):
        yield f"  {cell}"
        for one in (one for one in found if one.cell == cell):
            told = f"not counted: {one.fault}" if one.a_mail is None else f"{one.a_mail:.4f}"
            yield f"    {one.name:18}{told}"


def _write_behind(found: list[Followed]) -> Iterator[str]:
    yield "behind the 250: what the worker does a second, nothing else coming in (load: cmcsim)"
    for one in found:
        cpu = UNKNOWN if one.cpu is None else f"{one.cpu:,.0f} us of the worker's CPU each"
        yield f"  {one.name:18}{one.rate:>10,.0f}/s   {cpu}; {one.count:,} mails"


def _write_outbound(found: OutboundResult) -> Iterator[str]:
    yield f"outbound: mails a second until smtp-sink has the last of {found.mails:,} (2 KB, 20 sessions)"
    for one in found.runs:
        rate, ratio = one.rate(), None if one is found.runs[0] else found.ratio(one)
        told = one.fault or (UNKNOWN if rate is None else f"{rate.median:,.0f}/s")
        beside = f"   cmcdesk / it {ratio.median:.2f} ({ratio.least:.2f}-{ratio.most:.2f})" if ratio else ""
        yield f"  {one.name:18}{told:>12}{beside}"


def _write_growth(stages: list[Stage]) -> Iterator[str]:
    yield "growth: milliseconds that a question takes as more mails are stored, p50 (p99)"
    yield f"  {'mails stored':22}" + "".join(f"{stage.mails:>18,}" for stage in stages)
    for number, call in enumerate(stages[0].calls):
        asked = [stage.calls[number] for stage in stages]
        yield f"  {call.name:22}" + "".join(f"{f'{one.p50:.1f} ({one.p99:.1f})':>18}" for one in asked)
    yield f"  {'s until searchable':22}" + "".join(f"{stage.indexing:>18.1f}" for stage in stages)
    memory = [UNKNOWN if stage.memory is None else f"{stage.memory:.0f}" for stage in stages]
    yield f"  {'MB of its processes':22}" + "".join(f"{one:>18}" for one in memory)


def _write_end(result: Result) -> Iterator[str]:
    known = [one for one in result.stored if one.acknowledged is not None]
    acknowledged, stored = sum(one.acknowledged or 0 for one in known), sum(one.stored for one in known)
    yield f"cmcdesk in {len(known)} runs of the program: {acknowledged} mails acknowledged, {stored} stored"
    for one in result.stored:
        if one.acknowledged is None:
            yield f"{one.part}: {one.stored} stored; the load broke off, so nobody knows how many were acknowledged"
    yield from (f"FAULT {fault}" for fault in result.list_faults())
