"""The simulator panel's form."""

import subprocess
import sys
from dataclasses import replace

import pytest

from cmcdesk.console.frame.trouble import Refused
from cmcdesk.console.simulator import traffic_form
from cmcdesk.console.simulator.traffic_form import (
    Traffic,
    find_faults,
    is_size,
    list_saved_traffic,
    remove_traffic,
    save_traffic,
    write_arguments,
    write_plain,
)

from ..conftest import Console

GOOD = Traffic(to="a@b.example", count="1")


def faults_of(console: Console, traffic: Traffic) -> set[str]:
    with console.desk.app.test_request_context("/", base_url=console.base):
        return set(find_faults(traffic))


def test_the_command_line_says_what_was_typed() -> None:
    traffic = Traffic(mail="bounce", to="-x@a.example b@a.example", count="5", rate="2", kind="qmail/unknown-user")
    assert write_arguments(traffic, "127.0.0.1:1") == [
        "bounce", "--target", "127.0.0.1:1", "--to=-x@a.example", "--to=b@a.example", "--count=5", "--sessions=1",
        "--rate=2", "--shape=constant", "--seed=1", "--kind=qmail/unknown-user",
    ]  # fmt: skip


def test_only_options_of_the_chosen_kind_are_written() -> None:
    plain = write_arguments(Traffic(to="a@b", count="1", spam="own-domain", peak="9"), "h:1")
    assert plain[0] == "load" and not any("spam" in each or "peak" in each or "kind" in each for each in plain)
    shaped = write_arguments(Traffic(mail="form", to="a@b", count="1", shape="wave", peak="9"), "h:1")
    assert "--peak=9" in shaped and "--charset=utf-8" in shaped


def test_numbers_are_read_as_they_are_written_in_japan_and_elsewhere() -> None:
    form = {
        "count": " １，０００ ",
        "seconds": "2.5",
        "sessions": "１０",
        "rate": "1,000,000",
        "size": "１００ｋ",
        "to": "a@b",
    }
    traffic = Traffic.from_form(form)
    assert (traffic.count, traffic.sessions, traffic.rate, traffic.size) == ("1000", "10", "1000000", "100k")
    assert traffic.goal == (1000, 2.5) and Traffic.from_form(traffic.as_data()) == traffic
    assert write_plain("1,00") == "1,00" and write_plain("1,0000") == "1,0000", "that is no mark between thousands"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to": "nobody"}, "to"), ({"to": ""}, "to"), ({"to": "a@b, c@d"}, "to"), ({"to": "<a@b>"}, "to"),
        ({"count": "0"}, "count"), ({"count": ""}, "count"), ({"count": "1e3"}, "count"),
        ({"sessions": "x"}, "sessions"),
        ({"sessions": ""}, "sessions"), ({"sessions": "1001"}, "sessions"), ({"rate": "-1"}, "rate"),
        ({"seconds": "nan"}, "seconds"), ({"seed": ""}, "seed"), ({"seed": "-1"}, "seed"), ({"seed": "x"}, "seed"),
        ({"size": "huge"}, "size"), ({"size": "2k-1k"}, "size"), ({"size": "0"}, "size"), ({"size": "99"}, "size"),
        ({"mail": "form", "size": "500-2k"}, "size"), ({"mail": "bounce", "size": "599"}, "size"),
        ({"size": "1G"}, "size"),
        ({"size": "201M"}, "size"), ({"size": "1-2-3"}, "size"), ({"shape": "wave", "peak": "2"}, "rate"),
        ({"shape": "ramp", "rate": "2"}, "peak"), ({"mail": "spam"}, "mail"), ({"shape": "square"}, "shape"),
        ({"shape": "burst", "rate": "1", "peak": "2", "period": "0.5"}, "period"), ({"charset": "x"}, "charset"),
        ({"spam": "x"}, "spam"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field_before_anything_runs(
    console: Console, changed: dict[str, str], field: str
) -> None:
    assert field in faults_of(console, replace(GOOD, **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {}, {"size": "100k"}, {"size": "1k-10k"}, {"seed": "0"}, {"mail": "form", "size": "20k"},
        {"shape": "wave", "rate": "1", "peak": "2"}, {"shape": "burst", "rate": "1", "peak": "2", "period": "1"},
        {"shape": "ramp", "rate": "1", "peak": "2", "period": "0.5"}, {"mail": "bounce", "size": "20k"},
    ],
)  # fmt: skip
def test_what_is_good_the_simulator_takes_too(console: Console, changed: dict[str, str]) -> None:
    traffic = replace(GOOD, **changed)
    assert faults_of(console, traffic) == set()
    command = [sys.executable, "-m", "simulator.cli", *write_arguments(traffic, "127.0.0.1:1"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "nobody answers" in done.stderr, "no misuse, only nobody there"


def test_sizes() -> None:
    assert is_size("2048") and is_size("10M") and is_size("1 kb - 2KB") and not is_size("") and not is_size("1k-")


def test_a_form_is_kept_replaced_and_forgotten(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        first, second = Traffic(to="a@b", count="3"), Traffic(to="c@d", seconds="2")
        assert save_traffic("  my \n flood ", first) == "my flood"
        save_traffic("my flood", second)
        assert list_saved_traffic()["my flood"] == second
        monkeypatch.setattr(traffic_form, "MOST", len(list_saved_traffic()))
        for name in ("", "x" * 61, "one too many"):
            with pytest.raises(Refused):
                save_traffic(name, first)
        assert remove_traffic("my flood") and not remove_traffic("my flood")
