"""Lists and searches of a real cmcdesk with few mails and then more."""

import os
import signal
import sys
from pathlib import Path

import pytest

from simulator.acceptance.api import Api
from simulator.bench import growth
from simulator.bench.growth import measure_growth
from simulator.bench.load import send_all
from simulator.bench.options import Cell, Options
from simulator.bench.receivers import BenchFailed, open_ours
from simulator.bench.running import Bench


def test_it_is_asked_at_each_number_of_mails(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "CALLS", 2)
    stages = measure_growth(Options(stored=(300, 100)), bench)
    assert [stage.mails for stage in stages] == [100, 300]
    for stage in stages:
        assert [call.name for call in stage.calls] == [
            "newest 50", "50 from the middle", "a word of one mail", "a word of all mails", "the page /mails",
        ]  # fmt: skip
        assert all(0 < call.p50 <= call.p99 for call in stage.calls)
        assert stage.indexing >= 0
        if sys.platform == "linux":
            assert stage.memory is not None and stage.memory > 1
    (stored,) = bench.stored
    assert (stored.acknowledged, stored.stored) == (300, 300)


def test_an_index_that_does_not_come_up_ends_the_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("processes are not halted there")
    monkeypatch.setattr(growth, "START_UP", -100.0)
    with open_ours().open(tmp_path) as receiver:
        assert receiver.worker
        os.kill(receiver.worker, signal.SIGSTOP)
        send_all(receiver, Cell(700, 10), 100)
        api = Api(receiver.url, receiver.token)
        with pytest.raises(BenchFailed, match="only 0 of 100 mails are in the search index"):
            growth._wait_until_indexed(api, 100)
        api.close()
