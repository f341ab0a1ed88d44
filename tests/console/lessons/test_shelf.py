"""The lessons that come along hold together, and a trainer's own stand beside them, broken ones named."""

import os
import re
from pathlib import Path

import pytest

from cmcdesk.console.lessons.places import PLACES
from cmcdesk.console.lessons.shelf import SHIPPED, ShelfKeeper, list_shipped, list_words, read_shelf
from cmcdesk.rules.lesson_checks import CHECKS
from cmcdesk.rules.training import Lesson, read_lesson

OWN = """\
title = { ja = "講師の課題", en = "Of the trainer" }
goal = "See."
[[step]]
do = "Look."
why = "So."
places = ["mails"]
check = { what = "opened", place = "mails" }
[mistake]
do = "Wrong."
why = "So."
places = ["receiving.save"]
check = { what = "refused_save", screen = "receiving.save" }
"""

every_lesson = pytest.mark.parametrize("lesson", list_shipped(), ids=lambda lesson: lesson.key)


def test_there_are_twelve_lessons_and_every_file_is_one() -> None:
    assert len(list_shipped()) == 12 == len(list(SHIPPED.iterdir()))
    assert len({lesson.order for lesson in list_shipped()}) == 12


@every_lesson
def test_a_lesson_speaks_both_languages_and_names_its_composition_alone(lesson: Lesson) -> None:
    texts = [lesson.title, lesson.goal, *(text for step in lesson.all_steps for text in (step.do, step.why))]
    for text in texts:
        assert (set(text) == {"ja", "en"} and text["ja"] != text["en"]) or text["en"] in ("Standard and Pro",)
        left = text["ja"].replace("{composition}", "").replace("{host}", "").replace("{subdomain}", "")
        assert "{" not in left


@every_lesson
def test_a_step_that_sends_leads_to_the_simulator(lesson: Lesson) -> None:
    for step in lesson.all_steps:
        assert not step.traffic or step.places[0] in ("simulator.start", "catcher.answer")
        assert set(step.places) <= set(list_words().places)


def test_own_lessons_stand_beside_them_in_their_order(tmp_path: Path) -> None:
    keeper = ShelfKeeper(tmp_path / "lessons")
    assert next(lesson.key for lesson in keeper.look().lessons) == "interval" and keeper.look().broken == ()
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "first.toml").write_text("order = 1\n" + OWN, encoding="utf-8")
    shelf = keeper.look()
    assert shelf.lessons[0].title["ja"] == "講師の課題" and shelf.lessons[0].is_own
    assert shelf.find("first") is shelf.lessons[0] and shelf.find("second") is None
    assert shelf.find_next("first") is shelf.lessons[1] and shelf.find_next(shelf.lessons[-1].key) is None
    assert shelf.find_next("nothing") is None and keeper.look() is shelf, "read once"


def test_an_own_lesson_may_take_the_place_of_one_that_comes_along(tmp_path: Path) -> None:
    path = tmp_path / "interval.toml"
    path.write_text(OWN, encoding="utf-8")
    shelf = read_shelf(tmp_path, [path])
    found = shelf.find("interval")
    assert found and found.is_own and len(shelf.lessons) == 12


def test_a_broken_one_is_named_and_read_again_when_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(OWN.replace('"mails"]', '"mail-list"]'), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no lesson")
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.toml").mkdir()
    keeper = ShelfKeeper(tmp_path)
    broken = {each.file.rpartition("/")[2]: each for each in keeper.look().broken}
    assert set(broken) == {"mine.toml", "folder.toml"} and len(keeper.look().lessons) == 12
    assert broken["mine.toml"].line == 6 and "“mail-list”" in broken["mine.toml"].reason["en"]
    path.write_text(OWN, encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert keeper.look().find("mine") is not None


def test_the_trainers_page_names_every_check_and_place_and_its_example_is_a_lesson(root: Path) -> None:
    page = (root / "docs" / "lessons-by-trainers.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    lesson = read_lesson("house-rules", example.encode(), list_words(), is_own=True)
    assert len(lesson.steps) == 3 and lesson.title["ja"].startswith("社内ルール")
    assert lesson.steps[0].why["en"] == lesson.steps[0].why["ja"], "a language that is missing falls back"
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", page.split("## Checks")[1], re.MULTILINE))
    for what, form in CHECKS.items():
        keys = set(re.findall(r"`(\w+)`", rows.pop(what)))
        assert keys == {*form.needs, *form.may}, what
    assert rows == {"what": "keys"}, "the head of the table"
    assert set(re.findall(r"`([\w.]+)`", page.split("is opened.")[1])) == set(PLACES)
