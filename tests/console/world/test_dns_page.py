"""The page DNS: records entered, refused, removed, and what dig says of them."""

import pytest

from cmcdesk.console.world.dns_page import RecordForm, add_record, list_records, remove_record
from tests.console.conftest import Console

MX = {"name": "return.example.com", "kind": "MX", "value": "pro.smtps.jp", "preference": "10"}


def test_an_mx_record_is_entered_and_dig_says_so(in_world: Console) -> None:
    assert "status: NXDOMAIN" in in_world.get("/world/dns/answer?name=return.example.com&kind=MX").text
    entered = in_world.post("/world/dns", MX | {"preference": "１０"})
    page = in_world.client.get(entered.location, base_url=in_world.base).text
    assert "return.example.com.\t60\tIN\tMX\t10 pro.smtps.jp." in page and 'data-code="NOERROR"' in page
    removed = in_world.post("/world/dns/remove", MX)
    assert removed.status_code == 303
    assert "status: NXDOMAIN" in in_world.client.get(removed.location, base_url=in_world.base).text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "fault-name"),
        ({"value": "*.example"}, "fault-value"),
        ({"preference": "70000"}, "A whole number from 0 to 65535"),
        ({"preference": "9" * 5000}, "A whole number from 0 to 65535"),
        ({"kind": "A", "value": "192.0.2.1"}, "127.0.0.0/8"),
        ({"kind": "TXT", "value": ""}, "A text of 1 to 1000"),
        ({"kind": "AXFR"}, "One of MX, A, TXT, CNAME"),
    ],
)
def test_what_is_wrong_is_told_and_kept(in_world: Console, change: dict[str, str], told: str) -> None:
    answer = in_world.post("/world/dns", MX | change)
    assert answer.status_code == 422 and told in answer.text


def test_what_the_manual_wants_is_listed_until_it_is_there(in_world: Console) -> None:
    name = in_world.add_composition()
    assert f'value={name}.smtps.jp" data-enters="back.example"' in " ".join(in_world.get("/world/dns").text.split())
    in_world.post("/world/dns", MX | {"name": "back.example", "value": f"{name}.smtps.jp"})
    assert f'value={name}.smtps.jp" data-enters="back.example"' not in " ".join(in_world.get("/world/dns").text.split())


def test_without_a_world_it_can_be_started_here(console: Console) -> None:
    assert 'id="start-world"' in console.get("/world/dns").text
    assert console.get("/world").location == "/world/dns"
    answer = console.post("/world/dns", MX)
    assert answer.status_code == 422 and "Start it first" in answer.text
    assert console.post("/world/dns/remove", MX).status_code == 409
    assert console.post("/world/start", {"speed": "60"}).status_code == 303
    page = console.get("/world/dns", Accept_Language="ja").text
    assert "60 倍の速さ" in page and 'id="stop-world"' in page
    assert console.post("/world/stop").status_code == 303


def test_records_are_added_replaced_and_removed() -> None:
    zone = add_record({}, RecordForm("a.example", "MX", "", "20"), "two.example")
    zone = add_record(zone, RecordForm("a.example", "MX", "", "10"), "one.example")
    zone = add_record(zone, RecordForm("a.example", "MX", "", "5"), "two.example")
    assert zone == {"mx": [[5, "two.example"], [10, "one.example"]]}
    assert add_record(zone, RecordForm("a.example", "MX", "", "5"), ".") == {"mx": [[0, "."]]}
    assert add_record(zone, RecordForm("a.example", "CNAME"), "c.example") == {"cname": "c.example"}
    both = add_record(add_record(zone, RecordForm(kind="TXT"), "v=spf1"), RecordForm(kind="slow"), "")
    assert both == zone | {"txt": ["v=spf1"], "answer": "slow"}
    rows = list_records([{"name": "a.example", "a": [], "cname": "", **both}])
    assert [(row.kind, row.value) for row in rows] == [
        ("MX", "two.example"), ("MX", "one.example"), ("TXT", "v=spf1"), ("slow", ""),
    ]  # fmt: skip
    for row in rows:
        both = remove_record(both, row)
    assert both == {}


@pytest.mark.parametrize("part", ["destinations", "domains", "dns"])
def test_a_world_is_stopped_and_started_where_one_is(in_world: Console, part: str) -> None:
    for deed in ("stop", "start"):
        answer = in_world.post(f"/world/{deed}", {"part": part, "speed": "60"})
        assert answer.status_code == 303 and answer.location.endswith(f"/world/{part}")
