"""Refusals become rows; a flood becomes one row a second with a count, so that it cannot fill the disk."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cmcdesk.mail.smtp.dialogue import Part
from cmcdesk.store.maillog.insertion import NewRefusal

ROWS_PER_SECOND = 50  # per composition and gate; what comes above that in the same second is counted


@dataclass(slots=True)
class RefusalBook:
    """Times are those of the refusals themselves: no clock here. `flush` must be called about once a second."""

    record: Callable[[NewRefusal], None]
    rows_per_second: int = ROWS_PER_SECOND
    recorded: int = 0  # rows handed to `record` so far
    _second: int = 0
    _rows: dict[tuple[str, str], int] = field(default_factory=dict)
    _counted: dict[tuple[str, str, int], NewRefusal] = field(default_factory=dict)

    def add(self, refusal: NewRefusal, take_part: Callable[[], Part] | None = None) -> None:
        """take_part: the session's dialogue up to this refusal; asked for only where a row is made."""
        if int(refusal.at) != self._second:
            self.flush()
            self._second = int(refusal.at)
        place = (refusal.composition, refusal.gate)
        rows = self._rows[place] = self._rows.get(place, 0) + 1
        alike = self._counted.get((*place, refusal.code)) if rows > self.rows_per_second else None
        if alike:
            alike.count += 1
            return
        if take_part:
            refusal.dialogue = take_part()
        if rows <= self.rows_per_second:
            self._record(refusal)
        else:
            self._counted[(*place, refusal.code)] = refusal

    def flush(self) -> None:
        """Write the counted rows of the second that is over."""
        for refusal in self._counted.values():
            self._record(refusal)
        self._counted.clear()
        self._rows.clear()

    def _record(self, refusal: NewRefusal) -> None:
        self.recorded += 1
        self.record(refusal)
