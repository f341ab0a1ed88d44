"""Lists and searches of a real cmcdesk with few mails and then more."""

import sys

import pytest

from simulator.bench import growth
from simulator.bench.growth import measure_growth
from simulator.bench.options import Options
from simulator.bench.receivers import BenchFailed
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


def test_an_index_that_does_not_come_up_ends_the_bench(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "START_UP", -100.0)
    with pytest.raises(BenchFailed, match="of 100 mails are not in the search index yet"):
        measure_growth(Options(stored=(100,)), bench)
