"""Opening receivers, and comparing what they stored with what they acknowledged."""

from pathlib import Path

from simulator.bench.load import send
from simulator.bench.options import Cell
from simulator.bench.receivers import open_ours
from simulator.bench.running import Bench, Spread, Stored, compare, spread, spread_of_ratios


def test_a_mail_that_came_in_behind_the_benchs_back_is_noticed(bench: Bench) -> None:
    with bench.opened(open_ours(), "rate") as ours:
        send(ours, Cell(2_000, 2), 5)
        assert [one.is_good for one in compare([ours], "rate")] == [True]
        ours.acknowledged -= 1
    assert bench.stored == [Stored("rate", 4, 5)]
    assert not bench.stored[0].is_good


def test_after_a_load_that_broke_off_nobody_knows(bench: Bench) -> None:
    with bench.opened(open_ours(), "rate") as ours:
        ours.broke_off = True
    assert bench.stored == [Stored("rate", None, 0)]


def test_the_folder_is_gone_afterwards(bench: Bench) -> None:
    ours = open_ours()
    folders: list[Path] = []

    class Noting:
        name = "noting"

        @staticmethod
        def open(folder: Path) -> object:
            folders.append(folder)
            return ours.open(folder)

    with bench.opened(Noting, "rate"):  # type: ignore[arg-type]
        assert folders[0].exists()
    assert not folders[0].exists()


def test_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_an_unknown_figure_makes_all_unknown() -> None:
    assert spread([]) is None
    assert spread([1.0, None]) is None


def test_ratios_are_of_one_round_each() -> None:
    assert spread_of_ratios([10.0, 30.0], [5.0, 10.0]) == Spread(2.5, 2.0, 3.0)
    assert spread_of_ratios([10.0], [0.0]) is None
    assert spread_of_ratios([10.0], [None]) is None
