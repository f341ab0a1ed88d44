"""The welcome: three doors, each one click from something that moves; what a program is given."""

import re

from ...conftest import WaitFor
from ..conftest import Console


def test_the_welcome_has_three_doors_in_both_languages(console: Console) -> None:
    page = console.get("/welcome").text
    for door in ("door-learn", "door-show", "door-test"):
        assert f'id="{door}"' in page
    japanese = console.get("/welcome", Accept_Language="ja").text
    assert "学ぶ" in japanese and "試す" in japanese and "127.0.0.1:" in japanese


def test_the_door_to_learn_begins_the_first_lesson(console: Console) -> None:
    answer = console.post("/welcome/learn", Accept_Language="ja")
    assert answer.status_code == 303
    page = console.get(answer.location, Accept_Language="ja").text
    assert 'id="lesson-body"' in page, "its panel stands beside the page of its first step"
    again = console.post("/welcome/learn")
    assert again.location == answer.location, "it is gone on with, not begun anew"
    console.post("/lessons/playing/leave")


def test_a_program_is_given_what_it_needs_and_a_domain_in_one_click(console: Console, wait_for: WaitFor) -> None:
    name = console.add_composition()
    host, port = console.place(name)
    relay = console.relay(name)
    page = console.get(f"/welcome/program?composition={name}").text
    for text in (host, str(port), str(relay[1]), console.token, "info@test.example", f"bounce@return.{name}.smtps.jp"):
        assert f'data-copies="{text}"' in page, text
    assert console.post(f"/welcome/program/send?composition={name}&example=node").status_code == 303
    wait_for(lambda: 'data-mail="' in console.get(f"/welcome/program/arrived?composition={name}").text)
    assert "node example.mjs" in console.get(f"/welcome/program?composition={name}&example=node").text


def test_a_standard_composition_without_a_domain_gets_one(console: Console) -> None:
    page = console.get("/welcome/program?composition=transactional-email").text
    assert 'id="allow-domain"' in page
    said = console.post("/welcome/program/domain?composition=transactional-email").text
    assert "info@mailform.example.com" in said and "is in operation with revision" in said
    console.post("/simulator/put-back", {"composition": "transactional-email"})
    assert not re.search("info@mailform", console.get("/welcome/program?composition=transactional-email").text)
