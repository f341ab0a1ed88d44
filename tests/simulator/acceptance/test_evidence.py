"""What acceptance runs write down: talks, times, settings; and the charts drawn of them."""

import re

from simulator.acceptance.evidence import (
    BINS,
    LINES,
    TALKS,
    Talk,
    TimedTally,
    count_bins,
    draw_replies,
    draw_spacing,
    flatten,
)
from simulator.acceptance.play import play
from simulator.acceptance.scenario import list_scenarios
from simulator.acceptance.world import World


def test_a_scenario_keeps_what_was_said_and_when(world: World) -> None:
    (scenario,) = list_scenarios(("05-size",))
    result = play(world, scenario, lambda says: None)
    assert result.good, [line for line in result.lines if not line.good]
    talks = result.evidence.list_talks()
    steps = {talk.step for talk in talks}
    assert steps and all(sum(talk.step == step for talk in talks) <= TALKS for step in steps)
    said = [f"{line.by}: {line.said}" for talk in talks for line in talk.lines]
    assert any(line.startswith("S: 220 ") for line in said) and any(line.startswith("C: MAIL FROM:") for line in said)
    assert any(line.startswith("S: 552 5.3.4") for line in said)
    assert any(line.octets > 1000 for talk in talks for line in talk.lines), "a mail is its number of octets"
    assert all(talk.lines[0].by == "S" and talk.lines == sorted(talk.lines, key=lambda one: one.at) for talk in talks)
    (numbers,) = result.evidence.revisions.values()
    assert len(numbers) == 2 and numbers[0] == numbers[1] >= 1
    kinds = {chart.kind for chart in result.evidence.draw_charts()}
    assert "replies" in kinds


def test_a_talk_has_an_end() -> None:
    talk = Talk("flood", 0.0)
    for _ in range(LINES + 5):
        talk.add("C", "NOOP" * 100)
    assert len(talk.lines) == LINES and talk.is_cut and len(talk.lines[0].said) == 200


def test_bars_are_as_high_as_what_they_count() -> None:
    assert count_bins([0, 0.4, 0.5, 1], 0, 1, 2) == [2, 2]
    svg = draw_replies([0.0, 0.0, 1.0], [1.0])
    heights = [float(height) for height in re.findall(r'class="ok"[^>]* height="([\d.]+)"', svg)]
    assert len(heights) == 2 and heights[0] == 2 * heights[1]
    assert svg.count('class="no"') == 1 and "1 s" in svg
    assert "100 ms" in draw_spacing([0.1, 0.1, 0.1012]) and draw_spacing([0.1] * 5).count("<rect") == 1
    assert draw_replies([0.0] * BINS, []).count("<rect") == 1, "all at once is one bar"


def test_settings_are_told_one_by_one() -> None:
    data = {"name": "pro", "receiving": {"domains": ["a", "b"]}, "inbound_webhook": [{"condition": [{"header": "To"}]}]}
    assert flatten(data) == [
        ("name", "pro"),
        ("receiving.domains", "a, b"),
        ("inbound_webhook.0.condition.0.header", "To"),
    ]


def test_a_tally_without_mails_has_no_times() -> None:
    tally = TimedTally()
    tally.note_greeting(421, "busy", 0.01)
    tally.note_greeting(220, "hello", 0.01)
    assert len(tally.refused_at) == 1 and not tally.accepted_at
