"""Lessons on the running console."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cmcdesk.console.compositions.view import View, find_view
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.simulator.lessons import (
    PRESETS,
    default_traffic,
    describe_routes,
    explain_presets,
    explain_reasons,
    find_added,
    is_lesson,
    is_reachable,
    list_needs,
    name_kinds,
    name_needs,
    name_presets,
    preset_traffic,
    put_back,
    set_up,
    suggest_recipient,
)
from cmcdesk.console.simulator.traffic_form import KINDS, find_faults
from cmcdesk.processes.placing import Placement
from cmcdesk.rules.lessons import NEEDS, Added
from cmcdesk.rules.settings import defaults_of

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


@pytest.fixture
def fresh() -> View:
    """A Pro composition of a fresh installation, live: it takes bounces, and no inbound mail."""
    settings = defaults_of("pro", "pro").as_data()
    return View(
        "pro", settings, 1, 0.0, settings, False, {}, 1, Placement("pro", "127.0.0.1:10026", None, None, False), 0
    )


@pytest.fixture
def view(fresh: View) -> View:
    """The same with an inbound domain."""
    fresh.live["receiving"]["inbound_domains"] = ["form.example"]
    return fresh


@pytest.mark.parametrize("preset", PRESETS)
def test_every_lesson_is_ready_to_start(console: Console, view: View, preset: str) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        traffic = preset_traffic(preset, view)
        assert find_faults(traffic) == {}
        assert explain_presets()[preset] and name_presets()[preset]
    assert traffic != default_traffic(view) and is_lesson(traffic, preset, view)


def test_the_lessons_come_from_the_live_limits(view: View) -> None:
    view.live["receiving"] |= {"max_sessions": 7, "size_kb": 1}
    assert preset_traffic("sessions", view).sessions == "12"
    assert int(preset_traffic("size", view).size) > 1024
    assert preset_traffic("bounce", view).to == "bounce@return.pro.smtps.jp"


def test_the_recipient_follows_composition_and_kind_of_mail(fresh: View) -> None:
    assert suggest_recipient(fresh, "plain") == suggest_recipient(fresh, "bounce") == "bounce@return.pro.smtps.jp"
    assert suggest_recipient(fresh, "form") == "info@mailform.example.com", "forms never go to a bounce address"
    fresh.live["receiving"]["inbound_domains"] = ["form.example"]
    assert suggest_recipient(fresh, "plain") == suggest_recipient(fresh, "form") == "info@form.example"
    assert suggest_recipient(fresh, "bounce") == "bounce@return.pro.smtps.jp"


def test_a_foreign_domain_is_met_by_bounces_where_bounces_are_the_subject(fresh: View) -> None:
    assert preset_traffic("domain", fresh).mail == "bounce", "a composition that takes nothing else"
    fresh.live["receiving"]["inbound_domains"] = ["form.example"]
    assert preset_traffic("domain", fresh).mail == "plain"
    chosen = preset_traffic("domain", fresh, "bounce")
    assert chosen.mail == "bounce" and chosen.to == "bounce@return.foreign.example.net"
    assert is_lesson(chosen, "domain", fresh)


def test_another_traffic_is_no_lesson(view: View) -> None:
    traffic = preset_traffic("size", view)
    assert is_lesson(replace(traffic, count="9", seed="2"), "size", view)
    assert not is_lesson(replace(traffic, size="1k"), "size", view)
    assert not is_lesson(replace(traffic, to="x@form.example"), "size", view)
    assert not is_lesson(traffic, "", view) and not is_lesson(traffic, "nonsense", view)


def test_routes_are_told_before_anything_is_sent(view: View) -> None:
    traffic = replace(default_traffic(view), to="info@form.example b@return.pro.smtps.jp x@y.example")
    assert [route for _, route in describe_routes(traffic, view)] == ["inbound", "bounce", ""]


def test_everything_has_its_words(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert set(name_kinds()) == set(KINDS) and len(explain_reasons()) == 10
