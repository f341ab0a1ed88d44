"""The world as it is asked and changed over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Run, request, send

HOSTS = [{"name": "mx.example.net", "behaviour": "bounce-later"}]


def test_zones_can_be_listed_put_and_deleted(run: Run, ask: Callable[..., list[str]]) -> None:
    world = run({"host": HOSTS})
    put = request(world, "PUT", "zones/return.example.com", {"mx": [[10, "pro.smtps.jp"]]})
    assert put["mx"] == [[10, "pro.smtps.jp"]]
    assert ask(world, "return.example.com", "MX") == ["10 pro.smtps.jp."]
    assert [zone["name"] for zone in request(world, "GET", "zones")["zones"]] == ["return.example.com"]
    assert request(world, "DELETE", "zones/return.example.com") == b""
    assert request(world, "DELETE", "zones/return.example.com")["status"] == 404


def test_a_bounce_reaches_the_service_where_it_says_that_it_receives(run: Run, wait_for: Callable[..., Any]) -> None:
    service = run({"host": [{"name": "receiver.example", "address": "127.0.0.1"}]})
    world = run({"host": HOSTS}, speed=100)
    place = f"127.0.0.1:{service.forwards['127.0.0.1']}"
    assert request(world, "PUT", "receivers", {"pro.smtps.jp": place})["forwards"]["127.0.0.1"]
    request(world, "PUT", "zones/return.example.com", {"mx": [[10, "pro.smtps.jp"]]})
    assert send(world, "mx.example.net", "gone@example.net")[0] == 250
    wait_for(lambda: service.postbox.arrived())
    told = wait_for(lambda: request(world, "GET", "returned")["returned"])
    assert (told[0]["code"], told[0]["to"]) == (250, "info@return.example.com")


def test_a_host_learns_other_manners_while_it_runs(run: Run) -> None:
    world = run({"host": HOSTS})
    told = request(world, "PUT", "hosts/mx.example.net", {"behaviour": "unknown-user", "mailbox": {"Me": "accept"}})
    assert (told["behaviour"], told["mailboxes"]) == ("unknown-user", {"me": "accept"})
    assert send(world, "mx.example.net", "you@example.net")[0] == 550
    assert send(world, "mx.example.net", "me@example.net")[0] == 250
    request(world, "PUT", "hosts/mx.example.net", {"wording": "plain"})
    assert send(world, "mx.example.net", "you@example.net")[1].startswith("<you@")
    for data, said in (({"behaviour": "odd"}, "behaviour is 'odd'"), ({"address": "127.0.1.9"}, "no key address")):
        assert said in request(world, "PUT", "hosts/mx.example.net", data)["error"]


def test_where_the_service_receives_is_told_as_a_whole(run: Run, ask: Callable[..., list[str]]) -> None:
    world = run({"host": HOSTS})
    own = world.forwards["127.0.1.1"]
    request(world, "PUT", "receivers", {"pro.smtps.jp": "127.0.0.1:26", "te.smtps.jp": "127.0.0.3:28"})
    assert world.describe()["forwards"] == {"127.0.1.1": own, "127.0.0.1": 26, "127.0.0.3": 28}
    assert ask(world, "return.te.smtps.jp", "MX") == ["10 te.smtps.jp."]
    taken = request(world, "PUT", "receivers", {"pro.smtps.jp": "127.0.1.1:26"})
    assert taken["status"] == 400 and "one server only" in taken["error"]
    request(world, "PUT", "receivers", {"pro.smtps.jp": "127.0.0.1:27"})
    assert world.describe()["forwards"] == {"127.0.1.1": own, "127.0.0.1": 27}


def test_hosts_mails_and_questions_can_be_seen(run: Run, ask: Callable[..., list[str]]) -> None:
    world = run({"host": HOSTS})
    send(world, "mx.example.net", "a@example.net")
    ask(world, "mx.example.net", "A")
    host = request(world, "GET", "hosts")["hosts"][0]
    assert (host["name"], host["behaviour"], host["port"]) == (
        "mx.example.net",
        "bounce-later",
        world.forwards["127.0.1.1"],
    )
    arrived = request(world, "GET", "arrived?host=mx.example.net")["arrived"]
    assert arrived[0]["recipients"] == ["a@example.net"]
    assert request(world, "GET", f"arrived/{arrived[0]['id']}/octets").startswith(b"Subject: hello")
    assert request(world, "GET", "arrived?host=other.example")["arrived"] == []
    assert request(world, "GET", "questions")["questions"][0]["name"] == "mx.example.net"


@pytest.mark.parametrize(
    ("method", "path", "data", "status", "told"),
    [
        ("PUT", "zones/a.example", {"mx": "x"}, 400, "preference"),
        ("PUT", "zones/a.example", [], 400, "a JSON object was expected"),
        ("PUT", "receivers", {"pro.smtps.jp": "192.0.2.1:25"}, 400, "127.0.0.0/8"),
        ("PUT", "receivers", {"pro.smtps.jp": "127.0.0.1"}, 400, "ADDRESS:PORT"),
        ("PUT", "receivers", {"a.smtps.jp": "127.0.0.1:26", "b.smtps.jp": "127.0.0.1:27"}, 400, "one server only"),
        ("PUT", "hosts/gone.example", {}, 404, "no PUT hosts/gone.example"),
        ("POST", "zones", {}, 404, "no POST zones"),
        ("GET", "nothing", None, 404, "no nothing here"),
        ("GET", "arrived/99/octets", None, 404, ""),
        ("GET", "../other", None, 404, "no"),
    ],
)
def test_what_is_wrong_is_said(run: Run, method: str, path: str, data: Any, status: int, told: str) -> None:
    answer = request(run({}), method, path, data)
    assert answer["status"] == status and told in answer["error"]
