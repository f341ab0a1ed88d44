"""The traffic of the lessons."""

from dataclasses import replace

import pytest

from cmcdesk.console.compositions.view import View
from cmcdesk.console.simulator.lesson_traffic import (
    PRESETS,
    default_traffic,
    describe_routes,
    explain_presets,
    explain_reasons,
    is_lesson,
    name_kinds,
    name_presets,
    preset_traffic,
    suggest_recipient,
)
from cmcdesk.console.simulator.traffic_form import KINDS, find_faults
from cmcdesk.processes.placing import Placement
from cmcdesk.rules.settings import defaults_of

from ..conftest import Console


@pytest.fixture
def fresh() -> View:
    """A Pro composition of a fresh installation, live: it takes bounces, and no inbound mail."""
    settings = defaults_of("pro", "pro").as_data()
    return View("pro", settings, 1, 0.0, settings, 1, Placement("pro", "127.0.0.1:10026", None, None, False), 0)


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
