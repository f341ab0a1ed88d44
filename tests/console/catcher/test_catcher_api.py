"""The webhook catcher over the API."""

import base64
from collections.abc import Callable
from typing import Any

import requests

from ..conftest import Console

WaitFor = Callable[..., Any]


def test_an_endpoint_is_made_told_to_answer_read_and_removed(console: Console, wait_for: WaitFor) -> None:
    made = console.api("catcher/endpoints", "POST", {"name": "by program"})
    assert made.status_code == 201 and made.json["answer"] == "200" and made.json["kept"] == 0
    place = f"catcher/endpoints/{made.json['id']}"
    changed = console.api(f"{place}/answer", "PUT", {"answer": "503@0.1"})
    assert changed.status_code == 200 and changed.json["answer"] == "503@0.1"
    for number in range(3):
        answer = requests.post(f"{made.json['url']}/n?{number}", {"a": str(number)}, timeout=10)
        assert answer.status_code == 503
    wait_for(lambda: len(console.api(f"{place}/requests").json["requests"]) == 3)
    newest = console.api(f"{place}/requests?limit=2").json
    assert [one["path"] for one in newest["requests"]] == ["/n?2", "/n?1"]
    (oldest,) = console.api(f"{place}/requests?before={newest['next']}").json["requests"]
    after = console.api(f"{place}/requests?after={oldest['id']}").json["requests"]
    assert [one["path"] for one in after] == ["/n?1", "/n?2"] and oldest["answered"] == 503
    detail = console.api(f"catcher/requests/{oldest['id']}").json
    assert detail["fields"] == [{"name": "a", "value": "0"}] and base64.b64decode(detail["content"]) == b"a=0"
    assert detail["files"] == [] and ["Content-Length", "3"] in detail["headers"]
    listed = console.api("catcher/endpoints").json["endpoints"]
    assert next(one["kept"] for one in listed if one["id"] == made.json["id"]) == 3
    assert console.api(f"{place}/requests", "DELETE").status_code == 204
    assert console.api(f"{place}/requests").json == {"requests": [], "next": None}
    assert console.api(place, "DELETE").status_code == 204
    for path, method in ((place, "DELETE"), (f"{place}/requests", "GET"), (f"{place}/requests", "DELETE"),
                         (f"catcher/requests/{oldest['id']}", "GET")):  # fmt: skip
        assert console.api(path, method).status_code == 404


def test_files_are_told_with_their_checksums(console: Console, wait_for: WaitFor) -> None:
    made = console.api("catcher/endpoints", "POST", {}).json
    requests.post(made["url"], files={"file1": ("a.txt", b"octets", "text/plain")}, timeout=10)
    place = f"catcher/endpoints/{made['id']}/requests"
    (one,) = wait_for(lambda: console.api(place).json["requests"])
    (file,) = console.api(f"catcher/requests/{one['id']}").json["files"]
    assert (file["filename"], file["size"], len(file["sha256"])) == ("a.txt", 6, 64)


def test_wrong_answers_and_names_are_told(console: Console) -> None:
    made = console.api("catcher/endpoints", "POST", {"name": ""}).json
    wrong = console.api(f"catcher/endpoints/{made['id']}/answer", "PUT", {"answer": "99"})
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "answer"
    assert console.api("catcher/endpoints/999/answer", "PUT", {"answer": "200"}).status_code == 404
    assert console.api("catcher/endpoints", "POST", {"name": "x" * 101}).status_code == 422
