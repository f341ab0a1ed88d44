"""What a real worker does behind the 250: each mail posted once, each bounce read once."""

import sys
import time

import pytest

from simulator.bench import behind
from simulator.bench.behind import Followed, measure_bounces, measure_webhooks
from simulator.bench.options import Options
from simulator.bench.receivers import BenchFailed
from simulator.bench.running import Bench

SHORT = Options(seconds=0.05)


def check(found: Followed, bench: Bench, mails: int) -> None:
    assert found.count == mails
    assert found.rate > 0
    if sys.platform == "linux":
        assert found.cpu is not None and found.cpu > 0
    (stored,) = bench.stored
    assert stored.is_good
    assert stored.stored == mails


def test_webhooks_are_counted_until_the_last_post(bench: Bench) -> None:
    check(measure_webhooks(SHORT, bench), bench, 25)


def test_bounces_are_counted_until_the_last_is_read(bench: Bench) -> None:
    check(measure_bounces(SHORT, bench), bench, 50)


def test_work_that_is_never_done_ends_the_bench() -> None:
    work = behind._Work("bounces read", {}, lambda: 3)
    with pytest.raises(BenchFailed, match=r"bounces read: 3 of 50 after 0\.02 s"):
        behind._wait_until_done(work, 50, time.monotonic(), 0.02)
