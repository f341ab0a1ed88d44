"""The page of the webhook catcher."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from cmcdesk.console.catcher.catcher_page import name_answer

from ..conftest import Console

PLACE = "/api-settings/webhook/catcher"
WaitFor = Callable[..., Any]


def make(console: Console, name: str) -> tuple[int, str]:
    """An endpoint made on the page: its number and address."""
    answer = console.post(PLACE, {"name": name})
    assert answer.status_code == 303
    number = int(answer.location.rpartition("=")[2])
    found = re.search(r'id="catcher-url">([^<]+)<', console.get(answer.location).text)
    assert found
    return number, found[1]


def test_what_came_is_shown_as_fields_files_and_octets(console: Console, wait_for: WaitFor) -> None:
    number, url = make(console, "shown")
    assert "Nothing came yet." in console.get(f"{PLACE}?of={number}").text
    requests.post(url, {"subject": "件名"}, files={"file1": ("a.txt", b"octets", "text/plain")}, timeout=10)
    listed = wait_for(
        lambda: (page := console.get(f"{PLACE}/{number}/arrivals").text) and "data-caught" in page and page
    )
    (caught,) = re.findall(r'data-caught="(\d+)"', listed)
    alone = console.get(f"{PLACE}/caught/{caught}", HX_Request="true")
    pages = [console.get(f"{PLACE}{path}") for path in (f"?of={number}", f"/caught/{caught}", f"/{number}/newest")]
    for page in (alone, *pages):
        assert "件名" in page.text and "a.txt" in page.text and "POST / HTTP/1.1" in page.text
    file = console.get(f"{PLACE}/caught/{caught}/files/0")
    assert file.data == b"octets" and file.headers["Content-Disposition"] == "attachment; filename=a.txt"
    assert console.get(f"{PLACE}/caught/{caught}/files/1").status_code == 404
    body = console.get(f"{PLACE}/caught/{caught}/body")
    assert b'name="subject"' in body.data and body.mimetype == "application/octet-stream"
    assert console.post(f"{PLACE}/{number}/clear").status_code == 303
    assert "Nothing came yet." in console.get(f"{PLACE}?of={number}").text
    assert console.get(f"{PLACE}/caught/{caught}").status_code == 404


def test_an_answer_is_set_in_one_click_or_written(console: Console) -> None:
    number, url = make(console, "answers")
    assert console.post(f"{PLACE}/{number}/answer", {"answer": "500"}).status_code == 303
    assert requests.post(url, b"x", timeout=10).status_code == 500
    console.post(f"{PLACE}/{number}/answer", {"status": "503", "seconds": "0"})
    assert requests.post(url, b"x", timeout=10).status_code == 503
    console.post(f"{PLACE}/{number}/answer", {"status": "202", "seconds": "0.1"})
    assert "202 after 0.1 s" in console.get(f"{PLACE}?of={number}").text
    wrong = console.post(f"{PLACE}/{number}/answer", {"status": "99", "seconds": ""})
    assert wrong.status_code == 422 and "status from 200 to 599" in wrong.text
    assert console.post(f"{PLACE}/999/answer", {"answer": "200"}).status_code == 404
    console.post(f"{PLACE}/{number}/answer", {"answer": "hang_up"})
    with pytest.raises(requests.ConnectionError):
        requests.post(url, b"x", timeout=10)
    with console.desk.app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert [name_answer(each) for each in ("hang_up", "404")] == ["Hang up", "404"]


def test_endpoints_are_removed_and_names_are_checked(console: Console) -> None:
    number, url = make(console, "short-lived")
    assert console.post(PLACE, {"name": "x" * 101}).status_code == 422
    assert console.post(f"{PLACE}/{number}/remove").status_code == 303
    assert requests.post(url, b"x", timeout=10).status_code == 404
    assert console.post(f"{PLACE}/{number}/remove").status_code == 404
    assert console.get(f"{PLACE}/{number}/arrivals").status_code == 404
    assert console.get(f"{PLACE}?of=999").status_code == 200


def test_it_is_offered_where_an_endpoint_is_asked_for(console: Console) -> None:
    name = console.add_composition(apply=False)
    new = console.get(f"/api-settings/webhook/inbound/{name}/new").text
    found = re.search(r'id="endpoint" name="[^"]+" value="(http://127\.0\.0\.1:\d+/[\w-]+)"', new)
    assert found, "a new notification goes to the catcher unless it is told otherwise"
    event = console.get(f"/api-settings/webhook/event/{name}").text
    assert f'data-fills="event_webhook.endpoint" data-value="{found[1]}"' in event
