"""The live line."""

import random
from types import SimpleNamespace

from simulator.client import Outcome
from simulator.prepared import Prepared
from simulator.progress import Line, run_watched
from simulator.runner import Load, Plan
from simulator.source import make_plain, make_pool
from simulator.tally import Tally

MAIL = Prepared("a@example.com", ["b@example.com"], b"x\r\n")


def test_the_line_tells_rate_replies_and_latencies_since_the_last_look() -> None:
    tally = Tally()
    line = Line(tally)
    for _ in range(50):
        tally.note_accepted(Outcome(MAIL, 0, "dot", 250, "", 0.004, 0), 0.1, False)
    tally.note_refused(Outcome(MAIL, 0, "rcpt", 550, "5.7.1 no", 0.0, 1))
    tally.note_greeting(421, "full", 0.01)
    said = line.describe()
    assert "51 mails" in said
    assert "250:50 550:1" in said
    assert "p50 4.0 ms p99 4.0 ms" in said
    assert "1 connections turned away" in said
    assert "p50" not in line.describe()


def test_a_watched_run_is_the_run(plain_aiosmtpd: SimpleNamespace) -> None:
    pool = make_pool(make_plain("a@example.com", ["b@example.com"]), random.Random(1), 20)
    tally = run_watched(Load(Plan("127.0.0.1", plain_aiosmtpd.port, count=20), pool), shown=False)
    assert tally.accepted == 20
