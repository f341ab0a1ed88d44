"""エラーグラフ: the bounces of a time as parts of a pie."""

import itertools
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from cmcdesk.console.outbound.error_graph_page import draw_parts
from cmcdesk.store.desk.bounces import NewBounce
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import BounceRow

from ..conftest import Console
from .test_report_pages import NOON, read_rows

NUMBERS = itertools.count(1)


@pytest.fixture
def name(console: Console) -> Iterator[str]:
    """A composition with five bounces of an hour, one later, and a delay notice."""
    made = console.add_composition(apply=False)

    def bounce(at: float, recipient: str, status: int, final: bool = True) -> BounceRow:
        fact = NewBounce(
            made, next(NUMBERS), 0, made, at, final, recipient, status, None, None, "", "", "", "", "", "", "", ""
        )  # fmt: skip
        return BounceRow(**fact.columns())

    with transaction(console.desk._services.engine) as session:
        session.add_all([
            bounce(NOON, "a@one.example", 2), bounce(NOON, "b@One.example", 2), bounce(NOON, "c@two.example", 2),
            bounce(NOON + 3000, "d@two.example", 5), bounce(NOON, "", 99), bounce(NOON + 7200, "e@two.example", 1),
            bounce(NOON, "f@two.example", 3, final=False),
        ])  # fmt: skip
    yield made
    with transaction(console.desk._services.engine) as session:
        session.execute(delete(BounceRow).where(BounceRow.composition == made))


def test_errors_are_parts_by_status_by_domain_or_by_both(console: Console, name: str) -> None:
    query = f"composition={name}&start=2025-11-24%2012:00&span=1h"
    page = console.get(f"/report/error-graph?{query}").text
    assert read_rows(page, "data-part") == [
        ["2 Unknown user", "3", "60.0 %"], ["5 Overcapacity", "1", "20.0 %"], ["99 Others", "1", "20.0 %"],
    ]  # fmt: skip
    assert read_rows(page, "data-total") == [["Total", "5", ""]] and len(re.findall('<path class="part-', page)) == 3
    domains = console.get(f"/report/error-graph?{query}&unit=domain", HX_Request="true").text
    assert [row[:2] for row in read_rows(domains, "data-part")] == [
        ["one.example", "2"], ["two.example", "2"], ["–", "1"],
    ]  # fmt: skip
    both = console.get(f"/report/error-graph.csv?{query}&unit=status").data.decode().splitlines()
    assert both[:3] == [
        "\ufeffError status and domain,Errors,Share",
        "2 Unknown user – one.example,2,0.4000", "2 Unknown user – two.example,1,0.2000",
    ]  # fmt: skip
    assert "No error." in console.get(f"/report/error-graph?composition={name}").text


def test_slices_go_around_the_circle_and_one_alone_is_all_of_it() -> None:
    assert [part.path for part in draw_parts([("a", 3), ("b", 1)])] == [
        "M0 0L0.00 -100.00A100 100 0 1 1 -100.00 0.00Z", "M0 0L-100.00 0.00A100 100 0 0 1 -0.00 -100.00Z",
    ]  # fmt: skip
    (alone,) = draw_parts([("a", 7)])
    assert (alone.share, alone.path.count("A")) == (1.0, 2)
    assert draw_parts([]) == []


def test_many_parts_become_others(console: Console, name: str) -> None:
    with transaction(console.desk._services.engine) as session:
        for number in range(20):
            fact = NewBounce(
                name, next(NUMBERS), 0, name, NOON + 90000, True, f"x@d{number:02}.example", 2, None, None, "", "", "",
                "", "", "", "", "",
            )  # fmt: skip
            session.add(BounceRow(**fact.columns()))
    page = console.get(f"/report/error-graph?composition={name}&start=2025-11-25T12:00&span=24h&unit=domain").text
    rows = read_rows(page, "data-part")
    assert (len(rows), rows[-1]) == (12, ["Other Domain", "9", "45.0 %"])
