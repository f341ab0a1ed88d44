"""配信速度: how many connections a destination may get, and at which interval mails follow each other in one of them.

Ours, where CMC says no more: the first filter that matches counts; a pattern is searched without regard to case, for at
most 20 ms; connections are counted by destination domain; a destination that no filter matches gets the default. The
interval is a minimum spacing, as at the receiving server (`throttle`): the manual says that it has no effect where the
session takes longer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from cmcdesk.rules.matching import TIME_LIMIT, Pattern
from cmcdesk.rules.settings import SpeedFilter

REMEMBERED_DESTINATIONS = 4096


@dataclass(frozen=True, slots=True)
class Speed:
    """filter: its name, "" for the default. interval: seconds from the start of a mail to that of the next one in the
    same connection; 0 for none."""

    filter: str
    max_connections: int
    interval: float


DEFAULT_SPEED = Speed("", 10, 0.0)  # ours


@dataclass(frozen=True, slots=True)
class Speeds:
    """The speed filters of one composition in one revision, compiled."""

    find: Callable[[str, str], Speed]  # recipient's address, MX host that is asked ("" where none is known yet)
    _patterns: tuple[Pattern, ...]

    @classmethod
    def of(cls, filters: Sequence[SpeedFilter]) -> "Speeds":
        """Raises regex.error for a pattern that does not compile (settings are checked before they come here)."""
        compiled = [
            (one, Speed(one.name, one.max_connections, one.interval_ms / 1000), _compile(one)) for one in filters
        ]

        def find(address: str, host: str) -> Speed:
            for one, speed, patterns in compiled:
                if any(pattern.is_found(host if one.match_host else address, TIME_LIMIT) for pattern in patterns):
                    return speed
            return DEFAULT_SPEED

        return cls(
            lru_cache(REMEMBERED_DESTINATIONS)(find) if compiled else lambda _address, _host: DEFAULT_SPEED,
            tuple(pattern for _one, _speed, patterns in compiled for pattern in patterns),
        )

    def set_aside(self) -> list[Pattern]:
        """The patterns that ran out of their time too often, for the page to name."""
        return [pattern for pattern in self._patterns if pattern.is_set_aside]


def _compile(speed_filter: SpeedFilter) -> list[Pattern]:
    subject = "MX" if speed_filter.match_host else "RCPT TO"
    return [
        Pattern(speed_filter.name, subject, text, regex.compile(text, regex.IGNORECASE))
        for text in speed_filter.patterns
    ]
