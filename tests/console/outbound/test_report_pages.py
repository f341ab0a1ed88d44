"""配信グラフ and 配信統計: the counts of a composition's events, as pages and as CSV."""

import html
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from cmcdesk.console.outbound.report_pages import draw_points, graph_values, write_rate
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.outbound_counts import CountedEvent, Counts, OutboundCountRow, add_counts

from ..conftest import Console

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2025, 11, 24, 12, 0, 30, tzinfo=TOKYO).timestamp()


@pytest.fixture
def name(console: Console) -> Iterator[str]:
    """A composition with events of two minutes of a day, and of the next."""
    made = console.add_composition(apply=False)
    told = (
        *((NOON, "a@x", "queued", None) for _ in range(1234)), (NOON + 60, "a@x", "succeeded", None),
        (NOON + 60, "", "failed", 2), (NOON + 60, "", "failed", 10), (NOON + 61, "", "deferred", None),
        (NOON + 86400, "a@x", "succeeded", None),
    )  # fmt: skip
    with transaction(console.desk._services.engine) as session:
        add_counts(session, [CountedEvent(at, made, user, status, error) for at, user, status, error in told])
    yield made
    with transaction(console.desk._services.engine) as session:
        session.execute(delete(OutboundCountRow).where(OutboundCountRow.composition == made))


def read_rows(page: str, mark: str) -> list[list[str]]:
    """The cells of the rows with this mark."""
    rows = re.findall(rf"<tr {mark}.*?</tr>", page, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def read_points(page: str) -> Any:
    found = re.search(r'data-points="([^"]+)"', page)
    assert found
    return json.loads(html.unescape(found[1]))


def test_the_graph_has_a_line_of_each_status_by_minute(console: Console, name: str) -> None:
    query = f"composition={name}&start=2025-11-24T12:00&span=1h"
    page = console.get(f"/report/graph?{query}").text
    times, queued, succeeded, failed, deferred = read_points(page)
    assert (len(times), times[0]) == (60, int(NOON - 30))
    assert (queued[:3], succeeded[:3], failed[:3], deferred[:3]) == ([1234, 0, 0], [0, 1, 0], [0, 2, 0], [0, 1, 0])
    assert read_rows(page, "data-minute") == [
        ["11-24 12:01", "0", "1", "2", "1"], ["11-24 12:00", "1,234", "0", "0", "0"],
    ]  # fmt: skip
    assert read_rows(page, "data-total") == [["Total", "1,234", "1", "2", "1"]]
    part = console.get(f"/report/graph?{query}&user=a@x", HX_Request="true").text
    assert "<html" not in part and read_points(part)[3][1] == 0
    without = console.get(f"/report/graph?{query}&user=-").text
    assert read_points(without)[1][0] == 0 and read_points(without)[3][1] == 2
    csv = console.get(f"/report/graph.csv?{query}").data.decode()
    assert csv == (
        "\ufeffTime,Mails received,Successful deliveries,Delivery errors,Deferrals\r\n"
        "2025-11-24 12:00,1234,0,0,0\r\n2025-11-24 12:01,0,1,2,1\r\n"
    )


def test_without_a_start_the_graph_ends_now_and_says_when_nothing_happened(console: Console, name: str) -> None:
    page = console.get(f"/report/graph?composition={name}").text
    assert "Nothing in this time." in page and "hx-trigger" in page and len(read_points(page)[0]) == 60


def test_what_a_removed_one_sent_still_counts_among_all_as_in_the_delivery_log(console: Console, name: str) -> None:
    assert console.api(f"compositions/{name}", "DELETE").status_code == 204
    place = "start=2025-11-24T12:00&span=1h"
    for query in (place, f"{place}&composition={name}"):
        assert read_rows(console.get(f"/report/graph?{query}").text, "data-total")[0][1] == "1,234"
    page = console.get("/report/statistics?month=2025-11").text
    assert read_rows(page, "data-total")[0][1] == "1,234" and ">a@x</option>" in page


def test_dates_may_be_typed_full_width(console: Console, name: str) -> None:
    assert read_rows(console.get("/report/statistics?month=２０２５－１１").text, "data-total")[0][1] == "1,234"
    graph = console.get("/report/graph?start=２０２５-１１-２４ １２：００").text
    assert read_rows(graph, "data-total")[0][1] == "1,234"


def test_what_is_no_date_is_named(console: Console) -> None:
    said = "Start: yesterday is no date and time of the form YYYY-MM-DD HH:MM."
    assert said in console.get("/report/graph?start=yesterday").text
    assert said in console.get("/report/error-graph?start=yesterday").text
    assert "Month: 2025-13 is no month" in console.get("/report/statistics?month=2025-13").text
    assert "is no month" in console.get("/report/statistics?month=1969-01").text


def test_statistics_have_a_row_a_day_and_their_sum(console: Console, name: str) -> None:
    page = console.get(f"/report/statistics?composition={name}&month=2025-11").text
    rows = read_rows(page, "data-day")
    assert len(rows) == 30
    assert rows[23:25] == [
        ["2025-11-24", "1,234", "1", "1", "1", "2", "50.00%"], ["2025-11-25", "0", "1", "0", "0", "1", "0.00%"],
    ]  # fmt: skip
    assert rows[0] == ["2025-11-01", "0", "0", "0", "0", "0", "–"]
    assert read_rows(page, "data-total") == [["Total", "1,234", "2", "1", "1", "3", "33.33%"]]
    assert 'value="a@x"' in page and "without API user" in page
    own = console.get(f"/report/statistics?composition={name}&month=2025-11&user=a@x").text
    assert read_rows(own, "data-total") == [["Total", "1,234", "2", "0", "0", "2", "0.00%"]]
    csv = console.get(f"/report/statistics.csv?composition={name}&month=2025-11").data.decode().splitlines()
    assert csv[0].split(",")[:3] == ["\ufeffDate", "Mails received", "Successful deliveries"]
    assert csv[24] == "2025-11-24,1234,1,1,1,2,50.00%" and csv[-1] == "Total,1234,2,1,1,3,33.33%"
    assert "still to come" in console.get("/report/statistics?month=9998-01").text


def test_minutes_without_events_are_drawn_as_none() -> None:
    assert draw_points(60, 180, [(120, Counts(queued=1, blocked=2))]) == [
        [60, 120, 180], [0, 1, 0], [0, 0, 0], [0, 2, 0], [0, 0, 0],
    ]  # fmt: skip
    assert graph_values(Counts(1, 2, 3, 4, 5)) == (1, 2, 8, 4)
    assert (write_rate(Counts()), write_rate(Counts(succeeded=2, failed=1))) == ("–", "33.33%")
