"""Starting a real cmcdesk, and leaving it alone."""

import sys

import pytest

from simulator.bench import startup
from simulator.bench.options import Options
from simulator.bench.running import Bench
from simulator.bench.startup import measure_startup


def test_each_round_starts_it_with_an_empty_folder_and_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "SETTLE", 0.0)
    result = measure_startup(Options(rounds=1, seconds=0.2), bench)
    for start in (result.fresh, result.again):
        assert len(start.greeting) == len(start.page) == 1
        assert start.greeting[0] > 0
        assert start.page[0] > 0
    assert [one.name for one in result.idle] == ["console", "mail_server", "worker"]
    if sys.platform == "linux":
        assert all(one.memory is not None and one.memory > 1 for one in result.idle)
        assert all(one.cpu is not None and one.cpu >= 0 for one in result.idle)
