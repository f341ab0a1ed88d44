"""The verdict on a run's lesson."""

import random
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask_babel import force_locale

from cmcdesk.console.simulator.run_verdict import count_replies, gather_facts, judge_run, tell_run_error
from cmcdesk.console.simulator.runs import Order, Run
from cmcdesk.console.simulator.traffic_form import Traffic
from cmcdesk.rules.promises import KEPT, Facts
from simulator.load.source import make_plain
from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.forms import FormOptions, make_form

from ..conftest import Console


def make_run(lesson: str, **figures: Any) -> Run:
    run = Run(1, "0123456789", Order(Traffic(), [], "pro", lesson, interval_ms=100.0), time.time(), None)  # type: ignore[arg-type]
    run.summary, run.ended_at = figures, time.time()
    return run


def in_request(console: Console, call: Callable[[], Any]) -> Any:
    with console.desk.app.test_request_context("/", base_url=console.base):
        return call()


def test_what_is_kept_stays_and_what_runs_is_not_judged(console: Console) -> None:
    run = make_run("domain", replies={"550": 5})
    assert in_request(console, lambda: judge_run(run)).verdict == KEPT == run.verdict
    run.summary = {"replies": {"250": 5}}
    assert in_request(console, lambda: judge_run(run)).verdict == KEPT
    running = make_run("domain", replies={"550": 5})
    running.ended_at = None
    assert in_request(console, lambda: judge_run(running)).verdict is None
    assert in_request(console, lambda: judge_run(make_run("", replies={"250": 5}))).verdict is None


def test_the_facts_are_what_the_run_was_told(console: Console) -> None:
    run = make_run("sessions", replies={"250": 7, "0": 1}, connections={"220": 10, "421": 5}, gap_ms={"mean": 101.5})
    facts, met = in_request(console, lambda: gather_facts(run, (run.ended_at or 0) + 2))
    assert facts == Facts({250: 7, 0: 1}, {421: 5}, 101.5, 100.0, {}, 0, 0, facts.seconds)
    assert 1.9 < facts.seconds < 2.1 and met == ""


def test_a_run_without_a_summary_is_judged_by_what_it_told_last() -> None:
    refusals = [{"code": 550, "count": 2}, {"code": 550, "count": 1}]
    assert count_replies({"accepted": 4, "refusals": refusals}) == {250: 4, 550: 3}
    assert count_replies({}) == {}


def say(kind: str) -> str:
    """What the simulator says of a mail of one octet."""
    with pytest.raises(ValueError) as said:
        if kind == "form":
            make_form(random.Random(1), FormOptions(to="a@b.example", size=1))
        elif kind == "bounce":
            make_bounce(random.Random(1), "postfix/unknown-user", BounceOptions(size=1))
        else:
            make_plain("a@b.example", ["c@d.example"])(random.Random(1), 1)
    return str(said.value)


@pytest.mark.parametrize("kind", ["form", "bounce", "plain"])
def test_a_size_that_is_too_small_is_told_in_both_languages(console: Console, kind: str) -> None:
    said = say(kind)
    with console.desk.app.test_request_context("/", base_url=console.base):
        with force_locale("ja"):
            told = tell_run_error(said)
            assert "小さすぎます" in told and not re.search("[a-z]{3}", told)
        with force_locale("en"):
            assert "too small" in tell_run_error(said)


def test_other_words_stay_as_they_are(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert tell_run_error("connection refused") == "connection refused"
