"""Refusals become rows; a flood becomes one row a second with a count, so that it cannot fill the disk."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cmcdesk.store.maillog_writer import NewRefusal

ROWS_PER_SECOND = 50  # per composition and gate; what comes above that in the same second is counted


@dataclass(slots=True)
class RefusalBook:
    """Times are those of the refusals themselves: no clock here. `flush` must be called about once a second."""

    record: Callable[[NewRefusal], None]
    rows_per_second: int = ROWS_PER_SECOND
    _second: int = 0
    _rows: dict[tuple[str, str], int] = field(default_factory=dict)
    _counted: dict[tuple[str, str, int], NewRefusal] = field(default_factory=dict)

    def add(self, refusal: NewRefusal) -> None:
        if int(refusal.at) != self._second:
            self.flush()
            self._second = int(refusal.at)
        place = (refusal.composition, refusal.gate)
        rows = self._rows[place] = self._rows.get(place, 0) + 1
        if rows <= self.rows_per_second:
            self.record(refusal)
            return
        alike = self._counted.setdefault((*place, refusal.code), refusal)
        if alike is not refusal:
            alike.count += 1

    def flush(self) -> None:
        """Write the counted rows of the second that is over."""
        for refusal in self._counted.values():
            self.record(refusal)
        self._counted.clear()
        self._rows.clear()
