"""Every kind of bounce that the simulator writes, from the documents of other systems, is read back as it was meant."""

import random

import pytest

from cmcdesk.mail.bounce.reader import read_bounce
from simulator.traffic.bounces import make_bounce
from simulator.traffic.catalogue import CATALOGUE


@pytest.mark.parametrize("name", [kind.name for kind in CATALOGUE])
def test_a_kind_is_read_back_as_meant(name: str) -> None:
    for seed in range(2):
        mail = make_bounce(random.Random(seed), name)
        verdict = read_bounce(mail.octets)
        meant = {(one.recipient, one.error_status, one.status, one.final) for one in mail.expectations}
        found = {(one.recipient, one.error_status, one.status, verdict.final) for one in verdict.failures}
        assert found == meant
        assert verdict.is_bounce == bool(meant)
