"""Lessons on the running console."""

import socket
from collections.abc import Iterator

import pytest

from cmcdesk.console.compositions.view import View, find_view
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.simulator.lessons import find_added, is_reachable, list_needs, name_needs, put_back, set_up
from cmcdesk.rules.lessons import NEEDS, Added

from ..conftest import Console


@pytest.fixture
def request_context(console: Console) -> Iterator[None]:
    """As in a request in English."""
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": "en"}):
        yield


def look(name: str) -> View:
    view = find_view(name)
    assert view is not None
    return view


@pytest.mark.usefixtures("request_context")
def test_what_is_set_up_is_remembered_until_it_is_put_back(console: Console) -> None:
    name = console.add_composition()
    before = look(name).live
    needs = list_needs("webhook", look(name))
    assert [(need.name, need.is_met) for need in needs] == [("inbound_domain", True), ("notification", False)]
    assert "info@test\\.example" in needs[1].offer and "http://127.0.0.1:" in needs[1].offer
    assert set_up(look(name), "webhook") == 2 and find_added(name) == Added(filters=["simulator"])
    assert set_up(look(name), "webhook") is None, "nothing is missing any more"
    assert all(need.is_met for need in list_needs("webhook", look(name)))
    assert set_up(look(name), "event") == 3
    assert put_back(look(name)) == 4 and look(name).live == before and put_back(look(name)) is None


@pytest.mark.usefixtures("request_context")
def test_what_a_person_took_away_already_needs_no_new_revision(console: Console) -> None:
    name = console.add_composition()
    set_up(look(name), "webhook")
    console.change(name, {"inbound_webhook": []})
    console.api(f"compositions/{name}/apply", "POST")
    assert put_back(look(name)) == 3 and not find_added(name)


@pytest.mark.usefixtures("request_context")
def test_a_composition_with_unreflected_changes_is_left_alone(console: Console) -> None:
    name = console.add_composition()
    console.change(name, {"receiving": {"size_kb": 5}})
    before = look(name)
    with pytest.raises(Refused, match="not reflected yet"):
        set_up(before, "webhook")
    assert look(name).draft == before.draft and not find_added(name)


@pytest.mark.usefixtures("request_context")
def test_every_need_has_its_words() -> None:
    assert {need for needs in NEEDS.values() for need in needs} == set(name_needs())


def test_only_this_machine_is_asked_whether_it_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert is_reachable(f"http://127.0.0.1:{server.getsockname()[1]}/x")
        port = server.getsockname()[1]
    assert not is_reachable(f"http://localhost:{port}/") and not is_reachable("http://127.0.0.1:99999/")
    assert is_reachable("https://www.example.com/"), "no stranger is knocked at"
