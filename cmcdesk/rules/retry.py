"""When a webhook delivery is tried again, and when it is given up. All of it is ours: CMC documents neither."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["delivered", "transient", "permanent"]
State = Literal["waiting", "delivered", "given_up"]

# Ours. Seconds from one failed attempt to the next; after the last of them the delivery is given up.
WAITS = (10.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)

# Ours. A wait is stretched by up to this share of itself, so that what failed together does not come back together.
JITTER_SHARE = 0.1

GONE = 410


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What becomes of a delivery after an attempt; due_at in seconds since 1970, None once nothing is to come."""

    state: State
    due_at: float | None


def classify_status(status: int | None) -> Outcome:
    """The outcome that an HTTP status stands for; None: no answer (refused, timed out, cut off).

    Ours: any 2xx delivers. Everything else is tried again, redirects (never followed) and 4xx too, since what is wrong
    at the endpoint is usually mended there. Only 410 Gone is final: the endpoint says so itself (RFC 9110 §15.5.11).
    """
    if status is None:
        return "transient"
    if 200 <= status < 300:
        return "delivered"
    return "permanent" if status == GONE else "transient"


def decide_next(outcome: Outcome, attempts: int, at: float, jitter: float = 0.0) -> RetryDecision:
    """The verdict after `attempts` attempts (the one just made included), the last of which ended at `at`.

    jitter: 0 … 1, drawn by the caller.
    """
    if outcome == "delivered":
        return RetryDecision("delivered", None)
    if outcome == "permanent" or attempts > len(WAITS):
        return RetryDecision("given_up", None)
    wait = WAITS[max(attempts, 1) - 1]
    return RetryDecision("waiting", at + wait * (1 + JITTER_SHARE * jitter))
