"""What follows the 250: webhook posts and bounces a second, done by cmcdesk's worker while nothing else comes in."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.acceptance.api import Api
from simulator.bench.load import send_all
from simulator.bench.options import Cell, Options
from simulator.bench.receivers import RETURN_ADDRESS, BenchFailed, Receiver, open_ours
from simulator.bench.running import Bench
from simulator.processes import read_cpu
from simulator.sink.sink import Sink

LOAD = Cell(2_000, 20)  # only its sessions count: forms and bounces have sizes of their own
# Mails for each second of a run: about what the slower machines of today do, so that a run takes about its time.
WEBHOOKS_A_SECOND = 500
BOUNCES_A_SECOND = 1000
LOOK_SECONDS = 0.01
GIVE_UP = 20  # times the seconds of a run, and START_UP beside
START_UP = 10.0


@dataclass(frozen=True)
class Followed:
    """``count`` mails, each with all that follows it: done a second, from the first octet sent to the last one done;
    the worker's CPU in µs a mail, None where it cannot be seen."""

    name: str
    count: int
    rate: float
    cpu: float | None


def measure_webhooks(options: Options, bench: Bench) -> Followed:
    """Form mails, each of which makes one post to the simulator's sink. Raises BenchFailed."""
    mails = max(1, int(options.seconds * WEBHOOKS_A_SECOND))
    with Sink() as sink, bench.opened(open_ours(with_dispatch=True, endpoint=f"{sink.url}/"), "webhooks") as receiver:
        bench.tell(f"webhooks: {mails} form mails")
        work = _Work("webhook posts", {"mail": "form"}, sink.inbox.newest)
        return _follow(receiver, work, mails, options)


def measure_bounces(options: Options, bench: Bench) -> Followed:
    """Bounces of one kind, which the worker reads into the list of bounces. Raises BenchFailed."""
    mails = max(1, int(options.seconds * BOUNCES_A_SECOND))
    with bench.opened(open_ours(), "bounces") as receiver:
        api = Api(receiver.url, receiver.token)
        try:
            bench.tell(f"bounces: {mails} bounces")
            traffic = {"mail": "bounce", "to": (RETURN_ADDRESS,), "sender": None}
            work = _Work("bounces read", traffic, lambda: int(api.do("GET", "telemetry")["worker"].get("bounces", 0)))
            return _follow(receiver, work, mails, options)
        finally:
            api.close()


@dataclass(frozen=True)
class _Work:
    """What is sent, and how many of it are done."""

    name: str
    traffic: Mapping[str, Any]
    count_done: Callable[[], int]


def _follow(receiver: Receiver, work: _Work, mails: int, options: Options) -> Followed:
    worker, receiver.worker = receiver.worker, None  # it goes on after the load: nobody else's turn comes
    watched = [] if worker is None else [worker]
    before, begun = read_cpu(watched), time.monotonic()
    send_all(receiver, LOAD, mails, size=None, **work.traffic)
    seconds = _wait_until_done(work, mails, begun, START_UP + GIVE_UP * options.seconds)
    after = read_cpu(watched)
    cpu = None if before is None or after is None else (after - before) / mails * 1e6
    return Followed(work.name, mails, mails / seconds, cpu)


def _wait_until_done(work: _Work, mails: int, begun: float, most: float) -> float:
    while (done := work.count_done()) < mails:
        if time.monotonic() > begun + most:
            raise BenchFailed(f"{work.name}: {done} of {mails} after {most:g} s")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - begun
