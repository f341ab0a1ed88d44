"""The console's pages while the receiver is saturated: p50 and p95 of each, idle and under load; and what they cost it.

  .venv/bin/python packaging/dev/bench_pages.py [--mails 5000] [--seconds 10] [--rounds 2] [--sessions 100] [--size N]

A real `cmcdesk serve --without-interval` with that many mails. Idle and load take turns (idle, load, idle, load …), so
that a machine that others use as well is the same to both; only ratios mean something. The list page must answer at p95
within 3 times its idle time. Then what reading pages costs the receiver: its rate with a reader and without, in pairs.
Load: Postfix's smtp-source where it is installed, else `cmcsim load`.
"""

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cmcdesk.processes import paths
from cmcdesk.store.maillog.log import MailLog

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = 100
interval_ms = 10
size_kb = 20480
inbound_domains = ["example.com"]
[[composition.inbound_webhook]]
name = "form"
endpoint = "http://127.0.0.1:9/"
[[composition.inbound_webhook.condition]]
header = "To"
pattern = 'example\\.com'
"""
PAUSE_SECONDS = 0.05  # between two pages of the one who looks
ALLOWED_RATIO = 3.0
ALLOWED_COST = 0.10  # of the receiver's rate, for one page a second
READERS = (1.0, 0.0)  # pause between two pages: a page a second, and as fast as they come
PAGES = {
    "GET /mails": "/mails",
    "GET /mails, its rows alone": "/mails",
    "GET /mails, a search": "/mails?search=client.example",
    "GET /api/v1/mails": "/api/v1/mails",
    "GET /monitor": "/monitor",
}
TICK = "/monitor's tick, from its making to the page"

Times = defaultdict[str, list[float]]  # milliseconds


@dataclass
class Console:
    """One running cmcdesk as a person with a browser has it. receiver: "host:port"."""

    url: str
    receiver: str
    mail_db: Path
    headers: dict[str, str] = field(default_factory=dict)

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept, as a browser's is."""
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)

    def sign_in(self) -> None:
        """Take the session's cookie, and the API's token."""
        token = parse_qs(urlsplit(self.url).query)["token"][0]
        connection = self.connect()
        connection.request("GET", f"/?token={token}")
        cookie = (connection.getresponse().getheader("Set-Cookie") or "").partition(";")[0]
        self.headers = {"Cookie": cookie, "Authorization": f"Bearer {token}", "Accept-Language": "ja"}
        connection.close()

    def count_mails(self) -> int:
        """Mails stored so far."""
        with MailLog(self.mail_db) as log:
            return log.newest_mail()


def look_once(connection: http.client.HTTPConnection, console: Console, name: str) -> float:
    """Milliseconds from the request to the last octet of the answer."""
    rows_alone = {"HX-Request": "true"} if "rows alone" in name else {}
    began = time.perf_counter()
    connection.request("GET", PAGES[name], headers=console.headers | rows_alone)
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, (name, answer.status)
    return took


def look_around(console: Console, seconds: float, times: Times) -> None:
    """All pages in turn, for so long."""
    connection = console.connect()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for name in PAGES:
            times[name].append(look_once(connection, console, name))
            time.sleep(PAUSE_SECONDS)
    connection.close()


def follow_ticks(console: Console, stopping: threading.Event, lags: "list[tuple[float, float]]") -> None:
    """(when, milliseconds since the mail server made it) of every telemetry event that the monitor's stream brings."""
    connection = console.connect()
    connection.request("GET", "/stream?telemetry=1", headers=console.headers)
    answer = connection.getresponse()
    made_before = 0.0
    while not stopping.is_set():
        line = answer.readline()
        if not line.startswith(b"data: {"):
            continue
        made = json.loads(line[6:]).get("mail_server", {}).get("at", 0.0)
        if made > made_before:
            lags.append((time.monotonic(), (time.time() - made) * 1000))
            made_before = made
    connection.close()


@contextmanager
def run_cmcdesk(folder: Path, *switches: str, settings: str = SETTINGS) -> Iterator[Console]:
    """A cmcdesk with the interval switched off, until the end of the block. settings: "" leaves those of the folder."""
    (folder / "settings.toml").write_text(settings)
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "cmcdesk", "serve", "--data-dir", str(folder), "--port", "0", *switches]
    command += ["--receiver-port", "0", "--relay-port", "0"]
    command += ["--ready-file", str(ready), *(["--settings", str(folder / "settings.toml")] if settings else [])]
    running = subprocess.Popen([*command, "--without-interval"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not ready.exists():
            if running.poll() is not None:
                sys.exit("cmcdesk did not start")
            time.sleep(0.05)
        told = json.loads(ready.read_text())
        console = Console(told["url"], told["compositions"][0]["receiving"], paths.mail_db(folder))
        console.sign_in()
        yield console
    finally:
        running.terminate()
        running.wait(20)


def write_load(console: Console, options: argparse.Namespace, count: int) -> list[str]:
    """The command that sends so many mails as fast as they are taken."""
    if shutil.which("smtp-source"):
        command = ["smtp-source", "-d", "-s", str(options.sessions), "-m", str(count), "-l", str(options.size)]
        return [*command, "-f", "a@client.example", "-t", "b@example.com", console.receiver]
    command = [
        sys.executable,
        "-m",
        "simulator.cli",
        "load",
        "--count",
        str(count),
        "--sessions",
        str(options.sessions),
    ]
    return [*command, "--size", str(options.size), "--to", "b@example.com", "--target", console.receiver]


@contextmanager
def saturate(console: Console, options: argparse.Namespace) -> Iterator[None]:
    """As many mails as the receiver takes, over all sessions, until the end of the block."""
    command = write_load(console, options, 100_000_000)
    loading = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)  # all sessions are open by then
        yield
    finally:
        loading.kill()
        loading.wait(20)
        time.sleep(1.0)  # what was in flight is stored, and the next phase begins in peace


def measure_rate(console: Console, seconds: float) -> float:
    """Mails a second that are stored while nothing else is done here."""
    before, began = console.count_mails(), time.monotonic()
    time.sleep(seconds)
    return (console.count_mails() - before) / (time.monotonic() - began)


def measure_pages(console: Console, options: argparse.Namespace) -> tuple[Times, Times]:
    """Times of all pages: idle, and under load."""
    found = {"idle": Times(list), "load": Times(list)}
    stopping, lags = threading.Event(), list[tuple[float, float]]()
    following = threading.Thread(target=follow_ticks, args=(console, stopping, lags), daemon=True)
    following.start()
    for number in range(options.rounds * 2):
        which = ("idle", "load")[number % 2]
        began, before = time.monotonic(), console.count_mails()
        if which == "load":
            with saturate(console, options):
                look_around(console, options.seconds, found[which])
        else:
            look_around(console, options.seconds, found[which])
        ended = time.monotonic()
        found[which][TICK] += [lag for at, lag in lags if began <= at <= ended]
        print(f"{which}: {(console.count_mails() - before) / (ended - began):.0f} mails/s", flush=True)
    stopping.set()
    following.join(5)
    return found["idle"], found["load"]


def print_pages(idle: Times, loaded: Times) -> bool:
    """The table; whether the list page keeps what is asked of it."""
    print("| what | idle p50 ms | idle p95 | load p50 | load p95 | p95 load / idle |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in (*PAGES, TICK):
        p50, p95 = zip(*(take_centiles(times[name]) for times in (idle, loaded)), strict=True)
        print(f"| {name} | {p50[0]:.1f} | {p95[0]:.1f} | {p50[1]:.1f} | {p95[1]:.1f} | {p95[1] / p95[0]:.1f} |")
    ratio = take_centiles(loaded["GET /mails"])[1] / take_centiles(idle["GET /mails"])[1]
    return ratio <= ALLOWED_RATIO


def take_centiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def measure_cost(console: Console, options: argparse.Namespace) -> bool:
    """The receiver's rate with a reader beside that without, in pairs of turns; whether one page a second costs no more
    than is allowed."""
    costs = defaultdict[float, list[float]](list)
    with saturate(console, options):
        for number in range(options.pairs * 2):
            pause = READERS[number % 2]
            turns = [(None, pause), (pause, None)][number // 2 % 2]  # who comes first takes turns too
            rates = {each: measure_rate_beside(console, each, options.seconds / 4) for each in turns}
            costs[pause].append(1 - rates[pause] / rates[None])
    for pause, found in costs.items():
        told = f"{statistics.median(found):.1%} ({min(found):.1%} to {max(found):.1%})"
        print(f"a page each {pause:g} s costs the receiver {told}, {len(found)} pairs")
    return statistics.median(costs[READERS[0]]) <= ALLOWED_COST


def measure_rate_beside(console: Console, pause: float | None, seconds: float) -> float:
    """Mails a second while another process reads pages."""
    with reading(console, pause):
        return measure_rate(console, seconds)


@contextmanager
def reading(console: Console, pause: float | None) -> Iterator[None]:
    """Another process reads the list page all the while, with this pause between two (seconds); None: nobody does."""
    if pause is None:
        yield
        return
    reader = os.fork()
    if reader == 0:
        connection = console.connect()
        while True:
            look_once(connection, console, "GET /mails")
            time.sleep(pause)
    try:
        yield
    finally:
        os.kill(reader, 9)
        os.waitpid(reader, 0)


def main() -> int:
    """Fill, measure, print; 1 if what is asked is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=4, help="of turns, for the cost of a page")
    parser.add_argument("--without-cost", action="store_true", help="measure the pages alone")
    parser.add_argument("--with-dispatch", action="store_true", help="a delivery each mail, to an endpoint that is not")
    options = parser.parse_args()
    switches = [] if options.with_dispatch else ["--without-dispatch"]
    with tempfile.TemporaryDirectory(prefix="cmcdesk-bench-") as name, run_cmcdesk(Path(name), *switches) as console:
        subprocess.run(write_load(console, options, options.mails), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}", flush=True)
        is_kept = print_pages(*measure_pages(console, options))
        is_cheap = options.without_cost or measure_cost(console, options)
    return 0 if is_kept and is_cheap else 1


if __name__ == "__main__":
    sys.exit(main())
