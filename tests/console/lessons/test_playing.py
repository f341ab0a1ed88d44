"""A lesson played at HTTP level: no check is green before its step is done, and settings come back as they were."""

import re

import pytest
from flask import session

from cmcdesk.console.compositions.view import find_view
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.lessons.playing import (
    LONGEST_LEARNER,
    RUN,
    begin,
    bring_back,
    choose_learner,
    fill_names,
    find_playing,
    write_traffic,
)
from cmcdesk.console.lessons.shelf import list_shipped
from cmcdesk.rules.training import Lesson
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.lesson_runs import get_run

from ..conftest import Console


def start(console: Console, lesson: str, name: str, learner: str = "花子") -> int:
    """Begin a lesson; the number of its run."""
    form = {"learner": learner, "composition": name}
    assert console.post(f"/lessons/{lesson}/begin", form).status_code == 303
    with console.client.session_transaction(base_url=console.base) as kept:
        return int(kept[RUN])


def list_green(console: Console) -> list[str]:
    """The steps that are green now, as the panel of another page says."""
    panel = console.get("/lessons/playing/panel?at=/about").text
    return re.findall(r'data-step="(\d+)" data-done="yes"', panel)


@pytest.mark.parametrize("lesson", list_shipped(), ids=lambda lesson: lesson.key)
def test_each_check_stays_red_while_its_step_is_not_done(console: Console, lesson: Lesson) -> None:
    name = "sandbox" if lesson.plan == "standard" else console.add_composition(inbound_domains=[])
    run, engine = start(console, lesson.key, name), console.desk._engine
    has_world = console.desk.app.extensions["world"].state == "running"
    endpoint = console.api("catcher/endpoints").json["endpoints"][0]
    for number, step in enumerate(lesson.all_steps):
        if step.check.what == "catcher":  # it answers something else until the step is done
            other = "500" if step.check.arguments["answer"] == "200" else "200"
            console.api(f"catcher/endpoints/{endpoint['id']}/answer", "PUT", {"answer": other})
        if not (step.check.what == "world" and has_world):
            assert list_green(console) == [str(before) for before in range(number)], step.do["en"]
        with transaction(engine) as desk:
            row = get_run(desk, run)
            assert row
            row.passed = {**row.passed, str(number): row.began_at}
    console.api(f"catcher/endpoints/{endpoint['id']}/answer", "PUT", {"answer": endpoint["answer"]})


def test_a_step_turns_green_by_what_is_done_and_only_then(console: Console) -> None:
    name = console.add_composition()
    start(console, "interval", name)
    console.change(name, {"receiving": {"interval_ms": 900}})
    assert list_green(console) == []
    console.change(name, {"receiving": {"interval_ms": 1000}})
    assert list_green(console) == ["0"] == list_green(console)
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    assert list_green(console) == ["0", "1"]


def test_a_refused_save_is_noted_for_its_screen(console: Console) -> None:
    name = console.add_composition()
    run = start(console, "interval", name)
    assert console.post(f"/compositions/{name}/settings/receiving", {"receiving.interval_ms": "5"}).status_code == 422
    assert console.post(f"/compositions/{name}/settings/receiving", {"receiving.interval_ms": "20"}).status_code == 303
    with reading(console.desk._engine) as desk:
        row = get_run(desk, run)
        assert row and list(row.turned_down) == ["receiving.save"]


def test_settings_come_back_as_they_were_through_reflecting(console: Console) -> None:
    name = console.add_composition(size_kb=100)
    console.change(name, {"receiving": {"size_kb": 200}})  # saved and not reflected, before the lesson began
    run = start(console, "size-limit", name)
    console.change(name, {"receiving": {"size_kb": 300}})
    console.api(f"compositions/{name}/apply", "POST")
    console.change(name, {"receiving": {"size_kb": 400}})
    with console.desk.app.test_request_context(base_url=console.base):
        with reading(console.desk._engine) as desk:
            row = get_run(desk, run)
        assert row
        assert len(bring_back(row)) == 1
        view = find_view(name)
        assert view and view.applied and view.applied["receiving"]["size_kb"] == 100
        assert view.draft["receiving"]["size_kb"] == 200 and view.has_changes
        assert bring_back(row) == [], "nothing is left to be done"


def test_starting_over_begins_anew_with_the_settings_of_the_beginning(console: Console) -> None:
    name = console.add_composition(interval_ms=20)
    first = start(console, "interval", name)
    console.change(name, {"receiving": {"interval_ms": 1000}})
    assert list_green(console) == ["0"]
    assert console.post("/lessons/playing/start-over").status_code == 303
    assert list_green(console) == []
    draft = console.api(f"compositions/{name}/draft").json["settings"]
    assert draft["receiving"]["interval_ms"] == 20
    with console.client.session_transaction(base_url=console.base) as kept:
        assert kept[RUN] != first


def test_a_name_is_bounded_and_a_plan_is_kept_to(console: Console) -> None:
    interval = next(lesson for lesson in list_shipped() if lesson.key == "interval")
    with console.desk.app.test_request_context(base_url=console.base, headers={"Accept-Language": "en"}):
        assert choose_learner("  山田   花子 ") == "山田 花子"
        for bad in ("", "  ", "x" * (LONGEST_LEARNER + 1), "a\0b"):
            with pytest.raises(Refused):
                choose_learner(bad)
        with pytest.raises(Refused) as refused:
            begin(interval, "花子", "sandbox")
        assert "plan Pro" in refused.value.errors[0].message
        session[RUN] = 10**9
        assert find_playing() is None and RUN not in session


def test_texts_and_traffic_name_the_composition_that_is_practised_on(console: Console) -> None:
    name = console.add_composition(size_kb=100)
    with console.desk.app.test_request_context(base_url=console.base):
        view = find_view(name)
        assert view
        assert fill_names("{composition} {host} {subdomain} {x}", view) == f"{name} {name}.smtps.jp {name} {{x}}"
        assert fill_names("{composition}", None) == "{composition}"
        assert write_traffic({}, view) == {}
        form = write_traffic({"mail": "form", "count": "2", "to": "a@{host}"}, view)
        assert (form["mail"], form["count"], form["to"], form["preset"]) == ("form", "2", f"a@{name}.smtps.jp", "")
        size = write_traffic({"preset": "size", "count": "2"}, view)
        assert int(size["size"]) > 102_400 and size["count"] == "2" and size["preset"] == "size"
