"""The simulator panel's form."""

import pytest

from cmcdesk.console.reading import View
from cmcdesk.console.services import Placement
from cmcdesk.console.traffic_form import (
    PRESETS,
    Traffic,
    default_traffic,
    explain_presets,
    find_address,
    find_faults,
    preset_traffic,
    write_arguments,
)
from cmcdesk.rules.settings import defaults_of

from .conftest import Console


@pytest.fixture
def view() -> View:
    """A Pro composition with both kinds of domains, live."""
    settings = defaults_of("pro", "pro").as_data()
    settings["receiving"]["inbound_domains"] = ["form.example"]
    place = Placement("pro", "127.0.0.1:10026", None, None, False)
    return View("pro", settings, 1, 0.0, settings, 1, place, 0)


def test_the_command_line_says_what_was_typed() -> None:
    traffic = Traffic(mail="bounce", to="-x@a.example b@a.example", count="5", rate="2", kind="qmail/unknown-user")
    assert write_arguments(traffic, "127.0.0.1:1") == [
        "bounce", "--target", "127.0.0.1:1", "--to=-x@a.example", "--to=b@a.example", "--count=5", "--sessions=1",
        "--rate=2", "--shape=constant", "--seed=1", "--kind=qmail/unknown-user",
    ]  # fmt: skip


def test_only_options_of_the_chosen_kind_are_written() -> None:
    plain = write_arguments(Traffic(to="a@b", count="1", spam="own-domain", peak="9"), "h:1")
    assert plain[0] == "load" and not any("spam" in each or "peak" in each or "kind" in each for each in plain)
    shaped = write_arguments(Traffic(mail="form", to="a@b", count="1", shape="wave", peak="9"), "h:1")
    assert "--peak=9" in shaped and "--charset=utf-8" in shaped


@pytest.mark.parametrize("preset", PRESETS)
def test_every_lesson_is_ready_to_start(console: Console, view: View, preset: str) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        traffic = preset_traffic(preset, view)
        assert find_faults(traffic) == {}
        assert explain_presets()[preset]
    assert traffic != default_traffic(view)


def test_the_lessons_come_from_the_live_limits(view: View) -> None:
    view.live["receiving"] |= {"max_sessions": 7, "size_kb": 1}
    assert preset_traffic("sessions", view).sessions == "12"
    assert int(preset_traffic("size", view).size) > 1024
    assert preset_traffic("bounce", view).to == "bounce@return.pro.smtps.jp"
    assert find_address(view, "inbound") == "info@form.example"


def test_faults_are_told_by_field(console: Console) -> None:
    wrong = Traffic(to="nobody", count="0", sessions="many", rate="-1")
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert set(find_faults(wrong)) == {"to", "count", "sessions", "rate"}
        assert set(find_faults(Traffic(to="a@b"))) == {"count"}
    assert Traffic(count="5", seconds="2.5").goal == (5, 2.5)
