"""`cmcsim bench` at the terminal: the parts one after the other, progress on stderr, then report and files."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import click
import requests

from simulator.acceptance.api import ApiFailed
from simulator.bench.behind import measure_bounces, measure_webhooks
from simulator.bench.chart import write_chart
from simulator.bench.fsyncs import measure_fsyncs
from simulator.bench.growth import measure_growth
from simulator.bench.latency import measure_latency, measure_spacing
from simulator.bench.machine import describe_machine
from simulator.bench.matrix import measure_rates
from simulator.bench.options import Options
from simulator.bench.outbound import measure_outbound
from simulator.bench.postfix import find_postfix_fault
from simulator.bench.receivers import BenchFailed, Kind, find_program, list_kinds
from simulator.bench.report import write_report
from simulator.bench.result import Result, make_data
from simulator.bench.running import Bench
from simulator.bench.startup import measure_startup
from simulator.load.client import RemoteTarget
from simulator.processes import ended_in_order


def run_bench(options: Options, json_file: str | None, svg_file: str | None) -> int:
    """Measure, print, write the files asked for; 1 if a load broke off or the stored mails are not the acknowledged."""
    for path in (json_file, svg_file):
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)  # not after minutes of measuring
    result = Result(describe_machine(time.strftime("%Y-%m-%d %H:%M:%S %z")), options, list_missing(options))
    try:
        with ended_in_order():
            measure_parts(list_kinds(options), options, result)
    except (RemoteTarget, OSError) as fault:
        raise click.UsageError(str(fault)) from fault
    except (BenchFailed, ApiFailed, requests.RequestException) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(write_report(result))
    if json_file:
        Path(json_file).write_text(json.dumps(make_data(result), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if svg_file:
        Path(svg_file).write_text(write_chart(result), "utf-8")
    return 1 if result.list_faults() else 0


def measure_parts(kinds: Sequence[Kind], options: Options, result: Result) -> None:
    """Fill in the result, part by part. Raises BenchFailed, ApiFailed."""
    bench = Bench(lambda words: click.echo(words, err=True))
    result.stored = bench.stored
    if "rate" in options.parts:
        result.rate = measure_rates(kinds, options, bench)
    if "latency" in options.parts:
        result.latency = measure_latency(kinds, options, bench)
    if "spacing" in options.parts:
        result.spacing = measure_spacing(options, bench)
    if "startup" in options.parts:
        result.startup = measure_startup(options, bench)
    if "fsyncs" in options.parts:
        result.fsyncs = measure_fsyncs(kinds, options, bench)
    if "webhooks" in options.parts:
        result.behind.append(measure_webhooks(options, bench))
    if "bounces" in options.parts:
        result.behind.append(measure_bounces(options, bench))
    if "outbound" in options.parts and find_program("smtp-sink"):
        result.outbound = measure_outbound(options, bench)
    if "growth" in options.parts:
        result.growth = measure_growth(options, bench)


def list_missing(options: Options) -> list[str]:
    """What is not installed, and what is done without it."""
    found = []
    if not find_program("smtp-source"):
        found.append("smtp-source: the load comes from cmcsim itself (Debian and Ubuntu: apt-get install postfix)")
    if "smtp-sink" in options.beside and not find_program("smtp-sink"):
        found.append("smtp-sink: cmcdesk is not set beside it (Debian and Ubuntu: apt-get install postfix)")
    if "fsyncs" in options.parts and not find_program("strace"):
        found.append("strace: fsyncs are not counted (Debian and Ubuntu: apt-get install strace)")
    if "outbound" in options.parts and (fault := find_postfix_fault()):
        found.append(f"Postfix: the outbound queue is not set beside it: {fault}")
    return found
