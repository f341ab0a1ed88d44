"""What the parts of a bench share: receivers in folders that are deleted, progress, and the comparison at the end;
figures of several rounds as their median with the least and the most.

A receiver that counts what it has on disk must have exactly the mails that it acknowledged.
"""

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.bench.receivers import Kind, Receiver

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Stored:
    """What one run of cmcdesk acknowledged and stored; ``acknowledged`` None: a load broke off, nobody knows."""

    part: str
    acknowledged: int | None
    stored: int

    @property
    def is_good(self) -> bool:
        """Not one lost, not one too many."""
        return self.acknowledged == self.stored


class Bench:
    """One bench under way; ``tell`` is told what happens now."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.stored: list[Stored] = []

    @contextmanager
    def opened(self, kind: Kind, part: str) -> Iterator[Receiver]:
        """The receiver in an empty folder that is deleted at the end; compared before that. Raises BenchFailed."""
        with (
            TemporaryDirectory(prefix="cmcsim-bench-", ignore_cleanup_errors=True) as folder,
            kind.open(Path(folder)) as receiver,
        ):
            yield receiver
            self.stored += compare([receiver], part)


def compare(receivers: Iterable[Receiver], part: str) -> list[Stored]:
    """What those stored that can tell."""
    return [
        Stored(part, None if receiver.broke_off else receiver.acknowledged, receiver.count_stored())
        for receiver in receivers
        if receiver.count_stored
    ]


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
