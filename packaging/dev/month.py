"""A month of simulated traffic, and whether everything that tells of it tells the same, to the mail.

  .venv/bin/python packaging/dev/month.py [--mails 10000] [--days 30] [--seed 1]

So many mails of two API users, at random times of so many days up to now, go out by the real queue and real SMTP to 20
destinations of a simulated world; only the clock is fast. Some addresses do not exist, some boxes are full, for good or
for now, some servers are busy or not there. Then a real `cmcdesk serve` is asked: the graphs, statistics and logs of
the delivery report, deliveries/list, statistics/list, bounces/list, and what the event webhook got; all must agree with
each other, by day and by status, and with the rows of the queue. Ends with 1 if something differs.
"""

import argparse
import csv
import http.client
import io
import json
import random
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import bench_pages
from bench_pages import Console, run_cmcdesk
from month_traffic import Traffic

from cmcdesk.processes import paths
from cmcdesk.store.desk.api_users import create_api_user
from cmcdesk.store.desk.database import open_desk, transaction

TOKYO = ZoneInfo("Asia/Tokyo")
STATUSES = ("queued", "succeeded", "failed", "deferred")
EVENTS = """
[composition.event_webhook]
endpoint = "http://127.0.0.1:{port}/"
deliveries = true
bounces = true
format = "json"
[composition.advanced]
resend_period_min = 60
resend_interval_min = 20
"""


class Sink(ThreadingHTTPServer):
    """The event webhook's endpoint. events: what came, by type; lists: their ids."""

    daemon_threads = True

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, str]]] = {"deliveries": [], "bounces": []}
        self.lists: Counter[str] = Counter()
        super().__init__(("127.0.0.1", 0), SinkHandler)


class SinkHandler(BaseHTTPRequestHandler):
    """Takes a list of events."""

    def do_POST(self) -> None:
        """200, always."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        assert isinstance(server, Sink)
        server.lists[self.headers["X-CMCDesk-Delivery"]] += 1
        server.events[content["event_type"]] += content["event"][content["event_type"]]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@dataclass
class Asked:
    """What a running cmcdesk says of the month."""

    console: Console
    key: str
    days: list[date]

    def call(self, path: str, **given: Any) -> Any:
        """CMC's API."""
        given |= {"api_user": "month@example.com", "api_key": self.key}
        return json.loads(self._ask("POST", f"/transaction/v2/{path}.json", json.dumps(given)))

    def read_csv(self, path: str) -> list[list[str]]:
        """The lines of a download, without its heads."""
        return list(csv.reader(io.StringIO(self._ask("GET", path).decode("utf-8-sig"))))[1:]

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        with closing(http.client.HTTPConnection(self.console.url.split("/")[2], timeout=60)) as connection:
            headers = (
                {"Content-Type": "application/json"} if body else {**self.console.headers, "Accept-Language": "en"}
            )
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 200, (path, answer.status, content[:300])
            return content

    def pages(self, path: str, key: str, **given: Any) -> Iterator[dict[str, str]]:
        """All records of a list."""
        page = 0
        while records := self.call(path, server_composition="pro", p=page, r=100, **given)[key]:
            yield from records
            page += 1

    def call_total(self) -> tuple[int, int, int]:
        """statistics/list with total=true, over the months: queued, succeeded, failed."""
        totals = [
            self.call("statistics/list", year=year, month=month, server_composition="pro", total=True)["statistics"][0]
            for year, month in self.months()
        ]
        queued, succeeded = (sum(one[name] for one in totals) for name in ("queued", "succeeded"))
        return queued, succeeded, sum(one["failed"] + one["blocked"] for one in totals)

    def months(self) -> list[tuple[int, int]]:
        """Those of the days."""
        return sorted({(day.year, day.month) for day in self.days})


def count_by_day(asked: Asked) -> dict[str, Counter[tuple[str, str]]]:
    """Name of who tells → (day, status) → number. Deferred is told by day by the graph and the events alone."""
    deliveries = Counter(
        (record["created"][:10], record["status"])
        for day in asked.days
        for record in asked.pages("deliveries/list", "deliveries", date=day.isoformat())
    )
    graph: Counter[tuple[str, str]] = Counter()
    for day in asked.days:
        for line in asked.read_csv(f"/report/graph.csv?start={day}T00:00&span=24h"):
            graph.update({(line[0][:10], name): int(count) for name, count in zip(STATUSES, line[1:], strict=True)})
    statistics: Counter[tuple[str, str]] = Counter()
    page: Counter[tuple[str, str]] = Counter()
    for year, month in asked.months():
        for record in asked.call("statistics/list", year=year, month=month, server_composition="pro")["statistics"]:
            statistics.update({(record["date"], name): record[name] for name in STATUSES[:2]})
            statistics[record["date"], "failed"] += record["failed"] + record["blocked"]
        for line in asked.read_csv(f"/report/statistics.csv?month={year}-{month:02}")[:-1]:
            page.update({(line[0], "queued"): int(line[1]), (line[0], "succeeded"): int(line[2])})
            page[line[0], "failed"] += int(line[3]) + int(line[4])
    found = {"deliveries/list": deliveries, "graph": graph, "statistics/list": statistics, "statistics page": page}
    return {name: +counter for name, counter in found.items()}


def count_queue(folder: Path) -> tuple[Counter[str], int]:
    """The rows of the queue by state, and how often a try was deferred: neither of events nor of counts."""
    with closing(sqlite3.connect(paths.desk_db(folder))) as connection:
        states = connection.execute("SELECT state, count(*) FROM outbound WHERE own_id IS NULL GROUP BY state")
        rows = Counter(dict(states.fetchall()))
        sql = (
            "SELECT count(*) FROM outbound_attempt a JOIN outbound o ON o.id = a.outbound_id WHERE o.own_id IS NULL "
            "AND (a.number < o.attempts OR o.state = 'deferred')"
        )
        (deferred,) = connection.execute(sql).fetchone()
    return rows, deferred


def compare(asked: Asked, folder: Path, sink: Sink, say: Callable[[str], None]) -> list[str]:
    """Ask everybody; the names of those who differ."""
    rows, deferred = count_queue(folder)
    total = sum(rows.values())
    queue = {"queued": total, "succeeded": rows["succeeded"], "failed": rows["failed"], "deferred": deferred}
    say(f"queue's rows:        {queue}")
    by_day = count_by_day(asked)
    by_day["event webhook"] = Counter((one["created"][:10], one["status"]) for one in sink.events["deliveries"])
    wrong = []
    reference = by_day["deliveries/list"]
    for name, counted in by_day.items():
        statuses = [status for status in STATUSES if "statistics" not in name or status != "deferred"]
        sums = {status: sum(count for (_, each), count in counted.items() if each == status) for status in statuses}
        say(f"{name + ':':20} {sums}")
        same_days = {key: count for key, count in reference.items() if key[1] in statuses} == dict(counted)
        if sums != {status: queue[status] for status in statuses} or not same_days:
            wrong.append(name)
    singles = {
        "delivery log": Counter(line[3] for line in asked.read_csv("/report/deliveries.csv")),
        "bounces/list": sum(1 for _ in asked.pages("bounces/list", "bounces")),
        "error log": len(asked.read_csv("/report/errors.csv")),
        "error graph": sum_error_graph(asked),
        "bounce events": len(sink.events["bounces"]),
        "lists of events sent twice": sum(count > 1 for count in sink.lists.values()),
        "totals": asked.call_total(),
    }
    own = count_own_rows(folder)
    expected = {
        "delivery log": rows + own,
        "lists of events sent twice": 0,
        "totals": (total, rows["succeeded"], rows["failed"]),
    }
    for name, value in singles.items():
        say(f"{name + ':':28} {dict(value) if isinstance(value, Counter) else value}")
        wrong += [name] if value != expected.get(name, rows["failed"]) else []
    return wrong


def count_own_rows(folder: Path) -> Counter[str]:
    """The log lists the MTA's own reports too."""
    with closing(sqlite3.connect(paths.desk_db(folder))) as connection:
        sql = "SELECT state, count(*) FROM outbound WHERE own_id IS NOT NULL GROUP BY state"
        return Counter(dict(connection.execute(sql).fetchall()))


def sum_error_graph(asked: Asked) -> int:
    """Of each day."""
    lines = (asked.read_csv(f"/report/error-graph.csv?start={day}T00:00&span=24h") for day in asked.days)
    return sum(int(line[1]) for day in lines for line in day)


@contextmanager
def run_sink() -> Iterator[Sink]:
    """An endpoint, until the end of the block."""
    with Sink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        yield sink
        sink.shutdown()


def prove(mails: int, days: int, say: Callable[[str], None] = print) -> list[str]:
    """Send and compare; the names of those who differ from the queue's rows."""
    with tempfile.TemporaryDirectory() as name, run_sink() as sink:
        folder = Path(name)
        folder.chmod(0o700)
        settings = bench_pages.SETTINGS + EVENTS.format(port=sink.server_port)
        with run_cmcdesk(folder, settings=settings):
            pass  # the composition is made and reflected
        engine = open_desk(folder)
        with transaction(engine) as session:
            key = create_api_user(session, "month@example.com", 1.0).api_key
        engine.dispose()
        began = time.monotonic()
        traffic = Traffic(folder, mails, days)
        traffic.run()
        say(f"{mails} mails to {traffic.sent} recipients sent in {time.monotonic() - began:.0f} s")
        first = datetime.now(TOKYO).date() - timedelta(days=days + 1)
        with run_cmcdesk(folder, settings="") as console:
            wait_for_events(folder)
            asked = Asked(console, key, [first + timedelta(days=number) for number in range(days + 2)])
            return compare(asked, folder, sink, say)


def wait_for_events(folder: Path, seconds: float = 60.0) -> None:
    """Until the worker has sent all lists of events."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(paths.desk_db(folder))) as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM delivery WHERE state <> 'delivered'").fetchone()
        if not waiting:
            return
        time.sleep(0.1)
    raise TimeoutError(f"{waiting} lists of events were not sent")


def main() -> int:
    """Prove, and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    socket.setdefaulttimeout(60)
    wrong = prove(options.mails, options.days)
    print(f"differ: {', '.join(wrong)}" if wrong else "all agree, by day and status")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
