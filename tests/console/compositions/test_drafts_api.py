"""Drafts and revisions over the API."""

from ..conftest import Console


def test_a_draft_is_saved_with_its_version(console: Console) -> None:
    name = console.add_composition()
    draft = console.api(f"compositions/{name}/draft").json
    draft["settings"]["receiving"]["max_sessions"] = 42
    saved = console.api(f"compositions/{name}/draft", "PUT", draft)
    assert saved.status_code == 200 and saved.json["version"] == draft["version"] + 1
    assert console.api(f"compositions/{name}/draft").json == saved.json


def test_the_later_of_two_savers_is_told_and_overwrites_nothing(console: Console) -> None:
    name = console.add_composition()
    mine = console.api(f"compositions/{name}/draft").json
    console.change(name, {"receiving": {"max_sessions": 7}})
    mine["settings"]["receiving"]["max_sessions"] = 8
    answer = console.api(f"compositions/{name}/draft", "PUT", mine)
    assert answer.status_code == 409
    assert answer.json["settings"]["receiving"]["max_sessions"] == 7
    assert answer.json["errors"][0]["field"] == "version"
    assert console.api(f"compositions/{name}/draft").json["settings"]["receiving"]["max_sessions"] == 7


def test_bad_settings_are_told_by_field_and_change_nothing(console: Console) -> None:
    name = console.add_composition()
    draft = console.api(f"compositions/{name}/draft").json
    draft["settings"]["receiving"] |= {"max_sessions": 0, "inbound_domains": ["not a domain"]}
    answer = console.api(f"compositions/{name}/draft", "PUT", {"settings": draft["settings"]})
    assert answer.status_code == 422
    fields = {error["field"]: error["given"] for error in answer.json["errors"]}
    assert fields == {"receiving.max_sessions": "0", "receiving.inbound_domains[0]": "not a domain"}
    assert console.api(f"compositions/{name}/draft").json["version"] == draft["version"]


def test_a_draft_cannot_become_another_composition(console: Console) -> None:
    name = console.add_composition()
    settings = console.api(f"compositions/{name}/draft").json["settings"] | {"name": "pro"}
    answer = console.api(f"compositions/{name}/draft", "PUT", {"settings": settings})
    assert answer.status_code == 422 and "name" in {error["field"] for error in answer.json["errors"]}


def test_the_diff_names_each_change_with_its_effect(console: Console) -> None:
    name = console.add_composition()
    assert console.api(f"compositions/{name}/diff").json == {"changes": []}
    console.change(name, {"receiving": {"interval_ms": 250}})
    (change,) = console.api(f"compositions/{name}/diff", language="ja").json["changes"]
    assert (change["field"], change["old"], change["new"]) == ("receiving.interval_ms", 10, 250)
    assert change["label"] == "受信間隔" and change["effect"]


def test_the_diff_warns_of_a_pattern_that_may_run_for_ever(console: Console) -> None:
    name = console.add_composition()
    condition = [{"header": "To", "pattern": "(a+)+$"}]
    console.change(
        name, {"inbound_webhook": [{"name": "x", "endpoint": "http://127.0.0.1:9/", "condition": condition}]}
    )
    (warning,) = console.api(f"compositions/{name}/diff").json["warnings"]
    assert (warning["field"], warning["value"]) == ("inbound_webhook[0].condition[0].pattern", "(a+)+$")
    assert "without end" in warning["message"]
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200, "a warning, no error"


def test_history_and_rollback(console: Console) -> None:
    name = console.add_composition(max_sessions=5)
    console.change(name, {"receiving": {"max_sessions": 6}})
    console.api(f"compositions/{name}/apply", "POST")
    revisions = console.api(f"compositions/{name}/revisions").json["revisions"]
    assert [(each["number"], each["state"]) for each in revisions] == [(2, "applied"), (1, "applied")]
    assert revisions[0]["at"].endswith("Z")
    rolled = console.api(f"compositions/{name}/rollback", "POST", {"number": 1})
    assert rolled.json["settings"]["receiving"]["max_sessions"] == 5
    assert len(console.api(f"compositions/{name}/diff").json["changes"]) == 1
    assert console.api(f"compositions/{name}/rollback", "POST", {"number": 9}).status_code == 404


def test_what_is_not_there_is_404(console: Console) -> None:
    for path in ("draft", "diff", "revisions"):
        assert console.api(f"compositions/nothing/{path}").status_code == 404
    assert console.api("compositions/nothing/draft", "PUT", {"settings": {}}).status_code == 404
    assert console.api("compositions/nothing/rollback", "POST", {"number": 1}).status_code == 404
