"""The chart: well-formed, with every figure also as text, its bars where they belong."""

from xml.etree import ElementTree

import pytest

from simulator.bench.chart import LEFT, RIGHT, Bar, list_bars, make_scale, write_chart
from simulator.bench.result import Result
from simulator.bench.running import Spread

SVG = "{http://www.w3.org/2000/svg}"


def test_it_is_well_formed_and_says_in_words_what_it_shows(result: Result) -> None:
    root = ElementTree.fromstring(write_chart(result))
    words = [element.text for element in root.iter() if element.tag in (f"{SVG}text", f"{SVG}title")]
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None
    for expected in ("smtp-sink", "elsewhere", "0.56 (0.50-0.62)", "not run: needs 60 GB", "1×"):
        assert expected in words
    assert any("A Processor <1>" in (said or "") for said in words)
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")


def test_a_bar_goes_from_1_to_the_median_and_its_line_from_least_to_most(result: Result) -> None:
    root = ElementTree.fromstring(write_chart(result))
    sink, peer = root.iter(f"{SVG}rect")
    one = float(peer.attrib["x"])
    assert float(sink.attrib["x"]) + float(sink.attrib["width"]) == pytest.approx(one, abs=0.2)
    assert float(sink.attrib["width"]) < float(peer.attrib["width"])
    assert len([line for line in root.iter(f"{SVG}line") if line.attrib["class"] == "whisker"]) == 2 * 3


def test_the_scale_is_logarithmic_and_holds_all_whiskers() -> None:
    scale = make_scale([Bar("it", Spread(3.0, 0.2, 9.0), "")])
    assert (scale.least, scale.most) == (0.125, 16.0)
    assert (scale.place(0.125), scale.place(16.0)) == (LEFT, RIGHT)
    assert scale.place(2) - scale.place(1) == pytest.approx(scale.place(1) - scale.place(0.5))
    assert scale.ticks() == [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]


def test_what_was_not_measured_has_no_bar(result: Result) -> None:
    assert result.rate
    result.rate[0].runs[1].fault = "it fell"
    bars = list_bars(result.rate[0])
    assert [(bar.name, bar.said) for bar in bars] == [("smtp-sink", "not measured"), ("elsewhere", "4.00 (4.00-9.00)")]
    assert list_bars(result.rate[1]) == []


def test_a_result_without_rates_is_a_chart_all_the_same(result: Result) -> None:
    result.rate = None
    ElementTree.fromstring(write_chart(result))
