"""What a load run has seen: replies, latencies, spacing; as figures for the progress line and as the JSON summary."""

import re
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.load.client import NO_REPLY, Outcome

ENHANCED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}(?= |$)")  # RFC 2034 §4
PERCENTILES = {"p50": 0.50, "p90": 0.90, "p99": 0.99}


@dataclass(frozen=True)
class Refusal:
    """One way in which mails were turned away."""

    stage: str
    code: int
    enhanced_status: str
    text: str


@dataclass
class Tally:
    """Times in seconds; ``code`` 0 stands for a connection that ended without a reply."""

    replies: Counter[int] = field(default_factory=Counter)
    refusals: Counter[Refusal] = field(default_factory=Counter)
    recipients_refused: int = 0
    octets: int = 0
    greetings: Counter[int] = field(default_factory=Counter)
    greeting_texts: dict[int, str] = field(default_factory=dict)
    connect_seconds: "array[float]" = field(default_factory=lambda: array("d"))  # connect → 220
    turned_away_seconds: "array[float]" = field(default_factory=lambda: array("d"))  # connect → any other greeting
    dot_seconds: "array[float]" = field(default_factory=lambda: array("d"))  # last octet → reply
    gap_seconds: "array[float]" = field(default_factory=lambda: array("d"))  # 250 → next 250 of one session
    first_seconds: "array[float]" = field(default_factory=lambda: array("d"))  # connect → first 250 of the session
    accepted_numbers: list[int] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)
    scheduled_seconds: float = 0.0  # until the next mail would have been due, where the load followed a rate
    last_reply_at: float = 0.0
    paused_seconds: float = 0.0

    @property
    def accepted(self) -> int:
        """Mails that were answered 250 after the dot."""
        return self.replies[250]

    @property
    def finished(self) -> int:
        """Mails of which the outcome is known."""
        return sum(self.replies.values())

    def note_greeting(self, code: int, text: str, seconds: float) -> None:
        """One connection was greeted, or closed without a word (NO_REPLY)."""
        self.greetings[code] += 1
        self.greeting_texts.setdefault(code, text)
        (self.connect_seconds if code == 220 else self.turned_away_seconds).append(seconds)

    def note_accepted(self, outcome: Outcome, since_last: float, first: bool) -> None:
        """One 250; ``since_last`` 250 of its session, or since the session's connect if it is the ``first``."""
        self.replies[250] += 1
        self.octets += outcome.mail.size
        self.recipients_refused += outcome.refused
        self.accepted_numbers.append(outcome.number)
        self.dot_seconds.append(outcome.seconds)
        (self.first_seconds if first else self.gap_seconds).append(since_last)

    def note_refused(self, outcome: Outcome) -> None:
        """One mail that did not get its 250."""
        self.replies[outcome.code] += 1
        self.recipients_refused += outcome.refused
        found = ENHANCED.match(outcome.text)
        enhanced, text = (found[0], outcome.text[found.end() :].strip()) if found else ("", outcome.text)
        if len(self.refusals) < 1000:  # a server may put a number into each text
            self.refusals[Refusal(outcome.stage, outcome.code, enhanced, text)] += 1

    def seconds(self) -> float:
        """From the start to the last reply, pauses left out."""
        return max(self.last_reply_at - self.started_at - self.paused_seconds, 0.0)

    def rate(self) -> float:
        """Mails accepted a second, over the time that they were meant to take or that they took, the longer one."""
        span = max(self.seconds(), self.scheduled_seconds)
        return self.accepted / span if span > 0 else 0.0

    def list_refusals(self) -> list[dict[str, Any]]:
        """Each way in which mails were turned away, with its count, the most frequent first."""
        return [{**vars(refusal), "count": n} for refusal, n in self.refusals.most_common()]

    def count_connections(self) -> dict[str, int]:
        """Code of the greeting → connections; "0": closed without a word."""
        return {str(code): n for code, n in sorted(self.greetings.items())}

    def list_greetings(self) -> dict[str, str]:
        """Code → text of the greetings that turned connections away."""
        return {str(code): text for code, text in sorted(self.greeting_texts.items()) if code != 220}

    def as_data(self) -> dict[str, Any]:
        """The JSON summary; milliseconds and mails a second."""
        return {
            "mails": self.finished,
            "accepted": self.accepted,
            "unanswered": self.replies[NO_REPLY],
            "recipients_refused": self.recipients_refused,
            "octets": self.octets,
            "seconds": round(self.seconds(), 3),
            "mails_per_second": round(self.rate(), 2),
            "replies": {str(code): n for code, n in sorted(self.replies.items())},
            "refusals": self.list_refusals(),
            "connections": self.count_connections(),
            "greetings": self.list_greetings(),
            "connect_ms": describe_spread(self.connect_seconds),
            "turned_away_ms": describe_spread(self.turned_away_seconds),
            "dot_to_reply_ms": describe_spread(self.dot_seconds),
            "first_ms": describe_spread(self.first_seconds),
            "gap_ms": describe_spread(self.gap_seconds),
        }


def describe_spread(seconds: Sequence[float]) -> dict[str, float] | None:
    """min, mean, percentiles and max in milliseconds; None of nothing."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    spread = {"min": ordered[0], "mean": sum(ordered) / len(ordered)}
    spread |= {name: pick_percentile(ordered, part) for name, part in PERCENTILES.items()}
    return {name: round(value * 1000, 3) for name, value in (spread | {"max": ordered[-1]}).items()}


def pick_percentile(ordered: Sequence[float], part: float) -> float:
    """The value below which ``part`` of the ordered values lie (nearest rank)."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
