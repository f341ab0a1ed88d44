"""Whether a lesson kept its promise."""

import pytest

from cmcdesk.rules.lessons import NEEDS
from cmcdesk.rules.promises import JUDGES, KEPT, PATIENCE_SECONDS, Facts, PromiseVerdict, judge

WAITING = PromiseVerdict("waiting")
LATE = PATIENCE_SECONDS + 1


def broken(reason: str) -> PromiseVerdict:
    return PromiseVerdict("broken", reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lesson", "facts", "verdict"),
    [
        ("sessions", Facts({250: 5}, {421: 2}), KEPT),
        ("sessions", Facts({250: 5}), broken("no_421")),
        ("sessions", Facts({550: 5}, {421: 2}), broken("not_accepted")),
        ("interval", Facts({250: 5}, gap_ms=100.4, interval_ms=100), KEPT),
        ("interval", Facts({250: 5}, gap_ms=98.0, interval_ms=100), KEPT),
        ("interval", Facts({250: 5}, gap_ms=97.9, interval_ms=100), broken("too_fast")),
        ("interval", Facts({250: 5}, interval_ms=100), broken("too_few")),
        ("interval", Facts({}), broken("not_accepted")),
        ("size", Facts({552: 3}), KEPT),
        ("size", Facts({552: 2, 250: 1}), broken("accepted")),
        ("size", Facts({552: 2, 0: 1}), broken("other_reply")),
        ("domain", Facts({550: 5}), KEPT),
        ("domain", Facts({}), broken("nothing_sent")),
        ("spam", Facts({550: 3}), KEPT),
        ("spam", Facts({250: 3}), broken("accepted")),
        ("webhook", Facts({250: 3}, deliveries={"delivered": 3}), KEPT),
        ("webhook", Facts({250: 3}, deliveries={"delivered": 6}), KEPT),
        ("webhook", Facts({250: 3}, deliveries={"delivered": 2, "waiting": 1}), WAITING),
        ("webhook", Facts({250: 3}, deliveries={"delivered": 2, "waiting": 1}, attempted=1), broken("not_delivered")),
        ("webhook", Facts({250: 3}, deliveries={"given_up": 3}), broken("not_delivered")),
        ("webhook", Facts({250: 3}), WAITING),
        ("webhook", Facts({250: 3}, seconds=LATE), broken("no_delivery")),
        ("webhook", Facts({250: 3}, deliveries={"delivered": 1}, seconds=LATE), broken("not_delivered")),
        ("webhook", Facts({550: 3}), broken("not_accepted")),
        ("bounce", Facts({250: 3}, bounces=3), KEPT),
        ("bounce", Facts({250: 3}, bounces=2), WAITING),
        ("bounce", Facts({250: 3}, bounces=2, seconds=LATE), broken("not_read")),
        ("bounce", Facts({550: 3}), broken("not_accepted")),
        ("event", Facts({250: 3}, bounces=3), WAITING),
        ("event", Facts({250: 3}, bounces=3, deliveries={"delivered": 1}), KEPT),
        ("event", Facts({250: 3}, bounces=1, deliveries={"delivered": 1}), WAITING),
        ("event", Facts({250: 3}, bounces=3, deliveries={"waiting": 1}, attempted=1), broken("not_delivered")),
    ],
)
def test_a_promise_is_judged_from_what_happened(lesson: str, facts: Facts, verdict: PromiseVerdict) -> None:
    assert judge(lesson, facts) == verdict


def test_every_lesson_has_its_judge() -> None:
    assert set(JUDGES) == set(NEEDS)
