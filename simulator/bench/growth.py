"""What lists and searches take as more and more mails are stored: through the API, as any program would ask."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from simulator.acceptance.api import Api
from simulator.bench.load import send_all
from simulator.bench.options import Cell, Options
from simulator.bench.receivers import BenchFailed, Receiver, open_ours
from simulator.bench.running import Bench
from simulator.load.tally import pick_percentile
from simulator.processes import find_family, read_resident

SIZE = 700  # octets of a mail
SESSIONS = 50
CALLS = 50
NEEDLE = "needle-7f3a"  # in the oldest mail and in no other
INDEXED_A_SECOND = 200  # at the least, or the bench gives up
START_UP = 10.0  # seconds
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Call:
    """One question, asked again and again: milliseconds."""

    name: str
    p50: float
    p99: float


@dataclass(frozen=True)
class Stage:
    """So many mails are stored. indexing: seconds from the last 250 until all are in the search index; memory: MB that
    console, mail server and worker have resident, None where it cannot be seen."""

    mails: int
    indexing: float
    calls: list[Call]
    memory: float | None


def measure_growth(options: Options, bench: Bench) -> list[Stage]:
    """One cmcdesk, asked at each number of mails. Raises BenchFailed."""
    stages = []
    with bench.opened(open_ours(), "growth") as receiver:
        receiver.worker = None  # it goes on after the load: nobody else's turn comes
        api = Api(receiver.url, receiver.token)
        try:
            send_all(receiver, Cell(SIZE, 1), 1, mail="form", subject=NEEDLE, size=None)
            for mails in sorted(options.stored):
                bench.tell(f"growth: storing {mails} mails")
                send_all(receiver, Cell(SIZE, SESSIONS), mails - receiver.acknowledged)
                bench.tell(f"growth: indexing {mails} mails")
                indexing = _wait_until_indexed(api, mails)
                bench.tell(f"growth: asking with {mails} mails")
                memory = read_resident(find_family(receiver.beside))
                stages.append(Stage(mails, indexing, _ask_all(api, receiver, mails), memory))
        finally:
            api.close()
    return stages


def _wait_until_indexed(api: Api, mails: int) -> float:
    begun, newest = time.monotonic(), api.newest("mails")
    while (indexed := api.do("GET", "telemetry")["worker"].get("indexed", 0)) < newest:
        if time.monotonic() > begun + START_UP + mails / INDEXED_A_SECOND:
            raise BenchFailed(f"only {indexed} of {mails} mails are in the search index")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def _ask_all(api: Api, receiver: Receiver, mails: int) -> list[Call]:
    with requests.Session() as session:
        session.trust_env = False
        session.get(receiver.url, timeout=30).raise_for_status()  # the launch token makes it a browser's session
        page = receiver.url.partition("?")[0].rstrip("/") + "/mails"
        questions: dict[str, Callable[[], object]] = {
            "newest 50": lambda: api.do("GET", "mails", limit=50),
            "50 from the middle": lambda: api.do("GET", "mails", limit=50, before=mails // 2),
            "a word of one mail": lambda: api.do("GET", "mails", limit=50, search=NEEDLE),
            "a word of all mails": lambda: api.do("GET", "mails", limit=50, search="customer"),
            "the page /mails": lambda: session.get(page, timeout=30).raise_for_status(),
        }
        return [_ask(name, question) for name, question in questions.items()]


def _ask(name: str, question: Callable[[], object]) -> Call:
    taken = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        question()
        taken.append((time.perf_counter() - begun) * 1000)
    return Call(name, pick_percentile(sorted(taken), 0.5), pick_percentile(sorted(taken), 0.99))
