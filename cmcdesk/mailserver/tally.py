"""What is counted and drawn: session lanes and totals, told to the console four times a second, never once per mail;
and refusals, which become rows: a flood becomes one row a second with a count, so that it cannot fill the disk."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.pipe import LaneTold
from cmcdesk.store.maillog.insertion import NewRefusal

# A lane shows at most 50 dots a second; above that the page draws the density from the counts.
DOTS_PER_TICK = 13
CLOSED_LANES = 200  # of one tick; more are only counted
DIALOGUES_PER_SECOND = 20  # of accepted mails of one server: making one readable costs as much as a mail
ROWS_PER_SECOND = 50  # refusals per server and gate; what comes above that in the same second is counted


class SessionLane:
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

    def take(self) -> LaneTold:
        """The lane as the telemetry carries it; begins anew."""
        taken = (self.session, self.opened_at, self.accepted, self.refused, self.accepted_count, self.refused_count)
        self.accepted, self.refused = [], []
        self.accepted_count = self.refused_count = 0
        return taken


class Tally:
    """Totals of one server since the mail server started."""

    __slots__ = (
        "_closed", "_lanes", "_turned_away", "connected", "dialogues_left", "mails", "octets", "refused",
    )  # fmt: skip

    def __init__(self) -> None:
        self.connected = self.mails = self.octets = 0
        self.refused: Counter[str] = Counter()
        self.dialogues_left = DIALOGUES_PER_SECOND  # of accepted mails, to be kept in this second
        self._lanes: dict[int, SessionLane] = {}  # of open sessions, by their number
        self._closed: list[LaneTold] = []  # lanes of sessions that ended since the last tick
        self._turned_away: list[float] = []  # when connections over the limit were answered 421 since the last tick

    def open_lane(self, session: int, at: float) -> SessionLane:
        self.connected += 1
        lane = self._lanes[session] = SessionLane(session, at)
        return lane

    def close_lane(self, lane: SessionLane) -> None:
        self._lanes.pop(lane.session, None)
        if len(self._closed) < CLOSED_LANES:
            self._closed.append(lane.take())

    def begin_second(self) -> None:
        """To be called once a second."""
        self.dialogues_left = DIALOGUES_PER_SECOND

    def turn_away(self, at: float) -> None:
        if len(self._turned_away) < DOTS_PER_TICK:
            self._turned_away.append(at)

    def take_turned_away(self) -> list[float]:
        times, self._turned_away = self._turned_away, []
        return times

    def take_lanes(self) -> list[LaneTold]:
        """What all sessions did since the last tick, those first that ended; begins anew."""
        closed, self._closed = self._closed, []
        return closed + [lane.take() for lane in self._lanes.values()]


@dataclass(slots=True)
class RefusalBook:
    """Times are those of the refusals themselves: no clock here. `flush` must be called about once a second."""

    record: Callable[[NewRefusal], None]
    rows_per_second: int = ROWS_PER_SECOND
    _second: int = 0
    _rows: dict[tuple[str, bool, str], int] = field(default_factory=dict)
    _counted: dict[tuple[str, bool, str, int], NewRefusal] = field(default_factory=dict)

    def add(self, refusal: NewRefusal, take_part: Callable[[], DialoguePart] | None = None) -> None:
        """take_part: the session's dialogue up to this refusal; asked for only where a row is made."""
        if int(refusal.at) != self._second:
            self.flush()
            self._second = int(refusal.at)
        place = (refusal.composition, refusal.is_relay, refusal.gate)
        rows = self._rows[place] = self._rows.get(place, 0) + 1
        alike = self._counted.get((*place, refusal.code)) if rows > self.rows_per_second else None
        if alike:
            alike.count += 1
            return
        if take_part:
            refusal.dialogue = take_part()
        if rows <= self.rows_per_second:
            self.record(refusal)
        else:
            self._counted[(*place, refusal.code)] = refusal

    def flush(self) -> None:
        """Write the counted rows of the second that is over."""
        for refusal in self._counted.values():
            self.record(refusal)
        self._counted.clear()
        self._rows.clear()
