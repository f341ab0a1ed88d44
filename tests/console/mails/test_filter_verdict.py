"""Why no filter matched: every condition with the value it was compared with, on the page and over the API."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cmcdesk.console.mails.filter_verdict import judge_condition, judge_filter

from ..conftest import Console

MAIL = b"To: =?UTF-8?B?5ZWP5ZCI44Gb?= <form@test.example>\r\nSubject: order 7\r\n\r\nx\r\n"


def notification(name: str, enabled: bool, *conditions: tuple[str, str]) -> dict[str, Any]:
    listed = [{"header": header, "pattern": pattern} for header, pattern in conditions]
    return {"name": name, "endpoint": "http://127.0.0.1:9/", "enabled": enabled, "condition": listed}


@pytest.mark.parametrize(
    ("header", "pattern", "verdict", "whole"),
    [
        ("to", "問合せ", "match", False),
        ("Subject", "order \\d", "match", True),
        ("Subject", "ORDER", "no_match", False),
        ("X-None", ".", "no_header", False),
    ],
)
def test_a_condition_tells_what_it_was_compared_with(header: str, pattern: str, verdict: str, whole: bool) -> None:
    found = judge_condition(header, pattern, MAIL).found
    assert (found.verdict, found.whole) == (verdict, whole)


def test_a_filter_that_is_switched_off_does_not_fire_though_it_matches() -> None:
    one = judge_filter(notification("off", False, ("Subject", "order")), MAIL)
    assert one.is_matched and not one.fires


@pytest.fixture
def judged(console: Console) -> tuple[str, int]:
    """A composition with two notifications that do not fire, and a mail of it."""
    name = console.add_composition(apply=False)
    filters = [
        notification("wrong", True, ("Subject", "ORDER"), ("To", "問合せ")),
        notification("off", False, ("To", ".")),
    ]
    console.change(name, {"inbound_webhook": filters})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    return name, console.send(name, MAIL)


def test_the_mail_answers_in_one_click(console: Console, judged: tuple[str, int]) -> None:
    _name, mail_id = judged
    page = console.get(f"/mails/{mail_id}").text
    link = re.search(r'id="why" href="([^"]+)"', page)
    assert link and "No webhook was called for this mail." in page
    told = console.get(link[1].replace("&amp;", "&")).text
    assert "Not found in the value" in told and "order 7" in told and "Switched off" in told
    assert "問合せ" in told and "Whole value: does not match" in told
    japanese = console.get(f"/mails/{mail_id}?part=filters", Accept_Language="ja").text
    assert "条件がすべて一致" in japanese and "無効" in japanese


def test_the_api_tells_the_same(console: Console, judged: tuple[str, int]) -> None:
    name, mail_id = judged
    told = console.api(f"mails/{mail_id}/filters").json
    assert told["reason"] == "" and [(one["name"], one["enabled"], one["fires"]) for one in told["filters"]] == [
        ("wrong", True, False), ("off", False, False),
    ]  # fmt: skip
    first = told["filters"][0]["conditions"][0]
    assert first == {
        "header": "Subject", "pattern": "ORDER", "value": "order 7", "verdict": "no_match", "whole": False,
    }  # fmt: skip
    console.change(name, {"inbound_webhook": [notification("right", True, ("Subject", "order"))]})
    saved = console.api(f"mails/{mail_id}/filters?settings=saved").json
    assert [(one["name"], one["fires"]) for one in saved["filters"]] == [("right", True)]
    assert console.api("mails/999999/filters").status_code == 404


def test_a_bounce_and_a_composition_without_notifications_say_so(
    console: Console, composition: Callable[[Console], str], judged: tuple[str, int]
) -> None:
    name, _mail = judged
    bounce = console.send(name, MAIL, to="x@back.example")
    told = console.api(f"mails/{bounce}/filters").json
    assert told["reason"] == "no_inbound_recipient" and not any(one["fires"] for one in told["filters"])
    assert "No recipient is at a domain of the Inbound tab" in console.get(f"/mails/{bounce}?part=filters").text
    plain = console.send(composition(console), MAIL)
    assert console.api(f"mails/{plain}/filters").json["reason"] == "no_filter"
    assert "has no notification" in console.get(f"/mails/{plain}?part=filters").text
