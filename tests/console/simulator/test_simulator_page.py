"""The simulator panel: lessons that name what they need, set it up and put it back, and say whether they kept their
promise."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from ..conftest import Console

WaitFor = Callable[..., Any]


def settings_of(console: Console, name: str) -> dict[str, Any]:
    """What is live."""
    listed = console.api(f"compositions/{name}/revisions").json["revisions"]
    settings: dict[str, Any] = next(one["settings"] for one in listed if one["state"] == "applied")
    return settings


@pytest.fixture
def fresh(console: Console) -> str:
    """A Pro composition as a fresh installation has it, live."""
    name = console.add_composition(apply=False)
    draft = console.api(f"compositions/{name}/draft").json["settings"]
    draft["receiving"] |= {"inbound_domains": [], "bounce_domains": [f"return.{name}.smtps.jp"]}
    assert console.api(f"compositions/{name}/draft", "PUT", {"settings": draft}).status_code == 200
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    return name


def read_fields(page: str) -> dict[str, str]:
    """The form as the page shows it."""
    inside = page[page.index('id="traffic"') :]
    fields = dict(re.findall(r'<input [^>]*?name="(\w+)" value="([^"]*)"', inside))
    for name, options in re.findall(r'<select [^>]*?name="(\w+)".*?>(.*?)</select>', inside, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def follow(console: Console, fields: dict[str, str]) -> str:
    """The page as it is asked for when a choice changes."""
    return console.get(f"/simulator?{urlencode(fields)}").text


def play(console: Console, name: str, lesson: str, **changed: str) -> None:
    """Choose a lesson and press its first button."""
    page = console.get(f"/simulator?preset={lesson}&composition={name}").text
    more = {"set_up": "yes"} if 'name="set_up"' in page else {}
    assert console.post("/simulator", read_fields(page) | more | changed).status_code == 200


@pytest.mark.parametrize("lesson", ["sessions", "interval", "size", "domain", "spam", "webhook", "bounce", "event"])
def test_every_lesson_keeps_its_promise_on_a_fresh_installation(
    console: Console, fresh: str, wait_for: WaitFor, lesson: str
) -> None:
    before = settings_of(console, fresh)
    shorter = {"interval": {"seconds": "2"}, "sessions": {"seconds": "2"}}.get(lesson, {})
    play(console, fresh, lesson, **shorter)
    (run, *_) = console.desk.app.extensions["simulator_runs"].list_runs()
    assert run.order.lesson == lesson
    wait_for(lambda: not run.is_running, 60)
    shown = wait_for(lambda: 'data-verdict="kept"' in (page := console.get("/simulator/runs").text) and page, 30)
    assert "As promised" in shown
    if lesson == "sessions":
        assert re.search(r"5 × 421 4\.7\.0|\d+ × 421 4\.7\.0", shown), "the connections that were turned away are told"
    if settings_of(console, fresh) != before:
        panel = console.get(f"/simulator?composition={fresh}").text
        assert 'id="added"' in panel
        assert "Saved and reflected" in console.post("/simulator/put-back", {"composition": fresh}).text
        assert settings_of(console, fresh) == before
        assert 'id="added"' not in console.get(f"/simulator?composition={fresh}").text


def test_a_lesson_names_what_is_missing_and_sets_it_up_without_sending(console: Console, fresh: str) -> None:
    page = console.get(f"/simulator?preset=webhook&composition={fresh}").text
    assert page.count("Missing") == 2 and "mailform.example.com" in page and "Set up, reflect and start" in page
    assert read_fields(page)["to"] == "info@mailform.example.com"
    count = len(console.desk.app.extensions["simulator_runs"].list_runs())
    done = console.post("/simulator/lessons/webhook/set-up", {"composition": fresh}).text
    assert "Saved and reflected" in done and done.count("There</span>") == 2 and "Missing" not in done
    live = settings_of(console, fresh)
    assert live["receiving"]["inbound_domains"] == ["mailform.example.com"]
    assert len(console.desk.app.extensions["simulator_runs"].list_runs()) == count
    console.post("/simulator/lessons/event/set-up", {"composition": fresh})
    assert settings_of(console, fresh)["event_webhook"]["bounces"] is True
    console.post("/simulator/put-back", {"composition": fresh})
    assert settings_of(console, fresh)["inbound_webhook"] == []
    assert settings_of(console, fresh)["event_webhook"]["endpoint"] == ""
    assert console.post("/simulator/lessons/nonsense/set-up", {"composition": fresh}).status_code == 404


def test_changes_of_a_person_are_not_reflected_with_a_lesson(console: Console, fresh: str) -> None:
    draft = console.api(f"compositions/{fresh}/draft").json["settings"]
    draft["receiving"]["size_kb"] = 77
    console.api(f"compositions/{fresh}/draft", "PUT", {"settings": draft})
    refused = console.post("/simulator/lessons/webhook/set-up", {"composition": fresh}).text
    assert "saved changes that are not reflected yet" in refused
    assert settings_of(console, fresh)["receiving"]["size_kb"] != 77
    assert console.api(f"compositions/{fresh}/draft").json["settings"] == draft


def test_a_promise_that_is_broken_is_said_with_its_reason(console: Console, fresh: str, wait_for: WaitFor) -> None:
    console.post("/simulator/lessons/webhook/set-up", {"composition": fresh})
    (endpoint, *_) = console.api("catcher/endpoints").json["endpoints"]
    console.api(f"catcher/endpoints/{endpoint['id']}/answer", "PUT", {"answer": "500"})
    play(console, fresh, "webhook")
    page = wait_for(lambda: 'data-verdict="broken"' in (page := console.get("/simulator/runs").text) and page, 30)
    console.api(f"catcher/endpoints/{endpoint['id']}/answer", "PUT", {"answer": "200"})
    assert "The endpoint did not take the webhook." in page and ">500</span>" in page


def test_the_recipient_follows_where_none_was_typed(console: Console, fresh: str) -> None:
    fields = read_fields(console.get(f"/simulator?composition={fresh}").text)
    assert fields["to"] == f"bounce@return.{fresh}.smtps.jp"
    form = read_fields(follow(console, fields | {"mail": "form"}))
    assert form["to"] == "info@mailform.example.com"
    other = read_fields(follow(console, form | {"composition": "sandbox", "mail": "bounce"}))
    assert other["to"] == "bounce@return.sandbox.smtps.jp"
    typed = read_fields(follow(console, other | {"to": "me@x.example", "mail": "form"}))
    assert typed["to"] == "me@x.example" and typed["mail"] == "form"


def test_faults_keep_what_was_typed(console: Console) -> None:
    answer = console.post("/simulator", {"composition": "pro", "mail": "plain", "to": "nobody", "count": "x"})
    assert answer.status_code == 422 and 'value="nobody"' in answer.text and "one or more addresses" in answer.text
    unapplied = console.add_composition(apply=False)
    form = {"composition": unapplied, "mail": "plain", "to": "a@b.example", "count": "1"}
    assert "does not receive at the moment" in console.post("/simulator", form).text


def test_values_are_saved_and_come_again(console: Console) -> None:
    form = {"composition": "pro", "mail": "form", "to": "a@b.example", "count": "77", "name": "seventy-seven"}
    assert "Saved as “seventy-seven”" in console.post("/simulator/saved", form).text
    assert read_fields(console.get("/simulator?saved=seventy-seven").text)["count"] == "77"
    assert console.post("/simulator/saved", form | {"name": ""}).status_code == 422
    assert console.post("/simulator/saved", form | {"count": "x"}).status_code == 422
    assert console.post("/simulator/saved/remove", {"name": "seventy-seven"}).status_code == 303
    assert console.post("/simulator/saved/remove", {"name": "seventy-seven"}).status_code == 404


def test_bounces_are_offered_by_sender(console: Console) -> None:
    page = console.get("/simulator").text
    assert '<optgroup label="qmail">' in page and "Microsoft 365 — Unknown user: no such user" in page
