"""Shapes: rate, its integral, and when a mail is due."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.shape import FOREVER, BadShape, Burst, Constant, Ramp, Shape, Wave, make_shape, time_of

SHAPES = [Constant(50), Ramp(10, 200, 5), Burst(5, 300, 4, 0.5), Wave(0, 120, 3)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_mails_by_is_the_integral_of_the_rate(shape: Shape) -> None:
    steps = 100_000
    summed = sum(shape.rate_at((i + 0.5) * 11 / steps) for i in range(steps)) * 11 / steps
    assert shape.mails_by(11) == pytest.approx(summed, rel=1e-3)


@given(shape=st.sampled_from(SHAPES), number=st.integers(0, 5000))
def test_a_mail_is_due_when_that_many_are(shape: Shape, number: int) -> None:
    due = time_of(shape, number)
    assert shape.mails_by(due) == pytest.approx(number, abs=0.01)


def test_the_ends_of_each_shape() -> None:
    assert Ramp(10, 200, 5).rate_at(0) == 10
    assert Ramp(10, 200, 5).rate_at(99) == 200
    assert Burst(5, 300, 4, 0.5).rate_at(8.4) == 300
    assert Burst(5, 300, 4, 0.5).rate_at(8.6) == 5
    assert math.isclose(Wave(10, 90, 6).rate_at(3), 90)


def test_a_shape_at_rest_has_nothing_due() -> None:
    assert time_of(Constant(0), 1) == FOREVER
    assert time_of(Ramp(5, 0.0, 1), 100) == FOREVER


@pytest.mark.parametrize(
    "bad", [("square", 1.0, 2.0), ("ramp", 1.0, 0.0), ("constant", -1.0, 0.0), ("wave", 1.0, 2.0, 0.0)]
)
def test_a_bad_shape_is_told(bad: tuple[str, float, float]) -> None:
    with pytest.raises(BadShape):
        make_shape(*bad)
