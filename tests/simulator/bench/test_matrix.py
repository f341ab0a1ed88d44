"""Rates of a real cmcdesk and a real aiosmtpd, in turn."""

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from simulator.bench import matrix
from simulator.bench.matrix import CellResult, Runs, measure_cell, measure_rates, say_what_lacks
from simulator.bench.options import Address, Cell, Options
from simulator.bench.receivers import list_kinds
from simulator.bench.running import Bench

SHORT = Options(rounds=2, seconds=0.1, sessions=(3,), beside=("aiosmtpd",))


def test_each_round_has_a_rate_of_each_receiver_and_no_mail_is_lost(bench: Bench) -> None:
    (result,) = measure_rates(list_kinds(SHORT), SHORT, bench)
    ours, peer = result.runs
    assert (ours.name, peer.name) == ("cmcdesk", "aiosmtpd")
    assert len(ours.rates) == len(peer.rates) == 2
    assert ours.fault == peer.fault == result.skipped == ""
    ratio = result.ratio(peer)
    assert ratio is not None
    assert 0 < ratio.least <= ratio.median <= ratio.most
    if sys.platform == "linux":
        assert all(cpu is not None and cpu > 0 for cpu in (*ours.cpu, *peer.cpu, *ours.peaks))
    (stored,) = bench.stored
    assert stored.is_good
    assert stored.stored > 0


def test_a_full_folder_is_followed_by_an_empty_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "STORE_MOST", 1)
    options = Options(rounds=2, seconds=0.05, sessions=(2,), beside=())
    result = measure_cell(list_kinds(options), options.cells()[0], options, bench)
    assert len(result.runs[0].rates) == len(result.runs[0].peaks) == len(bench.stored) == 2
    assert all(one.is_good for one in bench.stored)


def test_a_round_anew_has_servers_and_folders_of_its_own(bench: Bench) -> None:
    options = replace(SHORT, anew=True)
    (result,) = measure_rates(list_kinds(options), options, bench)
    assert [len(runs.rates) for runs in result.runs] == [len(runs.peaks) for runs in result.runs] == [2, 2]
    assert len(bench.stored) == 3  # to find the rate, and two rounds
    assert all(one.is_good and one.stored for one in bench.stored)


def test_a_receiver_that_refuses_everything_is_a_fault_and_the_others_go_on(
    bench: Bench, talk: Callable[[dict[str, str]], tuple[int, list[str]]]
) -> None:
    port, _ = talk({"DATA": "451 4.3.0 not now"})
    options = Options(rounds=1, seconds=0.05, sessions=(2,), beside=(), peers={"it": Address("127.0.0.1", port)})
    (result,) = measure_rates(list_kinds(options), options, bench)
    ours, peer = result.runs
    assert "451" in peer.fault
    assert (len(ours.rates), peer.rates, result.ratio(peer)) == (1, [], None)


def test_a_cell_that_needs_more_memory_than_there_is_is_not_run(bench: Bench) -> None:
    if sys.platform != "linux":
        pytest.skip("/proc is Linux's")
    cell = Cell(10**12, 100)
    assert say_what_lacks(Cell(2_000, 100)) == ""
    assert say_what_lacks(cell).startswith("needs 600000.0 GB of memory, ")
    result = measure_cell([], cell, SHORT, bench)
    assert result.skipped
    assert result.runs == []


def test_no_ratio_to_a_run_that_broke_off() -> None:
    ours, other = Runs("cmcdesk", [4.0]), Runs("it", [2.0])
    result = CellResult(Cell(2_000, 1), "cmcsim", [ours, other])
    ratio = result.ratio(other)
    assert ratio is not None
    assert ratio.median == 2.0
    ours.fault = "it fell"
    assert result.ratio(other) is None
