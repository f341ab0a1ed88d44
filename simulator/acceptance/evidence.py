"""What a report shows beside steps and facts: the settings that were in force with their revisions, what client and
server said in the first sessions of each step, and charts of the replies, drawn as SVG.

Only acceptance runs record: sessions are made by ``Recorder.make_session``, and a tally that keeps times counts them.
"""

import asyncio
import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from simulator.load.client import Outcome, Session, SessionOwner, Stage
from simulator.load.hold import Hold
from simulator.load.runner import Load
from simulator.load.tally import Tally

TALKS = 2  # sessions of a step that are written down, from their greeting on
LINES = 40  # of each
LONGEST = 200  # characters of a line
BINS = 60
SPACING_BINS = 40


@dataclass(frozen=True)
class Line:
    """One line: ``at`` seconds since connect; ``by`` C or S; ``octets`` of a mail in place of what was said."""

    at: float
    by: str
    said: str = ""
    octets: int = 0


@dataclass
class Talk:
    """One session as the client saw it; ``is_cut``: it went on."""

    step: str
    began: float
    lines: list[Line] = field(default_factory=list)
    is_cut: bool = False

    def add(self, by: str, said: str = "", octets: int = 0) -> None:
        """One line more, or the mark that there were more."""
        if len(self.lines) >= LINES:
            self.is_cut = True
        else:
            self.lines.append(Line(time.monotonic() - self.began, by, said[:LONGEST], octets))


class WrittenDown(asyncio.Transport):
    """Passes everything on to the real transport, and writes down what is sent."""

    def __init__(self, real: asyncio.Transport, session: Session, talk: Talk) -> None:
        super().__init__()
        self._real, self._session, self._talk = real, session, talk

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Commands by line; what DATA carries by its number of octets."""
        if self._session.stage is Stage.DOT:
            self._talk.add("C", octets=len(data))
        else:
            for line in bytes(data).split(b"\r\n")[:-1]:
                self._talk.add("C", line.decode("utf-8", "replace"))
        self._real.write(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Of the real one."""
        self._real.set_write_buffer_limits(high, low)

    def close(self) -> None:
        """The real one."""
        self._real.close()

    def abort(self) -> None:
        """The real one."""
        self._real.abort()


class RecordedSession(Session):
    """A session that writes down what is said."""

    def __init__(self, owner: SessionOwner, talk: Talk) -> None:
        super().__init__(owner)
        self._talk = talk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(WrittenDown(cast(asyncio.Transport, transport), self, self._talk))

    def data_received(self, data: bytes) -> None:
        for line in data.split(b"\r\n"):
            if line:
                self._talk.add("S", line.decode("utf-8", "replace"))
        super().data_received(data)


class TimedTally(Tally):
    """Keeps when each reply came, and whether it was a 250."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted_at = array("d")  # seconds since the start
        self.refused_at = array("d")

    def note_accepted(self, outcome: Outcome, since_last: float, first: bool) -> None:
        super().note_accepted(outcome, since_last, first)
        self.accepted_at.append(time.monotonic() - self.started_at)

    def note_refused(self, outcome: Outcome) -> None:
        super().note_refused(outcome)
        self.refused_at.append(time.monotonic() - self.started_at)

    def note_greeting(self, code: int, text: str, seconds: float) -> None:
        super().note_greeting(code, text, seconds)
        if code != 220:
            self.refused_at.append(time.monotonic() - self.started_at)


@dataclass
class Recorder:
    """Of one step."""

    step: str
    tally: TimedTally
    talks: list[Talk] = field(default_factory=list)

    def make_session(self, owner: SessionOwner) -> Session:
        """One that is written down while there are few."""
        if len(self.talks) >= TALKS:
            return Session(owner)
        self.talks.append(Talk(self.step, time.monotonic()))
        return RecordedSession(owner, self.talks[-1])


@dataclass(frozen=True)
class Chart:
    """``svg``: a whole element, made of numbers alone."""

    step: str
    kind: str  # replies or spacing
    svg: str


@dataclass
class Evidence:
    """Of one scenario. ``revisions``: composition → its revision at the begin and at the end."""

    revisions: dict[str, list[int]] = field(default_factory=dict)
    recorders: list[Recorder] = field(default_factory=list)

    def watch(self, step: str, sender: Load | Hold) -> None:
        """Record what it does from now on; before it is run."""
        recorder = Recorder(step, TimedTally())
        sender.tally, sender.make_session = recorder.tally, recorder.make_session
        self.recorders.append(recorder)

    def list_talks(self) -> list[Talk]:
        """Those in which something was said."""
        return [talk for recorder in self.recorders for talk in recorder.talks if talk.lines]

    def draw_charts(self) -> list[Chart]:
        """Two for a step, where it sent enough for one."""
        charts = []
        for recorder in self.recorders:
            tally = recorder.tally
            if len(tally.accepted_at) + len(tally.refused_at) > 1:
                charts.append(Chart(recorder.step, "replies", draw_replies(tally.accepted_at, tally.refused_at)))
            if len(tally.gap_seconds) > 1:
                charts.append(Chart(recorder.step, "spacing", draw_spacing(tally.gap_seconds)))
        return charts


def flatten(settings: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    """(dotted path, value) of each setting."""
    found = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found += flatten(value, f"{path}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, one in enumerate(value):
                found += flatten(one, f"{path}{key}.{number}.")
        else:
            found.append((f"{path}{key}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return found


# -- drawing: 640 × 150, of which 560 × 110 are for the bars

LEFT, TOP, WIDE, HIGH = 50, 10, 570, 105


def draw_replies(accepted: Sequence[float], refused: Sequence[float]) -> str:
    """Bars over time: 250 below, everything else on top of it."""
    last = max([*accepted, *refused]) or 0.001
    good, bad = count_bins(accepted, 0, last, BINS), count_bins(refused, 0, last, BINS)
    most = max(map(sum, zip(good, bad, strict=True))) or 1
    bars = []
    for at, (low, high) in enumerate(zip(good, bad, strict=True)):
        bars += _bar(at / BINS, 1 / BINS, (0, low / most), "ok") if low else []
        bars += _bar(at / BINS, 1 / BINS, (low / most, (low + high) / most), "no") if high else []
    return _frame(bars, (0, last, "s"), most)


def draw_spacing(gaps: Sequence[float]) -> str:
    """How often which time passed from one 250 of a session to its next, in milliseconds."""
    low, high = min(gaps) * 1000, max(gaps) * 1000
    high = max(high, low + 1)
    counts = count_bins([gap * 1000 for gap in gaps], low, high, SPACING_BINS)
    most = max(counts)
    bars = [
        bar
        for at, count in enumerate(counts)
        if count
        for bar in _bar(at / SPACING_BINS, 1 / SPACING_BINS, (0, count / most), "ok")
    ]
    return _frame(bars, (low, high, "ms"), most)


def count_bins(values: Sequence[float], low: float, high: float, bins: int) -> list[int]:
    """How many values lie in each of so many equal parts."""
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / (high - low) * bins))] += 1
    return counts


def _bar(at: float, wide: float, between: tuple[float, float], name: str) -> list[str]:
    x, y = LEFT + at * WIDE, TOP + (1 - between[1]) * HIGH
    size = f'width="{wide * WIDE - 1:.1f}" height="{(between[1] - between[0]) * HIGH:.1f}"'
    return [f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" {size}/>']


def _frame(bars: list[str], span: tuple[float, float, str], most: int) -> str:
    low, high, unit = span
    foot = TOP + HIGH
    marks = [
        f'<path class="axis" d="M{LEFT} {TOP}V{foot}H{LEFT + WIDE}"/>',
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{most}</text>',
        f'<text x="{LEFT - 6}" y="{foot}" text-anchor="end">0</text>',
        f'<text x="{LEFT}" y="{foot + 18}">{low:.3g} {unit}</text>',
        f'<text x="{LEFT + WIDE}" y="{foot + 18}" text-anchor="end">{high:.3g} {unit}</text>',
    ]
    return f'<svg viewBox="0 0 640 140" role="img">{"".join(bars + marks)}</svg>'
