"""The outbound bench with real programs, short; and what is told of it."""

import pytest

from simulator.bench.options import Options
from simulator.bench.outbound import OutboundResult, OutboundRuns, measure_outbound
from simulator.bench.postfix import find_postfix_fault
from simulator.bench.receivers import find_program
from simulator.bench.running import Bench, Spread


@pytest.mark.skipif(find_program("smtp-sink") is None, reason="smtp-sink is not installed")
def test_both_send_all_mails_to_the_end(bench: Bench) -> None:
    found = measure_outbound(Options(rounds=1, seconds=0.1), bench)
    assert found.mails == 50
    ours, postfix = found.runs
    assert (ours.name, postfix.name) == ("cmcdesk", "Postfix") and len(ours.rates) == 1 and ours.rates[0] > 0
    assert bool(postfix.rates) == (find_postfix_fault() is None)


def test_ratios_are_of_runs_side_by_side() -> None:
    ours, other = OutboundRuns("cmcdesk", [300.0, 200.0]), OutboundRuns("Postfix", [100.0, 200.0])
    found = OutboundResult(10, (ours, other))
    assert ours.rate() == Spread(250.0, 200.0, 300.0)
    assert found.ratio(other) == Spread(2.0, 1.0, 3.0)
    assert found.ratio(OutboundRuns("Postfix", fault="not here")) is None
