"""The gaps that a real cmcdesk keeps, as clients see them."""

from simulator.bench.options import Options
from simulator.bench.running import Bench
from simulator.bench.spacing import measure_spacing


def test_gaps_of_each_interval_and_number_of_sessions(bench: Bench) -> None:
    options = Options(seconds=0.1, intervals=(40, 20), spaced_sessions=(1, 3))
    result = measure_spacing(options, bench)
    assert [(one.interval_ms, one.sessions, one.count) for one in result.gaps] == [
        (20, 1, 5),
        (20, 3, 15),
        (40, 1, 3),
        (40, 3, 9),
    ]
    for one in result.gaps:
        assert 0 < one.least <= min(one.mean, one.p99)
        assert abs((one.mean / one.interval_ms - 1) * 100 - one.off) < 1e-6
    assert result.pace is not None
    assert (result.pace.interval_ms, result.pace.sessions, result.pace.ceiling) == (20, 3, 150.0)
    assert all(stored.is_good for stored in bench.stored)
    assert len(bench.stored) == 2
