"""Why no filter matched: every condition with the value it was compared with, on the page and over the API."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import regex

from cmcdesk.console.webhook.filter_verdict import judge_condition, judge_filter, try_mails, try_value
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.maillog.log import MailLog

from ..conftest import AddMail, Console

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


PATTERN = regex.compile(r"info@mailform\.example\.com")


def test_the_match_is_shown_in_its_place() -> None:
    found = try_value(PATTERN, "Info <info@mailform.example.com>, x")
    assert (found.verdict, found.before, found.matched, found.after) == (
        "match", "Info <", "info@mailform.example.com", ">, x",
    )  # fmt: skip


def test_the_value_as_a_whole_is_tried_too() -> None:
    exact, part = try_value(PATTERN, "info@mailform.example.com"), try_value(PATTERN, "x info@mailform.example.com")
    assert (exact.verdict, exact.whole, exact.differs) == ("match", True, False)
    assert (part.verdict, part.whole, part.differs) == ("match", False, True)
    assert not try_value(PATTERN, "nobody").differs
    assert try_value(regex.compile("a|ab"), "ab").whole, "a whole match may need another branch than the first found"


def test_case_counts_and_no_match_says_so() -> None:
    assert try_value(PATTERN, "INFO@mailform.example.com").verdict == "no_match"


def test_a_catastrophic_pattern_runs_out_of_its_time() -> None:
    assert try_value(regex.compile(r"(a|aa)+$"), "a" * 60 + "!").verdict == "timeout"


def test_stored_mails_are_tried_with_decoded_values(console: Console, add_mail: AddMail) -> None:
    japanese = add_mail(b"To: =?UTF-8?B?5ZWP5ZCI44Gb?= <form@test.example>\r\n\r\n")
    bare = add_mail(b"Subject: none\r\n\r\n")
    with MailLog(mail_db(console.desk._options.folder)) as log:
        found = {each.row.id: each.found for each in try_mails(log, "TO", regex.compile("問合せ"))}
    assert (found[japanese].verdict, found[japanese].matched) == ("match", "問合せ")
    assert found[bare].verdict == "no_header"
    assert next(iter(found.values())).verdict == "match", "those that match come first"
