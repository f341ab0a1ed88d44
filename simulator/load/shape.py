"""Traffic shapes: pure functions of the elapsed time.

A shape answers two questions: the rate wanted at ``t`` (mails a second) and how many mails were due by ``t`` (the
integral of the rate). A sender that follows the second keeps the mean exactly, however late its timers are.
"""

import math
from dataclasses import dataclass
from typing import Protocol

FOREVER = 10.0**9  # seconds; a shape whose rate falls to 0 has no further mail due


class BadShape(ValueError):
    """A shape was asked for that does not exist or lacks a number; the text says which."""


class Shape(Protocol):
    """Rate over time."""

    def rate_at(self, t: float) -> float:
        """Mails a second wanted at ``t`` seconds after the start."""

    def mails_by(self, t: float) -> float:
        """Mails due in the first ``t`` seconds (a real number, never falling)."""


@dataclass(frozen=True)
class Constant:
    """``rate`` mails a second, always."""

    rate: float

    def rate_at(self, t: float) -> float:
        del t
        return self.rate

    def mails_by(self, t: float) -> float:
        return self.rate * t


@dataclass(frozen=True)
class Ramp:
    """From ``rate`` straight to ``peak`` within ``period`` seconds, then ``peak``."""

    rate: float
    peak: float
    period: float

    def rate_at(self, t: float) -> float:
        return self.rate + (self.peak - self.rate) * min(t / self.period, 1.0)

    def mails_by(self, t: float) -> float:
        climbing = min(t, self.period)
        return (self.rate + self.rate_at(climbing)) / 2 * climbing + self.peak * (t - climbing)


@dataclass(frozen=True)
class Burst:
    """``rate``, but ``peak`` during the first ``lasting`` seconds of every ``period``."""

    rate: float
    peak: float
    period: float
    lasting: float

    def rate_at(self, t: float) -> float:
        return self.peak if t % self.period < self.lasting else self.rate

    def mails_by(self, t: float) -> float:
        whole, rest = divmod(t, self.period)
        bursting = whole * self.lasting + min(rest, self.lasting)
        return self.peak * bursting + self.rate * (t - bursting)


@dataclass(frozen=True)
class Wave:
    """A sine between ``rate`` (at the start) and ``peak`` (half a ``period`` later)."""

    rate: float
    peak: float
    period: float

    def rate_at(self, t: float) -> float:
        return self.rate + (self.peak - self.rate) * (1 - math.cos(2 * math.pi * t / self.period)) / 2

    def mails_by(self, t: float) -> float:
        turn = self.period / (2 * math.pi)
        return self.rate * t + (self.peak - self.rate) * (t - turn * math.sin(t / turn)) / 2


def time_of(shape: Shape, number: int) -> float:
    """When the ``number``-th mail (from 0) is due, in seconds after the start; FOREVER if never."""
    if isinstance(shape, Constant):
        return number / shape.rate if shape.rate > 0 else (0.0 if number == 0 else FOREVER)
    early, late = 0.0, 1.0
    while shape.mails_by(late) < number:
        early, late = late, late * 2
        if late > FOREVER:
            return FOREVER
    while late - early > 1e-6:
        middle = (early + late) / 2
        early, late = (middle, late) if shape.mails_by(middle) < number else (early, middle)
    return late


def make_shape(kind: str, rate: float, peak: float = 0.0, period: float = 10.0, lasting: float = 1.0) -> Shape:
    """The shape of this name; raises BadShape, saying what is wrong and what is allowed."""
    if min(rate, peak, lasting) < 0 or period <= 0:
        raise BadShape("rate, peak and lasting are 0 or more, period is more than 0")
    if kind == "constant":
        return Constant(rate)
    if peak <= 0:
        raise BadShape(f"shape {kind} needs a peak (mails a second)")
    if kind == "ramp":
        return Ramp(rate, peak, period)
    if kind == "burst" and lasting <= period:
        return Burst(rate, peak, period, lasting)
    if kind == "wave":
        return Wave(rate, peak, period)
    raise BadShape(f"no shape {kind!r} with these numbers; there are constant, ramp, burst (lasting <= period), wave")
