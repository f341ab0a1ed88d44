"""The webhook log and 再送."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

from ..conftest import Console


@pytest.fixture
def rows(console: Console) -> Iterator[list[str]]:
    """Three deliveries of a composition that is gone, one in each state."""
    states = {"waiting": 4e9, "delivered": None, "given_up": None}
    made = [
        DeliveryRow(
            id=f"log-{state}", mail_id=1, composition="log", revision=1, filter="<b>f</b>", recipient="r@test.example",
            state=state, due_at=due, attempts=1, created_at=time.time(), finished_at=None if due else time.time(),
        )
        for state, due in states.items()
    ]  # fmt: skip
    with transaction(console.desk._engine) as session:
        session.add_all(made)
        session.flush()
        session.add(
            AttemptRow(
                delivery_number=made[0].number, number=1, at=time.time(), milliseconds=34, outcome="transient",
                status=None, error="timed out", request="POST /hook HTTP/1.1\r\nX: <i>", answer="",
            )
        )  # fmt: skip
    yield [row.id for row in made]
    with transaction(console.desk._engine) as session:
        for row in made:
            session.delete(session.get_one(DeliveryRow, row.number))


def test_the_log_narrows_by_state(console: Console, rows: list[str]) -> None:
    page = console.get("/api-settings/webhook/log?composition=log").text
    assert all(f'data-delivery="{each}"' in page for each in rows) and "<b>f</b>" not in page
    assert 'data-due-at="4000000000.0"' in page
    only = console.get("/api-settings/webhook/log?composition=log&state=given_up", HX_Request="true").text
    assert 'data-delivery="log-given_up"' in only and only.count("data-delivery=") == 1 and "<html" not in only
    assert "No delivery." in console.get("/api-settings/webhook/log?composition=nothing").text


def test_a_queue_that_does_not_move_is_shown_with_its_age(console: Console, rows: list[str]) -> None:
    page = console.get("/api-settings/webhook/log", HX_Request="true").text
    (queue,) = re.findall(r'<tr data-queue="&lt;b&gt;f&lt;/b&gt;">.*?</tr>', page, re.S)
    assert re.search(r">0:0\d<", queue) and "timed out" in queue and ">1<" in queue


def test_a_delivery_shows_request_and_answer_as_sent(console: Console, rows: list[str]) -> None:
    page = console.get(f"/api-settings/webhook/log/{rows[0]}").text
    assert "POST /hook HTTP/1.1" in page and "X: &lt;i&gt;" in page and "timed out" in page and "34 ms" in page
    assert "Not attempted yet." in console.get(f"/api-settings/webhook/log/{rows[1]}").text
    assert console.get("/api-settings/webhook/log/none").status_code == 404


def test_sending_again_makes_it_due(console: Console, rows: list[str]) -> None:
    answer = console.post(f"/api-settings/webhook/log/{rows[0]}/retry", HX_Request="true")
    assert answer.status_code == 200 and "4000000000.0" not in answer.text
    assert console.post("/api-settings/webhook/log/none/retry").status_code == 404


def test_the_list_tells_what_the_last_attempt_met(console: Console, rows: list[str]) -> None:
    page = console.get("/api-settings/webhook/log?composition=log", HX_Request="true").text
    (waiting,) = re.findall(r'<tr id="[^"]*" data-delivery="log-waiting">.*?</tr>', page, re.S)
    assert "timed out" in waiting and "34 ms" in waiting
    (given_up,) = re.findall(r'<tr id="[^"]*" data-delivery="log-given_up">.*?</tr>', page, re.S)
    assert " ms" not in given_up


def test_several_are_sent_again_at_once(console: Console, rows: list[str]) -> None:
    before = {each: console.api(f"deliveries/{each}").json["finished_at"] for each in rows[1:]}
    answer = console.post("/api-settings/webhook/log/retry?composition=log&state=given_up", {"delivery": rows[1:]})
    assert answer.status_code == 303 and answer.location == "/api-settings/webhook/log?state=given_up&composition=log"
    assert "2 deliveries are sent again." in console.get(answer.location).text
    after = {each: console.api(f"deliveries/{each}").json["finished_at"] for each in rows[1:]}  # null, or ended again
    assert all(after[each] != before[each] for each in rows[1:])
    assert console.api(f"deliveries/{rows[0]}").json["due_at"].startswith("2096")
    assert "0 deliveries are sent again." in console.get(console.post("/api-settings/webhook/log/retry").location).text


def test_an_answer_is_shown_with_its_headers_and_a_request_goes_to_curl(
    console: Console, wait_for: Callable[..., Any]
) -> None:
    endpoint = console.api("catcher/endpoints", "POST", {"name": "log"}).json
    console.api(f"catcher/endpoints/{endpoint['id']}/answer", "PUT", {"answer": "202"})
    name = console.add_composition(apply=False)
    inbound = {"name": "form", "endpoint": endpoint["url"], "format": "json", "api_key": "s3cret"}
    condition = [{"header": "To", "pattern": "info@test"}]
    console.change(name, {"inbound_webhook": [inbound | {"condition": condition}]})
    console.api(f"compositions/{name}/apply", "POST")
    console.send(name, "From: a@b.example\r\nTo: info@test.example\r\nSubject: 件名\r\n\r\ntext\r\n".encode())
    place = f"deliveries?composition={name}&state=delivered"
    (row,) = wait_for(lambda: console.api(place).json["deliveries"], 20)
    (attempt,) = console.api(f"deliveries/{row['id']}").json["attempt_log"]
    assert attempt["answer_headers"].startswith("HTTP/1.1 202 Accepted\r\n")
    assert "Content-Type: text/plain" in attempt["answer_headers"]
    page = console.get(f"/api-settings/webhook/log/{row['id']}").text
    assert "HTTP/1.1 202 Accepted" in page and f"curl -X POST {endpoint['url']}" in page
    assert "s3cret" not in page
    content = console.get(f"/api-settings/webhook/log/{row['id']}/content")
    assert b'"filter"' in content.data and b"s3cret" not in content.data
    assert console.get("/api-settings/webhook/log/none/content").status_code == 404


def test_failing_are_those_that_wait_after_an_attempt(console: Console, rows: list[str]) -> None:
    with transaction(console.desk._engine) as session:
        fresh = DeliveryRow(
            id="log-fresh", mail_id=1, composition="log", revision=1, filter="f", recipient="r@test.example",
            state="waiting", due_at=4e9, attempts=0, created_at=time.time(),
        )  # fmt: skip
        session.add(fresh)
    try:
        page = console.get("/api-settings/webhook/log?composition=log&state=failing").text
        assert re.findall(r'data-delivery="([^"]+)"', page) == ["log-waiting"]
        assert '<option value="failing" selected>' in page
    finally:
        with transaction(console.desk._engine) as session:
            session.delete(session.get_one(DeliveryRow, fresh.number))
