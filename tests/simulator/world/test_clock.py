"""A clock that runs fast."""

from simulator.world.clock import Clock


def test_ten_hours_take_seconds() -> None:
    seen = iter([100.0, 100.0, 136.0])
    clock = Clock(1000.0, lambda: next(seen))
    assert (clock.now(), clock.now()) == (0.0, 36_000.0)
    assert clock.real(36_000.0) == 36.0
