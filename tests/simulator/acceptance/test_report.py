"""Table, JUnit and page of a made-up run."""

import io
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console

from simulator.acceptance.evidence import Evidence, Line, Recorder, Talk, TimedTally
from simulator.acceptance.play import Result, Seen
from simulator.acceptance.report import make_table, write_html, write_junit
from simulator.acceptance.scenario import list_scenarios
from simulator.acceptance.steps import Said

GOOD = Seen("fact", Said("保存された", "Stored"), "3", "3", True, 0.1)
BAD = Seen("fact", Said("断られた", "Refused <b>"), "1", "0", False, 10.0, "")
STEP = Seen("step", Said("送る", "Send"), "", "", True, 0.2)


def results() -> list[Result]:
    first, second, third = list_scenarios(("05-size", "06-domains", "18-restart"))
    return [
        Result(first, (STEP, GOOD), 1.0, product="9.9", evidence=Evidence(revisions={"pro": [3, 3]})),
        Result(second, (STEP, GOOD, BAD), 11.0),
        Result(third, (), 0.0, "x y"),
    ]


def test_the_table_has_expected_and_seen_in_both_languages() -> None:
    for language, words in (("en", ["Size limit", "Refused <b>", "x y"]), ("ja", ["受信サイズ", "断られた"])):
        console = Console(width=120, record=True, file=io.StringIO())
        console.print(make_table(results(), language))
        text = console.export_text()
        assert all(word in text for word in words)
        assert text.count("✘") == 2


def test_junit_counts_what_it_lists(tmp_path: Path) -> None:
    write_junit(results(), tmp_path / "deep" / "junit.xml")
    suite = ElementTree.parse(tmp_path / "deep" / "junit.xml").getroot()
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "6",
        "failures": "1",
        "skipped": "1",
    }
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "expected 1, seen 0"
    assert len(suite.findall("testcase")) == 6


def test_the_page_is_one_file_in_two_languages(tmp_path: Path) -> None:
    write_html(results(), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Refused &lt;b&gt;" in page
    assert "断られた" in page
    assert "1 / 3" in page
    for asset in ("http://", "https://", "<link", "src="):
        assert asset not in page
    assert "署名・捺印" in page and "cmcdesk 9.9" in page and "@page { size: A4" in page
    assert "receiving.size_kb = " in page and "revision</span> 3" in page.replace("\n", "")


def test_the_page_has_charts_and_what_was_said(tmp_path: Path) -> None:
    evidence = Evidence(revisions={"pro": [3, 4]})
    recorder = Recorder("crowd", TimedTally(), [Talk("crowd", 0.0)])
    recorder.talks[0].lines += [Line(0.1, "S", "220 <hi>"), Line(0.2, "C", octets=1234), Line(0.3, "S", "552 5.3.4")]
    recorder.tally.accepted_at.extend([0.1, 0.2])
    evidence.recorders.append(recorder)
    (scenario,) = list_scenarios(("05-size",))
    write_html([Result(scenario, (STEP, GOOD), 1.0, evidence=evidence)], tmp_path / "report.html", "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "220 &lt;hi&gt;" in page and "… 1234 octets …" in page and page.count("<svg") == 1
    assert '<html lang="en"' in page and "→ 4" in page
