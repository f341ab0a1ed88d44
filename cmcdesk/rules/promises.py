"""Whether a lesson of the simulator kept its promise, judged from what really happened: pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Word = Literal["kept", "broken", "waiting"]
Reason = Literal[
    "",
    "nothing_sent",
    "no_421",
    "accepted",
    "other_reply",
    "too_fast",
    "too_few",
    "not_accepted",
    "no_delivery",
    "not_delivered",
    "not_read",
]

PATIENCE_SECONDS = 60.0  # for deliveries and bounces to come, after the end of a run
SLACK_MS = 2.0  # by which a 250 may leave early (rules.throttle)


@dataclass(frozen=True)
class Facts:
    """What a run met. replies: code → mails; turned_away: code → connections; gap_ms: mean time from one 250 of a
    session to the next, None without a second one; interval_ms: the limit; deliveries: state → number; attempted:
    deliveries that wait after a failed attempt; bounces: mails of the run that were read; seconds: since its end."""

    replies: Mapping[int, int]
    turned_away: Mapping[int, int] = field(default_factory=dict)
    gap_ms: float | None = None
    interval_ms: float = 0.0
    deliveries: Mapping[str, int] = field(default_factory=dict)
    attempted: int = 0
    bounces: int = 0
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        """Mails that were answered 250."""
        return self.replies.get(250, 0)

    @property
    def mails(self) -> int:
        """Mails that were answered, or whose connection went."""
        return sum(self.replies.values())


@dataclass(frozen=True)
class PromiseVerdict:
    """word: of the promise; reason: why it is not kept."""

    word: Word
    reason: Reason = ""


KEPT = PromiseVerdict("kept")


def judge(lesson: str, facts: Facts) -> PromiseVerdict:
    """The verdict of a run that has ended. Raises KeyError for what is no lesson."""
    return JUDGES[lesson](facts)


def _judge_sessions(facts: Facts) -> PromiseVerdict:
    if not facts.accepted:
        return _broken("not_accepted")
    return KEPT if facts.turned_away.get(421) else _broken("no_421")


def _judge_interval(facts: Facts) -> PromiseVerdict:
    if not facts.accepted:
        return _broken("not_accepted")
    if facts.gap_ms is None:
        return _broken("too_few")
    return KEPT if facts.gap_ms >= facts.interval_ms - SLACK_MS else _broken("too_fast")


def _judge_refusals(code: int) -> Callable[[Facts], PromiseVerdict]:
    def judge_refusals(facts: Facts) -> PromiseVerdict:
        if not facts.mails:
            return _broken("nothing_sent")
        if facts.accepted:
            return _broken("accepted")
        return KEPT if facts.replies.get(code) == facts.mails else _broken("other_reply")

    return judge_refusals


def _judge_webhook(facts: Facts) -> PromiseVerdict:
    if not facts.accepted:
        return _broken("not_accepted")
    return _judge_deliveries(facts, facts.accepted)


def _judge_deliveries(facts: Facts, wanted: int) -> PromiseVerdict:
    if facts.deliveries.get("given_up") or facts.attempted:
        return _broken("not_delivered")
    if facts.deliveries.get("delivered", 0) >= wanted and not facts.deliveries.get("waiting"):
        return KEPT
    return _wait(facts, "not_delivered" if sum(facts.deliveries.values()) else "no_delivery")


def _judge_bounce(facts: Facts) -> PromiseVerdict:
    if not facts.accepted:
        return _broken("not_accepted")
    return KEPT if facts.bounces >= facts.accepted else _wait(facts, "not_read")


def _judge_event(facts: Facts) -> PromiseVerdict:
    read = _judge_bounce(facts)
    return _judge_deliveries(facts, 1) if read == KEPT else read


def _wait(facts: Facts, reason: Reason) -> PromiseVerdict:
    return _broken(reason) if facts.seconds > PATIENCE_SECONDS else PromiseVerdict("waiting")


def _broken(reason: Reason) -> PromiseVerdict:
    return PromiseVerdict("broken", reason)


JUDGES: dict[str, Callable[[Facts], PromiseVerdict]] = {
    "sessions": _judge_sessions,
    "interval": _judge_interval,
    "size": _judge_refusals(552),
    "domain": _judge_refusals(550),
    "spam": _judge_refusals(550),
    "webhook": _judge_webhook,
    "bounce": _judge_bounce,
    "event": _judge_event,
}
