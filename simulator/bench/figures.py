"""Figures of several rounds as their median with the least and the most."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The middle of some figures, the least and the most of them."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float | None]) -> Spread | None:
    """None if any is unknown, or there are none."""
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return Spread(statistics.median(known), min(known), max(known))


def spread_of_ratios(above: Sequence[float | None], below: Sequence[float | None]) -> Spread | None:
    """Round by round, for what ran side by side is what may be compared."""
    pairs = zip(above, below, strict=False)
    return spread([one / other if one is not None and other else None for one, other in pairs])
