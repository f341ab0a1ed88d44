"""The live line."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.load.client import Outcome
from simulator.load.prepared import Prepared
from simulator.load.progress import Line, print_summary, run_watched, write_figure
from simulator.load.runner import Load, Plan
from simulator.load.source import make_plain, make_pool
from simulator.load.tally import Tally

MAIL = Prepared("a@example.com", ["b@example.com"], b"x\r\n")


def test_the_line_tells_rate_replies_and_latencies_since_the_last_look() -> None:
    tally = Tally()
    line = Line(tally)
    for _ in range(50):
        tally.note_accepted(Outcome(MAIL, 0, "dot", 250, "", 0.004, 0), 0.1, False)
    tally.note_refused(Outcome(MAIL, 0, "rcpt", 550, "5.7.1 no", 0.0, 1))
    tally.note_greeting(421, "full", 0.01)
    said = line.describe()
    assert "51 mails" in said
    assert "250:50 550:1" in said
    assert "p50 4.0 ms p99 4.0 ms" in said
    assert "1 connections turned away" in said
    assert "p50" not in line.describe()


def test_a_watched_run_is_the_run(plain_aiosmtpd: SimpleNamespace) -> None:
    pool = make_pool(make_plain("a@example.com", ["b@example.com"]), random.Random(1), 20)
    tally = run_watched(Load(Plan("127.0.0.1", plain_aiosmtpd.port, count=20), pool), shown=False)
    assert tally.accepted == 20


class Controlled:
    """cmcsim under control: the lines that it told, and a way to tell it something."""

    def __init__(self, *words: str) -> None:
        start = [sys.executable, "-c", "from simulator.cli import main; main()", "load", "--controlled", *words]
        self.process = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, word: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def next(self, fact: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first of its lines from now on of which the fact holds."""
        assert self.process.stdout
        for line in self.process.stdout:
            told: dict[str, Any] = json.loads(line)
            if fact(told):
                return told
        raise AssertionError("it ended before")

    def close(self) -> None:
        self.process.kill()
        with self.process:
            pass


@pytest.fixture
def controlled(plain_aiosmtpd: SimpleNamespace) -> Iterator[Controlled]:
    """Ten mails a second for a minute, to a receiver that is not ours."""
    running = Controlled(f"--target=127.0.0.1:{plain_aiosmtpd.port}", "--rate=10", "--seconds=60")
    yield running
    running.close()


def test_another_program_pauses_resumes_and_stops_it(controlled: Controlled) -> None:
    first = controlled.next(lambda told: told["progress"]["accepted"] > 0)["progress"]
    assert len(first["run"]) == 10 and first["paused"] is False and first["connections"] == {"220": 1}
    controlled.say("pause")
    paused = controlled.next(lambda told: told["progress"]["paused"])["progress"]
    later = [controlled.next(lambda told: True)["progress"] for _ in range(3)]
    assert {one["started"] for one in later} == {paused["started"]}
    assert {one["seconds"] for one in later} == {paused["seconds"]}
    controlled.say("nonsense")
    controlled.say("resume")
    controlled.next(lambda told: told["progress"]["accepted"] > paused["started"])
    controlled.say("stop")
    summary = controlled.next(lambda told: "progress" not in told)
    assert summary["run"] == first["run"] and summary["accepted"] == summary["mails"] > paused["started"]
    assert summary["seconds"] < 59 and controlled.process.wait(10) == 0


def test_a_paused_run_is_stopped_with_its_summary(controlled: Controlled) -> None:
    controlled.next(lambda told: told["progress"]["accepted"] > 0)
    controlled.say("pause")
    accepted = controlled.next(lambda told: told["progress"]["paused"])["progress"]["started"]
    controlled.say("stop")
    assert controlled.next(lambda told: "progress" not in told)["accepted"] == accepted


def test_it_stops_when_nobody_controls_it_any_more(controlled: Controlled) -> None:
    controlled.next(lambda told: told["progress"]["accepted"] > 0)
    assert controlled.process.stdin
    controlled.process.stdin.close()
    assert controlled.next(lambda told: "progress" not in told)["accepted"] > 0


def test_figures_words_and_refusals_are_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    mail = Prepared("a@example.com", ["b@example.com"], b"x\r\n")
    for number in range(1500):
        tally.note_accepted(Outcome(mail, number, "dot", 250, "", 0.002, 0), 0.1, number == 0)
    tally.note_refused(Outcome(mail, 0, "rcpt", 550, "5.7.1 no", 0.0, 1))
    tally.note_greeting(421, "4.7.0 full", 0.01)
    print_summary({"run": "0123456789"} | tally.as_data())
    said = capsys.readouterr().out
    for words in ("0123456789", "1,500", "1 at rcpt: 550 5.7.1 no", "421 4.7.0 full", "421 1"):
        assert words in said


def test_a_figure_has_its_thousands_apart() -> None:
    assert write_figure(1234567) == "1,234,567" and write_figure("1234567") == "1234567"
