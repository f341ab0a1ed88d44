"""Lists of the delivery report over many deliveries: how long each takes, as a program and a person get it.

  .venv/bin/python packaging/dev/bench_lists.py [--deliveries 1000000] [--days 40] [--times 15] [--at-most 50]

A real `cmcdesk serve` on a desk.db that is filled with so many deliveries, each with its try and its events, evenly
over the days up to now, and as many bounces as failed. Milliseconds from the request to the last octet, the median and
the worst of so many times, each with other values. Ends with 1 if a median is over --at-most.
"""

import argparse
import http.client
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from bench_pages import Console, run_cmcdesk

from cmcdesk.processes import paths
from cmcdesk.store.desk.api_users import create_api_user
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.outbound_counts import CountedEvent, add_counts

TOKYO = ZoneInfo("Asia/Tokyo")
DOMAINS = tuple(f"dest{number}.example" for number in range(20))
SLICE = 10_000
OUTBOUND = (
    "INSERT INTO outbound(id, log_id, mail_id, composition, revision, sender, recipient, domain, forwarded_by, state, "
    "attempts, queued_at, ended_at, host, code, enhanced, text, command, error_status, api_user, header_from, "
    "message_id, subject, api_data, source_ip) VALUES(?, 'log', ?, 'pro', 1, 'info@return.pro.smtps.jp', ?, ?, '', ?, "
    "1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'info@example.com', ?, ?, ?, '127.0.0.1')"
)
ATTEMPT = (
    "INSERT INTO outbound_attempt(outbound_id, number, at, milliseconds, host, address, code, enhanced, text, command, "
    "outcome) VALUES(?, 1, ?, 20, ?, '127.0.1.1', ?, ?, ?, ?, ?)"
)
EVENT = (
    "INSERT INTO outbound_event(outbound_id, at, composition, api_user, status, reason, sender_ip, error_status) "
    "VALUES(?, ?, 'pro', ?, ?, ?, ?, ?)"
)
BOUNCE = (
    "INSERT INTO bounce(log_id, mail_id, ordinal, composition, created_at, final, recipient, error_status, diagnostic, "
    "evidence, rule, header_from, message_id, return_path, subject, api_data) VALUES('log', ?, 0, 'pro', ?, 1, ?, ?, "
    "'550 5.1.1 User unknown', 'e', 'r', 'info@example.com', ?, 'info@return.pro.smtps.jp', ?, '')"
)


def fill_deliveries(folder: Path, count: int, days: int) -> None:
    """One composition's deliveries, the last one now: one in ten failed, of two API users."""
    engine = open_desk(folder)
    began = time.time() - days * 86400
    step = days * 86400 / count
    numbers = iter(range(1, count + 1))
    with closing(sqlite3.connect(paths.desk_db(folder), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        while part := list(islice(numbers, SLICE)):
            events = []
            connection.execute("BEGIN")
            for number in part:
                at = began + number * step
                events += _fill_one(connection, number, at)
            connection.execute("COMMIT")
            with transaction(engine) as session:
                add_counts(session, events)
    engine.dispose()


def _fill_one(connection: sqlite3.Connection, number: int, at: float) -> list[CountedEvent]:
    is_failed = number % 10 == 0
    status = (2, 4, 5, 99)[number // 10 % 4] if is_failed else None
    domain, user = DOMAINS[number % 20], f"user{number % 2}@example.com"
    recipient, message_id, subject = f"customer{number}@{domain}", f"<{number:x}@app>", f"注文 {number} の確認"
    answer = (550, "5.1.1", "User unknown", "RCPT TO") if is_failed else (250, "2.0.0", "ok", "end of DATA")
    state, outcome, ended = ("failed", "permanent", at + 1) if is_failed else ("succeeded", "delivered", at + 1)
    told = (message_id, subject, f"order={number}")
    host = f"mx.{domain}"
    connection.execute(
        OUTBOUND, (number, number, recipient, domain, state, at, ended, host, *answer, status, user, *told)
    )
    connection.execute(ATTEMPT, (number, at, host, *answer, outcome))
    connection.execute(EVENT, (number, at, user, "queued", "", "", None))
    reason = "550 5.1.1 User unknown (in reply to RCPT TO)" if is_failed else ""
    connection.execute(EVENT, (number, ended, user, state, reason, "" if is_failed else "127.0.0.1", status))
    if is_failed:
        connection.execute(BOUNCE, (number, ended, recipient, status, message_id, subject))
    return [CountedEvent(at, "pro", user, "queued", None), CountedEvent(ended, "pro", user, state, status)]


def list_questions(
    console: Console, count: int, days: int, key: str
) -> Iterator[tuple[str, Callable[[], tuple[str, str, str]]]]:
    """Name → what gives the next request: method, path, body."""
    today = datetime.now(TOKYO).date()

    def any_day() -> str:
        return (today - timedelta(days=random.randrange(1, days))).isoformat()

    def call(path: str, **given: object) -> tuple[str, str, str]:
        given |= {"api_user": "bench@example.com", "api_key": key, "server_composition": "pro"}
        return "POST", f"/transaction/v2/{path}.json", json.dumps(given)

    def pick() -> int:
        return random.randrange(1, count)

    yield "deliveries/list, a day's first page", lambda: call("deliveries/list", date=any_day())
    yield "deliveries/list, page 100 of 100 rows", lambda: call("deliveries/list", date=any_day(), p=100, r=100)
    yield "deliveries/list, failed, 100 rows", lambda: call("deliveries/list", date=any_day(), status="failed", r=100)
    yield "deliveries/list, deferred (none)", lambda: call("deliveries/list", date=any_day(), status="deferred")
    yield "deliveries/list, part of one address", lambda: call("deliveries/list", date=any_day(), to=f"er{pick()}@")
    yield (
        "deliveries/list, api_data whole",
        lambda: call("deliveries/list", date=any_day(), api_data=f"order={pick()}", search_option={"api_data": "full"}),
    )
    yield "deliveries/list, one hour", lambda: call("deliveries/list", date=any_day(), hour=12, r=100)
    yield "statistics/list, a month", lambda: call("statistics/list", year=today.year, month=today.month)
    yield "bounces/list, a day", lambda: call("bounces/list", date=any_day(), r=100)
    for page in ("/report/deliveries", "/report/errors"):
        yield f"GET {page}", lambda page=page: ("GET", page, "")
    yield "GET /report/deliveries, one address", lambda: ("GET", f"/report/deliveries?recipient=customer{pick()}@", "")
    yield "GET /api/v1/outbound", lambda: ("GET", "/api/v1/outbound", "")


def measure(console: Console, ask: Callable[[], tuple[str, str, str]], times: int) -> list[float]:
    """Milliseconds of each of so many requests."""
    found = []
    connection = http.client.HTTPConnection(console.url.split("/")[2], timeout=60)
    for _ in range(times):
        method, path, body = ask()
        headers = {} if body else console.headers
        began = time.perf_counter()
        connection.request(method, path, body or None, headers | {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        found.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status, content[:300])
    connection.close()
    return found


def main() -> int:
    """Fill, ask, and print a line for each list."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--at-most", type=float, default=50.0, help="milliseconds of a median")
    options = parser.parse_args()
    slow = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o700)
        began = time.monotonic()
        fill_deliveries(folder, options.deliveries, options.days)
        size = paths.desk_db(folder).stat().st_size / 1e6
        print(f"{options.deliveries} deliveries filled in {time.monotonic() - began:.0f} s, {size:.0f} MB", flush=True)
        with run_cmcdesk(folder) as console:
            engine = open_desk(folder)
            with transaction(engine) as session:
                key = create_api_user(session, "bench@example.com", 1.0).api_key
            engine.dispose()
            for question, ask in list_questions(console, options.deliveries, options.days, key):
                taken = measure(console, ask, options.times)
                slow += statistics.median(taken) > options.at_most
                print(f"{question:42} {statistics.median(taken):8.1f} ms   worst {max(taken):8.1f}", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
