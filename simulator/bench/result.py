"""All that one bench found, and the JSON file of it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.bench.behind import Followed
from simulator.bench.fsyncs import Syncs
from simulator.bench.growth import Stage
from simulator.bench.latency import Latency, LatencyResult, SpacingResult
from simulator.bench.machine import Machine
from simulator.bench.matrix import CellResult, Runs
from simulator.bench.options import Cell, Options
from simulator.bench.outbound import OutboundResult
from simulator.bench.running import Spread, Stored, spread
from simulator.bench.startup import StartupResult


@dataclass
class Result:
    """Parts that were not asked for are None; ``without`` names what was not there, and what that means."""

    machine: Machine
    options: Options
    without: list[str] = field(default_factory=list)
    rate: list[CellResult] | None = None
    latency: LatencyResult | None = None
    spacing: SpacingResult | None = None
    startup: StartupResult | None = None
    fsyncs: list[Syncs] | None = None
    behind: list[Followed] = field(default_factory=list)
    outbound: OutboundResult | None = None
    growth: list[Stage] | None = None
    stored: list[Stored] = field(default_factory=list)

    def list_faults(self) -> list[str]:
        """What makes the bench fail: loads that broke off, and mails acknowledged but not stored, or the reverse."""
        runs = [(f"rate: {one.cell}", run) for one in self.rate or [] for run in one.runs]
        faults = [f"{part}: {run.fault}" for part, run in runs if run.fault]
        faults += [
            f"latency: {latency.fault}" for latency in (self.latency.latencies if self.latency else []) if latency.fault
        ]
        for one in self.stored:
            if one.acknowledged is not None and not one.is_good:
                faults.append(f"{one.part}: {one.acknowledged} mails acknowledged, {one.stored} stored")
        return faults


def make_data(result: Result) -> dict[str, Any]:
    """The JSON object. Spreads are {"median", "least", "most"}; units are in the names of the keys."""
    return {
        "machine": asdict(result.machine),
        "options": asdict(result.options),
        "without": result.without,
        "rate": None if result.rate is None else [_cell_data(one) for one in result.rate],
        "latency": None if result.latency is None else _latency_data(result.latency),
        "spacing": None if result.spacing is None else asdict(result.spacing),
        "startup": None if result.startup is None else _startup_data(result.startup),
        "fsyncs": None if result.fsyncs is None else [_syncs_data(fsync) for fsync in result.fsyncs],
        "behind": [_followed_data(one) for one in result.behind],
        "outbound": None if result.outbound is None else _outbound_data(result.outbound),
        "growth": None if result.growth is None else [_stage_data(one) for one in result.growth],
        "stored": [asdict(one) for one in result.stored],
        "faults": result.list_faults(),
    }


def _describe_cell(cell: Cell) -> dict[str, Any]:
    return {"size": cell.size, "sessions": cell.sessions, "connections": "kept" if cell.is_kept else "new"}


def _spread_data(found: Spread | None) -> dict[str, float] | None:
    return None if found is None else asdict(found)


def _cell_data(result: CellResult) -> dict[str, Any]:
    receivers = [_runs_data(result, runs) for runs in result.runs]
    cell = _describe_cell(result.cell)
    return cell | {"program": result.program, "skipped": result.skipped or None, "receivers": receivers}


def _runs_data(result: CellResult, runs: Runs) -> dict[str, Any]:
    rate = runs.rate()
    return {
        "name": runs.name,
        "mails_per_second": _spread_data(rate),
        "mails_per_second_by_round": runs.rates,
        "megabytes_per_second": None if rate is None else rate.median * result.cell.size / 1e6,
        "cpu_us_per_mail": _spread_data(spread(runs.cpu)),
        "cpu_us_per_mail_beside": _spread_data(spread(runs.cpu_beside)),
        "peak_mb": max((peak for peak in runs.peaks if peak is not None), default=None),
        "cmcdesk_to_it": _spread_data(result.ratio(runs)),
        "refused": runs.refused,
        "refusal": runs.refusal or None,
        "fault": runs.fault or None,
    }


def _latency_data(result: LatencyResult) -> dict[str, Any]:
    return _describe_cell(result.cell) | {"receivers": [_one_latency(result, latency) for latency in result.latencies]}


def _one_latency(result: LatencyResult, latency: Latency) -> dict[str, Any]:
    return {
        "name": latency.name,
        "p50_ms": _spread_data(spread(latency.p50)),
        "p99_ms": _spread_data(spread(latency.p99)),
        "mails_per_second": _spread_data(spread(latency.rates)),
        "its_p99_to_cmcdesk": _spread_data(result.ratio(latency)),
        "fault": latency.fault or None,
    }


def _startup_data(result: StartupResult) -> dict[str, Any]:
    starts = {"fresh": result.fresh, "again": result.again}
    data: dict[str, Any] = {
        name: {"first_220_s": _spread_data(spread(one.greeting)), "first_page_s": _spread_data(spread(one.page))}
        for name, one in starts.items()
    }
    idle = [{"name": one.name, "cpu_percent": one.cpu, "resident_mb": one.memory} for one in result.idle]
    return data | {"idle": idle}


def _syncs_data(syncs: Syncs) -> dict[str, Any]:
    return {"name": syncs.name} | _describe_cell(syncs.cell) | {"a_mail": syncs.a_mail, "fault": syncs.fault or None}


def _followed_data(followed: Followed) -> dict[str, Any]:
    return {
        "name": followed.name,
        "mails": followed.count,
        "mails_per_second": followed.rate,
        "worker_cpu_us_per_mail": followed.cpu,
    }


def _stage_data(stage: Stage) -> dict[str, Any]:
    calls = [{"name": call.name, "p50_ms": call.p50, "p99_ms": call.p99} for call in stage.calls]
    return {"mails": stage.mails, "indexing_s": stage.indexing, "resident_mb": stage.memory, "calls": calls}


def _outbound_data(found: OutboundResult) -> dict[str, Any]:
    runs = [
        {
            "name": one.name,
            "mails_per_second": _spread_data(one.rate()),
            "mails_per_second_by_round": one.rates,
            "cmcdesk_to_it": _spread_data(found.ratio(one)),
            "fault": one.fault or None,
        }
        for one in found.runs
    ]
    return {"mails": found.mails, "runs": runs}
