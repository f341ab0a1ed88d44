"""The room of the lessons, the panel beside every page, and the trainer's overview."""

import re
from pathlib import Path

import pytest

from cmcdesk.console.lessons.lessons_page import find_panel
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.lesson_runs import get_run

from ..conftest import Console
from .test_playing import start
from .test_shelf import OWN


def test_the_room_is_in_the_main_menu_in_both_languages(console: Console) -> None:
    assert '<a href="/lessons">研修</a>' in console.get("/mails", Accept_Language="ja").text
    page = console.get("/lessons").text
    assert '<a href="/lessons" aria-current="page">Lessons</a>' in page and "The receiving interval" in page
    assert "受信間隔で受信サーバ" in console.get("/lessons", Accept_Language="ja").text
    assert len(re.findall("data-lesson-key", page)) >= 12 and "lesson-panel" not in page


def test_a_name_is_taken_and_progress_is_shown_under_it(console: Console) -> None:
    bad = console.post("/lessons/learner", {"learner": " "})
    assert bad.status_code == 422 and 'id="fault-learner"' in bad.text and "1 to 60" in bad.text
    assert console.post("/lessons/learner", {"learner": "Jiro"}).status_code == 303
    name = console.add_composition()
    start(console, "interval", name, "Jiro")
    console.change(name, {"receiving": {"interval_ms": 1000}})
    console.get("/lessons/playing/panel?at=/about")
    row = re.search(r'data-lesson-key="interval".*?</tr>', console.get("/lessons").text)
    assert row and "1 of 4 steps" in row[0]


def test_the_panel_stands_beside_every_page_and_shows_the_way(console: Console) -> None:
    name = console.add_composition()
    start(console, "interval", name)
    about = console.get("/about").text
    assert 'id="lesson-panel"' in about and f'href="/compositions/{name}/settings/receiving"' in about
    assert 'data-controls=""' in about and 'class="lesson-beside"' in about
    there = console.get(f"/compositions/{name}/settings/receiving").text
    assert 'data-controls="[id=&#39;receiving.interval_ms&#39;], #save"' in there and 'id="lesson-go"' not in there
    assert 'id="lesson-show"' in there and "1000 milliseconds" in there and f"settings” of {name}" in there


def test_leaving_takes_the_panel_away_and_going_on_brings_it_back(console: Console) -> None:
    name = console.add_composition()
    run = start(console, "interval", name, "Saburo")
    assert console.post("/lessons/playing/leave").status_code == 303
    assert "lesson-panel" not in console.get("/about").text
    assert console.get("/lessons/playing/panel?at=/about").text == ""
    page = console.get("/lessons/interval").text
    assert 'id="go-on"' in page and 'id="begin-now"' in page
    form = {"learner": "Saburo", "composition": name, "go_on": "yes"}
    assert console.post("/lessons/interval/begin", form).status_code == 303
    assert 'id="is-played"' in console.get("/lessons/interval").text
    with console.client.session_transaction(base_url=console.base) as kept:
        assert kept["lesson_run"] == run


def test_what_cannot_be_begun_says_why(console: Console) -> None:
    for form, told in (
        ({"learner": "", "composition": "pro"}, "1 to 60"),
        ({"learner": "x", "composition": "y"}, "Pro"),
    ):
        answer = console.post("/lessons/interval/begin", form)
        assert answer.status_code == 422 and told in answer.text
    for path in ("/lessons/nothing", "/lessons/nothing/begin"):
        assert (console.get(path) if path.endswith("nothing") else console.post(path)).status_code == 404
    for path in ("start-over", "put-back"):
        assert console.post(f"/lessons/playing/{path}").status_code == 404


def test_another_learner_on_the_same_composition_is_told(console: Console) -> None:
    name = console.add_composition()
    start(console, "interval", name, "Shiro")
    assert "Also on this composition" not in console.get("/about").text
    start(console, "size-limit", name, "Goro")
    assert "Also on this composition now: Shiro." in console.get("/about").text


def test_a_locked_console_shows_no_lesson(console: Console) -> None:
    start(console, "interval", console.add_composition())
    client = console.desk.app.test_client(use_cookies=False)
    assert "lesson-panel" not in client.get("/about", base_url=console.base).text
    with console.desk.app.test_request_context(base_url=console.base):
        assert find_panel() is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_broken_lesson_of_the_trainer_is_named_on_the_page(console: Console, language: str) -> None:
    folder = console.desk._options.folder / "lessons"
    folder.mkdir(exist_ok=True)
    path: Path = folder / "mine.toml"
    path.write_text('title = "T"\ngoal = "G"\n\n[[step]]\nplace = ["mails"]\n\n[mistake]\n')
    try:
        page = console.get("/lessons", Accept_Language=language).text
        named = re.search('<span class="mono">lessons/mine.toml:5</span>(.*?)</li>', page)
        assert named and "place" in named[1] and ("使えません" in named[1]) == (language == "ja")
        assert len(re.findall("data-lesson-key", page)) == 12
    finally:
        path.unlink()


def test_a_lesson_whose_file_became_shorter_is_done(console: Console) -> None:
    folder = console.desk._options.folder / "lessons"
    folder.mkdir(exist_ok=True)
    path: Path = folder / "short.toml"
    steps = OWN.split("[mistake]")
    path.write_text(steps[0] + "[[step]]" + steps[0].split("[[step]]")[1] + "[mistake]" + steps[1], encoding="utf-8")
    try:
        run = start(console, "short", console.add_composition())
        with transaction(console.desk._engine) as desk:
            row = get_run(desk, run)
            assert row
            row.passed = {"0": 1.0, "1": 2.0}
        assert 'id="lesson-done"' not in console.get("/about").text
        path.write_text(OWN, encoding="utf-8")
        page = console.get("/about").text
        assert 'id="lesson-done"' in page and "2 of 2 steps" in page and "It took" in page
    finally:
        path.unlink()
    assert "lesson-panel" not in console.get("/about").text, "without its file there is nothing to play"


def test_the_preview_of_a_lesson_names_the_composition_of_each_step(console: Console) -> None:
    page = console.get("/lessons/plans").text
    assert "settings” of pro, which is Pro" in page and "settings” of sandbox" in page


def test_the_trainer_sees_all_learners_and_forgets_one(console: Console) -> None:
    start(console, "interval", console.add_composition(), "Rokuro")
    page = console.get("/lessons/learners/overview").text
    row = re.search(r'<tr data-learner="Rokuro">.*?</tr>', page)
    assert row and "0/4" in row[0] and "0/12" in row[0] and page.count("<li>The receiving interval</li>") == 1
    assert "<h1>" not in console.get("/lessons/learners/overview", HX_Request="true").text
    assert console.post("/lessons/learners/remove", {"learner": "Rokuro"}).status_code == 303
    assert "Rokuro" not in console.get("/lessons/learners/overview").text
    assert console.post("/lessons/learners/remove", {"learner": "Rokuro"}).status_code == 404
    assert "lesson-panel" not in console.get("/about").text
