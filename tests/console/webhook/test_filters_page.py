"""The notifications of a composition and their form."""

import re
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from cmcdesk.console.webhook.filters_page import read_filter

from ..conftest import Console

PLACE = "/api-settings/webhook/inbound"


def fields(index: int = 0, **changed: str) -> dict[str, Any]:
    """The form of one filter, with changes."""
    given = {
        "name": "form", "endpoint": "http://127.0.0.1:9/hook", "format": "json", "enabled": ["false", "true"],
        "condition[0].header": "To", "condition[0].pattern": r"info@test\.example",
    } | changed  # fmt: skip
    return {f"inbound_webhook[{index}].{key}": value for key, value in given.items()}


@pytest.fixture
def name(console: Console) -> str:
    """A composition of its own."""
    return console.add_composition()


def saved(console: Console, name: str) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = console.api(f"compositions/{name}/draft").json["settings"]["inbound_webhook"]
    return filters


def test_a_filter_is_added_changed_and_removed(console: Console, name: str) -> None:
    assert "No notification yet." in console.get(f"{PLACE}?composition={name}").text
    assert 'name="inbound_webhook[0].condition[0].header" value="To"' in console.get(f"{PLACE}/{name}/new").text
    answer = console.post(f"{PLACE}/{name}/0", fields())
    assert answer.location == f"{PLACE}?composition={name}"
    assert saved(console, name)[0] | {"enabled": True, "format": "json"} == saved(console, name)[0]
    console.post(f"{PLACE}/{name}/0", fields(enabled="false", name="renamed"))
    assert (saved(console, name)[0]["name"], saved(console, name)[0]["enabled"]) == ("renamed", False)
    console.post(f"{PLACE}/{name}/0/delete", {"filter": "another"})
    assert len(saved(console, name)) == 1, "the list had changed"
    console.post(f"{PLACE}/{name}/0/delete", {"filter": "renamed"})
    assert saved(console, name) == []


def test_it_takes_effect_when_reflected(console: Console, name: str) -> None:
    console.post(f"{PLACE}/{name}/0", fields())
    assert "Saved settings wait to be reflected" in console.get(f"{PLACE}?composition={name}").text


def test_faults_are_told_at_their_field_and_lose_nothing(console: Console, name: str) -> None:
    wrong = fields(endpoint="http://far.example/", **{"condition[0].pattern": "(", "condition[1].header": "X"})
    answer = console.post(f"{PLACE}/{name}/0", wrong)
    assert answer.status_code == 422 and saved(console, name) == []
    assert 'value="http://far.example/"' in answer.text and 'value="("' in answer.text and 'value="X"' in answer.text
    assert answer.text.count("field-error") == 3
    secret = console.post(f"{PLACE}/{name}/0", fields(basic="nocolon", bearer="t t")).text
    assert len(re.findall('type="password"', secret)) == 3


def test_a_second_window_is_told(console: Console, name: str) -> None:
    version = console.api(f"compositions/{name}/draft").json["version"]
    console.change(name, {"receiving": {"max_sessions": 2}})
    answer = console.post(f"{PLACE}/{name}/0", fields() | {"version": str(version)})
    assert answer.status_code == 409 and 'value="form"' in answer.text and "in another window" in answer.text
    fresh = re.search(r'name="version" value="(\d+)"', answer.text)
    assert fresh and console.post(f"{PLACE}/{name}/0", fields() | {"version": fresh[1]}).status_code == 303


def test_empty_condition_rows_are_left_out() -> None:
    given = MultiDict(fields(3, **{"condition[1].header": "", "condition[1].pattern": "", "condition[7].header": "Cc"}))
    assert read_filter(given)["condition"] == [{"header": "To", "pattern": r"info@test\.example"}, {"header": "Cc"}]


def test_what_is_not_there_is_404(console: Console, name: str) -> None:
    assert console.get(f"{PLACE}/{name}/0").status_code == 404
    assert console.post(f"{PLACE}/{name}/1", fields(1)).status_code == 404
    assert console.get(f"{PLACE}/nothing/new").status_code == 404
    assert console.get(f"{PLACE}?composition=nothing").status_code == 200


def test_a_pattern_that_may_run_for_ever_is_taken_with_a_warning(console: Console, name: str) -> None:
    console.post(f"{PLACE}/{name}/0", fields(**{"condition[0].pattern": "(a+)+$"}))
    assert saved(console, name)[0]["condition"][0]["pattern"] == "(a+)+$"
    assert "without end" in console.get(f"{PLACE}?composition={name}").text
    form = console.get(f"{PLACE}/{name}/0").text
    assert "data-warned" in form and "“(a+)+” can repeat itself in endless ways" in form
    tried = console.post("/api-settings/webhook/test-pattern", {"header": "To", "pattern": "(a+)+$"}).text
    assert "data-warned" in tried


HX = {"HX_Request": "true"}


def test_the_tab_leads_to_a_composition_and_shows_every_setting(console: Console) -> None:
    assert console.get("/api-settings/webhook/event").location == "/api-settings/webhook/event/pro"
    page = console.get("/api-settings/webhook/event/pro").text
    for name in ("endpoint", "bounces", "version", "time_zone", "format", "api_key", "basic", "bearer"):
        assert f'name="event_webhook.{name}"' in page
    assert page.count('type="password"') == 3
    assert "Endpoint URL (event)" not in page, "the tab says it once"
    assert "use JSON format (application/json)" in page


def test_it_saves_like_the_other_screens(console: Console) -> None:
    name = console.add_composition()
    place = f"/api-settings/webhook/event/{name}"
    given = {"event_webhook.bounces": ["false", "true"], "event_webhook.endpoint": "", "next": "/mails"}
    refused = console.post(place, given, **HX)
    assert refused.status_code == 422 and "field-error" in refused.text and "HX-Redirect" not in refused.headers
    given["event_webhook.endpoint"] = "http://127.0.0.1:9/events"
    assert console.post(place, given, **HX).headers["HX-Redirect"] == "/mails"
    saved = console.api(f"compositions/{name}/draft").json["settings"]["event_webhook"]
    assert (saved["bounces"], saved["endpoint"]) == (True, "http://127.0.0.1:9/events")
    console.post(place, {"event_webhook.bounces": "false"}, **HX)
    assert console.api(f"compositions/{name}/draft").json["settings"]["event_webhook"]["bounces"] is False
