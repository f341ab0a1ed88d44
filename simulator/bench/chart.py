"""The ratios as a chart: one SVG file that is read in light and dark, and without colours."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from simulator.bench.matrix import CellResult
from simulator.bench.options import OURS
from simulator.bench.report import describe_programs, describe_system, write_ratio
from simulator.bench.result import Result
from simulator.bench.running import Spread

WIDTH = 860
LEFT, RIGHT = 160, 660  # of the bars; names stand left of them, figures right
TOP = 128
ROW, HEAD, GAP = 24, 26, 10  # heights of a bar's row, of a cell's head line, and between cells
BAR = 12
LEAST_SCALE = (0.5, 2.0)  # the scale always shows at least this
COLOURS = 6  # classes c0 … c5, then again

STYLE = """
svg { background: #ffffff; font: 13px system-ui, "Noto Sans", "DejaVu Sans", sans-serif }
text { fill: #1b1f24 } .quiet { fill: #57606a; font-size: 12px } .title { font-size: 17px; font-weight: 600 }
.cell { font-weight: 600; paint-order: stroke; stroke: #ffffff; stroke-width: 6px }
.figure { font-variant-numeric: tabular-nums }
.grid { stroke: #d8dee4 } .one { stroke: #57606a; stroke-width: 1.5 } .whisker { stroke: #1b1f24; stroke-width: 1.5 }
.c0 { fill: #4878b0 } .c1 { fill: #c8793a } .c2 { fill: #4f9a5b }
.c3 { fill: #9a6fb0 } .c4 { fill: #b0893d } .c5 { fill: #5a9ca6 }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 }
  .cell { stroke: #0d1117 } .grid { stroke: #2d333b } .one { stroke: #9198a1 } .whisker { stroke: #e6edf3 }
}
"""


@dataclass(frozen=True)
class Bar:
    """One receiver of a cell; ``ratio`` None: why not."""

    name: str
    ratio: Spread | None
    said: str


@dataclass(frozen=True)
class Scale:
    """Ratios on a logarithmic axis, so that twice as fast and half as fast are equally far from 1."""

    least: float
    most: float

    def place(self, ratio: float) -> float:
        """x of a ratio."""
        part = (math.log(ratio) - math.log(self.least)) / (math.log(self.most) - math.log(self.least))
        return LEFT + part * (RIGHT - LEFT)

    def ticks(self) -> list[float]:
        """Powers of two."""
        return [2.0**power for power in range(round(math.log2(self.least)), round(math.log2(self.most)) + 1)]


def write_chart(result: Result) -> str:
    """The SVG text of the rate part; without cells it says that there are none."""
    cells = [(one, list_bars(one)) for one in result.rate or []]
    scale = make_scale([bar for _, bars in cells for bar in bars])
    height = TOP + sum(HEAD + max(len(bars), 1) * ROW + GAP for _, bars in cells) + 34
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'role="img" aria-labelledby="title what">',
        f"<style>{STYLE}</style>",
        *_draw_head(result),
        *_draw_grid(scale, height - 34),
    ]
    y = TOP
    for one, bars in cells:
        lines += _draw_cell(one, bars, scale, y)
        y += HEAD + max(len(bars), 1) * ROW + GAP
    return "\n".join([*lines, "</svg>", ""])


def list_bars(result: CellResult) -> list[Bar]:
    """One for each receiver that stands beside cmcdesk."""
    others = [runs for runs in result.runs if runs.name != OURS and not result.skipped]
    ratios = [(runs, result.ratio(runs)) for runs in others]
    return [Bar(runs.name, ratio, write_ratio(ratio) if ratio else "not measured") for runs, ratio in ratios]


def make_scale(bars: Sequence[Bar]) -> Scale:
    """From the power of two below the least whisker to that above the longest."""
    ratios = [bar.ratio for bar in bars if bar.ratio]
    least = min([LEAST_SCALE[0], *(ratio.least for ratio in ratios)])
    most = max([LEAST_SCALE[1], *(ratio.most for ratio in ratios)])
    return Scale(2.0 ** math.floor(math.log2(least)), 2.0 ** math.ceil(math.log2(most)))


def _draw_head(result: Result) -> Iterator[str]:
    options, machine = result.options, result.machine
    what = f"Bar: median of {options.rounds} rounds in turn, {options.seconds:g} s each. Line: least to most."
    yield '<title id="title">cmcdesk\'s rate divided by that of other receivers</title>'
    yield f'<desc id="what">{escape(what)} Right of 1, cmcdesk is faster.</desc>'
    yield _text(20, 32, "Mails acknowledged a second: cmcdesk ÷ the other receiver", "title")
    yield _text(20, 54, f"{what} cmcdesk stores every mail before its 250.", "quiet")
    yield _text(20, 72, describe_system(machine), "quiet")
    yield _text(20, 90, describe_programs(machine), "quiet")


def _draw_grid(scale: Scale, bottom: float) -> Iterator[str]:
    for tick in scale.ticks():
        x = scale.place(tick)
        style = "one" if tick == 1 else "grid"
        yield f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom:.1f}"/>'
        yield _text(x, bottom + 18, f"{tick:g}×", "quiet", "middle")
    yield _text(scale.place(1) - 8, TOP - 6, "← the other is faster", "quiet", "end")
    yield _text(scale.place(1) + 8, TOP - 6, "cmcdesk is faster →", "quiet")


def _draw_cell(result: CellResult, bars: Sequence[Bar], scale: Scale, y: float) -> Iterator[str]:
    yield _text(20, y + 18, str(result.cell), "cell")
    if not bars:
        yield _text(36, y + HEAD + 16, f"not run: {result.skipped}" if result.skipped else "no other receiver", "quiet")
    for number, bar in enumerate(bars):
        yield from _draw_bar(bar, number % COLOURS, scale, y + HEAD + number * ROW)


def _draw_bar(bar: Bar, colour: int, scale: Scale, y: float) -> Iterator[str]:
    middle = y + ROW / 2
    yield _text(LEFT - 10, middle + 4, bar.name, "", "end")
    yield _text(RIGHT + 16, middle + 4, bar.said, "figure")
    if bar.ratio is None:
        return
    one, end = scale.place(1), scale.place(bar.ratio.median)
    left, width = min(one, end), max(abs(end - one), 1)
    yield f'<rect class="c{colour}" x="{left:.1f}" y="{middle - BAR / 2:.1f}" width="{width:.1f}" height="{BAR}"/>'
    low, high = scale.place(bar.ratio.least), scale.place(bar.ratio.most)
    yield f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>'
    for x in (low, high):
        yield f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{middle - 4:.1f}" y2="{middle + 4:.1f}"/>'


def _text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
