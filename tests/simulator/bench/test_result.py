"""The JSON file, and what makes a bench fail."""

import json

import pytest

from simulator.bench.options import Options
from simulator.bench.result import Result, make_data
from simulator.bench.running import Stored


def test_the_json_object_has_all_parts(result: Result) -> None:
    data = json.loads(json.dumps(make_data(result)))
    assert data["machine"]["command"] == "cmcsim bench"
    assert data["options"]["peers"] == {"elsewhere": ["127.0.0.1", 1025]}
    first, second = data["rate"]
    assert (first["size"], first["sessions"], first["connections"], first["skipped"]) == (2000, 100, "kept", None)
    assert (second["connections"], second["skipped"]) == ("new", "needs 60 GB")
    ours, sink, peer = first["receivers"]
    assert ours["mails_per_second"] == {"median": 9000.0, "least": 8000.0, "most": 10000.0}
    assert ours["mails_per_second_by_round"] == [8000.0, 10000.0, 9000.0]
    assert (ours["megabytes_per_second"], ours["peak_mb"]) == (18.0, 66.0)
    assert ours["cpu_us_per_mail_beside"]["median"] == 50.0
    assert sink["cmcdesk_to_it"] == {"median": 0.5625, "least": 0.5, "most": 0.625}
    assert (peer["cpu_us_per_mail"], peer["peak_mb"], peer["refused"]) == (None, None, 2)
    assert second["receivers"][0]["mails_per_second"] is None
    assert data["latency"]["receivers"][1]["its_p99_to_cmcdesk"]["median"] == 4.0
    assert data["spacing"]["pace"]["ceiling"] == 10000.0
    assert data["startup"]["fresh"]["first_220_s"]["median"] == 1.1
    assert data["startup"]["idle"][1] == {"name": "mail_server", "cpu_percent": None, "resident_mb": None}
    assert [one["a_mail"] for one in data["fsyncs"]] == [0.025, None]
    assert data["behind"][0] == {
        "name": "webhook posts", "mails": 4000, "mails_per_second": 512.25, "worker_cpu_us_per_mail": 1500.5,
    }  # fmt: skip
    assert data["growth"][1] == {
        "mails": 1_000_000, "indexing_s": 300.0, "resident_mb": None,
        "calls": [{"name": "newest 50", "p50_ms": 3.5, "p99_ms": 7.0}],
    }  # fmt: skip
    assert data["stored"][0] == {"part": "rate", "acknowledged": 100, "stored": 100}
    assert data["faults"] == []


def test_parts_not_asked_for_are_null(result: Result) -> None:
    data = make_data(Result(result.machine, Options()))
    assert [data[part] for part in ("rate", "latency", "spacing", "startup", "fsyncs", "growth")] == [None] * 6
    assert data["behind"] == []


@pytest.mark.parametrize("stored", [99, 101])
def test_one_mail_too_few_or_too_many_is_a_fault(result: Result, stored: int) -> None:
    result.stored.append(Stored("spacing", 100, stored))
    assert result.list_faults() == [f"spacing: 100 mails acknowledged, {stored} stored"]


def test_a_load_that_broke_off_is_a_fault_once(result: Result) -> None:
    assert result.rate
    result.rate[0].runs[0].fault = "smtp-source to cmcdesk: fatal"
    result.stored.append(Stored("rate", None, 7))
    assert result.list_faults() == ["rate: 2 KB, 100 sessions, kept connections: smtp-source to cmcdesk: fatal"]
