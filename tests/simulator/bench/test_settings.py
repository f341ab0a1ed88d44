"""The settings that cmcdesk is measured with, as a settings file."""

import re
import tomllib

import pytest

from simulator.bench.settings import RECIPIENT, write_settings


@pytest.mark.parametrize(("interval_ms", "written"), [(None, 10), (1000, 1000)])
def test_every_gate_is_in_use(interval_ms: int | None, written: int) -> None:
    (composition,) = tomllib.loads(write_settings(interval_ms))["composition"]
    receiving = composition["receiving"]
    assert (receiving["max_sessions"], receiving["interval_ms"]) == (100, written)
    assert RECIPIENT.partition("@")[2] in receiving["inbound_domains"]
    assert receiving["bounce_domains"]


def test_one_of_ten_conditions_matches() -> None:
    (composition,) = tomllib.loads(write_settings(None))["composition"]
    conditions = [each for webhook in composition["inbound_webhook"] for each in webhook["condition"]]
    mail = {"Subject": "load 1", "To": RECIPIENT}
    assert len(conditions) == 10
    assert [bool(re.search(one["pattern"], mail[one["header"]])) for one in conditions] == [False] * 9 + [True]
