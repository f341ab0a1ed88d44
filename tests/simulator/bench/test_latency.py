"""Latency of a real cmcdesk beside a real aiosmtpd that commits each mail."""

from simulator.bench.latency import Latency, LatencyResult, describe_latency, measure_latency, measure_spacing
from simulator.bench.options import Address, Cell, Options
from simulator.bench.receivers import list_kinds
from simulator.bench.running import Bench


def test_those_that_store_are_set_side_by_side(bench: Bench) -> None:
    options = Options(rounds=2, seconds=0.1, sessions=(1, 3), beside=("aiosmtpd", "aiosmtpd-commit"))
    result = measure_latency(list_kinds(options), options, bench)
    assert result.cell == Cell(2_000, 3)
    assert [one.name for one in result.latencies] == ["cmcdesk", "aiosmtpd-commit"]
    for one in result.latencies:
        assert len(one.p50) == len(one.p99) == 2
        p50, p99, rate = describe_latency(one)
        assert p50 is not None and p99 is not None and rate is not None
        assert 0 < p50.least <= p99.most
        assert rate.least > 0
    assert [one.is_good for one in bench.stored] == [True]


def test_a_ratio_says_how_many_times_later() -> None:
    ours, other = Latency("cmcdesk", p99=[10.0, 20.0]), Latency("it", p99=[30.0, 100.0])
    ratio = LatencyResult(Cell(2_000, 1), [ours, other]).ratio(other)
    assert ratio is not None
    assert (ratio.least, ratio.median, ratio.most) == (3.0, 4.0, 5.0)


def test_a_receiver_that_falls_is_a_fault(bench: Bench, talk: object) -> None:
    port, _ = talk({"DATA": "451 4.3.0 not now"})  # type: ignore[operator]
    options = Options(rounds=1, seconds=0.1, sessions=(1,), beside=(), peers={"it": Address("127.0.0.1", port)})
    result = measure_latency(list_kinds(options), options, bench)
    assert result.latencies[1].fault == "it took no mail"


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
