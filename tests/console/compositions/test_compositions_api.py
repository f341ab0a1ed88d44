"""Compositions over the API: list, add, apply, remove."""

import socket

from ..conftest import Console


def find(console: Console, name: str) -> dict[str, object]:
    listed = console.api("compositions").json["compositions"]
    return next(each for each in listed if each["name"] == name)


def test_a_fresh_installation_operates(console: Console) -> None:
    listed = console.api("compositions").json["compositions"]
    assert [(each["name"], each["plan"], each["subdomain"]) for each in listed[:3]] == [
        ("pro", "pro", "pro"),
        ("sandbox", "standard", "sandbox"),
        ("transactional-email", "standard", "te"),
    ]
    assert listed[0]["state"] == "operating" and listed[0]["applied_revision"] >= 1
    assert listed[1]["receiving"].startswith("127.0.0.2:")


def test_a_saved_change_waits_until_it_is_applied(console: Console) -> None:
    name = console.add_composition()
    console.change(name, {"receiving": {"max_sessions": 3}})
    assert find(console, name)["state"] == "updating"
    assert console.api(f"compositions/{name}/apply", "POST").json == {"revision": 2}
    assert find(console, name)["state"] == "operating"


def test_a_taken_subdomain_is_told_in_the_callers_language(console: Console) -> None:
    answer = console.api("compositions", "POST", {"subdomain": "pro"}, language="ja")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json["errors"]} == {"name", "subdomain"}
    assert "サーバ構成" in answer.json["errors"][0]["message"]


def test_an_unknown_key_in_the_body_is_told(console: Console) -> None:
    answer = console.api("compositions", "POST", {"subdomain": "x", "colour": "red"})
    assert answer.status_code == 422 and answer.json["errors"][0]["field"] == "colour"


def test_removing_ends_the_listener_and_frees_the_name(console: Console) -> None:
    name = console.add_composition()
    place = console.place(name)
    socket.create_connection(place, 5).close()
    assert console.api(f"compositions/{name}", "DELETE").status_code == 204
    with socket.socket() as probe:
        assert probe.connect_ex(place) != 0
    assert console.api(f"compositions/{name}", "DELETE").status_code == 404
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 404
