"""The report of an acceptance run: a table for the terminal, JUnit XML, and one HTML page that needs nothing else."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from simulator import __version__
from simulator.acceptance.evidence import flatten
from simulator.acceptance.play import Result, Seen
from simulator.bench.machine import describe_machine

if TYPE_CHECKING:
    from rich.table import Table

TEMPLATE = Path(__file__).with_name("report.html")


def make_table(results: Sequence[Result], language: str = "en") -> "Table":
    """Steps and facts with expected and seen, scenario by scenario."""
    from rich.table import Table

    heads = ("", "シナリオ", "期待", "結果", "秒") if language == "ja" else ("", "Scenario", "Expected", "Seen", "s")
    table = Table(*heads, show_lines=False)
    for result in results:
        mark = "[yellow]–[/]" if result.skipped else _mark(result.good)
        title = getattr(result.scenario.title, language)
        table.add_row(mark, f"[bold]{result.scenario.name}  {title}[/]", "", "", f"{result.seconds:.1f}")
        for line in result.lines:
            table.add_row("", *_make_row(line, language))
        if result.skipped:
            table.add_row("", result.skipped, "", "", "")
        table.add_section()
    return table


def _mark(good: bool) -> str:
    return "[green]✔[/]" if good else "[red]✘[/]"


def _make_row(line: Seen, language: str) -> tuple[str, str, str, str]:
    from rich.markup import escape

    mark = ("[dim]·[/]" if line.kind == "step" else "[green]✔[/]") if line.good else "[red]✘[/]"
    said = f"{mark} {escape(getattr(line.says, language))}"
    if line.fault:
        said += f"\n  [red]{escape(line.fault)}[/]"
    seen = escape(line.seen) if line.good else f"[red]{escape(line.seen)}[/]"
    return said, escape(line.expected), seen, f"{line.seconds:.1f}"


def write_junit(results: Sequence[Result], path: Path) -> None:
    """One test suite, a test case for each step and fact (classname: the scenario)."""
    lines = [line for result in results for line in result.lines]
    suite = ElementTree.Element(
        "testsuite",
        name="cmcsim accept",
        tests=str(len(lines) + sum(1 for result in results if result.skipped)),
        failures=str(sum(1 for line in lines if not line.good)),
        skipped=str(sum(1 for result in results if result.skipped)),
        time=f"{sum(result.seconds for result in results):.3f}",
        timestamp=datetime.now().astimezone().isoformat(timespec="seconds"),
    )
    for result in results:
        for number, line in enumerate(result.lines, 1):
            _add_case(suite, result, f"{number:02d} {line.says.en}", line)
        if result.skipped:
            case = ElementTree.SubElement(suite, "testcase", classname=result.scenario.name, name="skipped", time="0")
            ElementTree.SubElement(case, "skipped", message=result.skipped)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ElementTree.Element, result: Result, name: str, line: Seen) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=result.scenario.name, name=name, time=f"{line.seconds:.3f}"
    )
    if not line.good:
        message = line.fault or f"expected {line.expected}, seen {line.seen}"
        ElementTree.SubElement(case, "failure", message=message).text = f"expected {line.expected}\nseen {line.seen}"


def write_html(results: Sequence[Result], path: Path, language: str = "") -> None:
    """The page; Japanese and English in it (``language``: shown at first, else the browser's), no other file needed,
    nothing asked of anybody; printed on A4 it is a form with a place to sign."""
    from jinja2 import Environment, select_autoescape

    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(TEMPLATE.read_text("utf-8")).render(
        results=results,
        good=sum(1 for result in results if result.good),
        skipped=sum(1 for result in results if result.skipped),
        facts=sum(1 for result in results for line in result.lines if line.kind == "fact"),
        seconds=sum(result.seconds for result in results),
        at=time.strftime("%Y-%m-%d %H:%M:%S %z"),
        language=language,
        product=next((result.product for result in results if result.product), "?"),
        simulator=__version__,
        machine=describe_machine(""),
        flatten=flatten,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
