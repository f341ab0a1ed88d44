"""Median, least and most."""

from simulator.bench.figures import Spread, spread, spread_of_ratios


def test_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_an_unknown_figure_makes_all_unknown() -> None:
    assert spread([]) is None
    assert spread([1.0, None]) is None


def test_ratios_are_of_one_round_each() -> None:
    assert spread_of_ratios([10.0, 30.0], [5.0, 10.0]) == Spread(2.5, 2.0, 3.0)
    assert spread_of_ratios([10.0], [0.0]) is None
    assert spread_of_ratios([10.0], [None]) is None
