"""Counts and session lanes: what the console is told four times a second, never once per mail."""

from collections import Counter
from typing import Any

# A lane shows at most 50 dots a second; above that the page draws the density from the counts.
DOTS_PER_TICK = 13


class Lane:
    """What one session did since the last tick. Times are seconds since 1970."""

    __slots__ = ("accepted", "accepted_count", "opened_at", "refused", "refused_count", "session")

    def __init__(self, session: int, opened_at: float) -> None:
        self.session = session
        self.opened_at = opened_at
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self.accepted_count = self.refused_count = 0

    def accept(self, at: float) -> None:
        self.accepted_count += 1
        if self.accepted_count <= DOTS_PER_TICK:
            self.accepted.append(at)

    def refuse(self, at: float) -> None:
        self.refused_count += 1
        if self.refused_count <= DOTS_PER_TICK:
            self.refused.append(at)

    def take(self) -> list[Any]:
        """The lane as the telemetry carries it; begins anew."""
        taken = [self.session, self.opened_at, self.accepted, self.refused, self.accepted_count, self.refused_count]
        self.accepted, self.refused = [], []
        self.accepted_count = self.refused_count = 0
        return taken


class Tally:
    """Totals of one composition since the mail server started."""

    __slots__ = ("closed_lanes", "connected", "mails", "octets", "refused", "turned_away")

    def __init__(self) -> None:
        self.connected = self.mails = self.octets = 0
        self.refused: Counter[str] = Counter()
        self.closed_lanes: list[list[Any]] = []  # of sessions that ended since the last tick
        self.turned_away: list[float] = []  # when connections over the limit were answered 421 since the last tick

    def close_lane(self, lane: Lane) -> None:
        if len(self.closed_lanes) < 200:
            self.closed_lanes.append(lane.take())

    def turn_away(self, at: float) -> None:
        if len(self.turned_away) < DOTS_PER_TICK:
            self.turned_away.append(at)

    def take_turned_away(self) -> list[float]:
        times, self.turned_away = self.turned_away, []
        return times

    def take_closed_lanes(self) -> list[list[Any]]:
        closed, self.closed_lanes = self.closed_lanes, []
        return closed
