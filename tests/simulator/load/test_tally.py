"""The figures of a load."""

from simulator.load.client import Outcome
from simulator.load.prepared import Prepared
from simulator.load.tally import Tally, describe_spread

MAIL = Prepared("a@example.com", ["b@example.com"], b"x\r\n")


def test_refusals_are_grouped_by_stage_code_and_enhanced_status() -> None:
    tally = Tally()
    for _ in range(3):
        tally.note_refused(Outcome(MAIL, 0, "rcpt", 550, "5.7.1 domain not allowed", 0.0, 1))
    tally.note_refused(Outcome(MAIL, 0, "dot", 451, "try later", 0.0, 0))
    data = tally.as_data()
    assert data["refusals"] == [
        {"stage": "rcpt", "code": 550, "enhanced_status": "5.7.1", "text": "domain not allowed", "count": 3},
        {"stage": "dot", "code": 451, "enhanced_status": "", "text": "try later", "count": 1},
    ]
    assert data["replies"] == {"451": 1, "550": 3}
    assert data["mails_per_second"] == 0


def test_connections_that_were_turned_away_are_told_with_the_words() -> None:
    tally = Tally()
    tally.note_greeting(220, "ready", 0.01)
    for _ in range(5):
        tally.note_greeting(421, "4.7.0 too many sessions", 0.01)
    data = tally.as_data()
    assert data["connections"] == {"220": 1, "421": 5} and data["greetings"] == {"421": "4.7.0 too many sessions"}


def test_the_time_of_a_pause_does_not_count() -> None:
    tally = Tally()
    tally.started_at, tally.last_reply_at, tally.paused_seconds = 100.0, 110.0, 8.0
    assert tally.seconds() == 2.0


def test_the_rate_is_over_the_time_taken_or_scheduled() -> None:
    tally = Tally()
    for number in range(11):
        tally.note_accepted(Outcome(MAIL, number, "dot", 250, "", 0.002, 0), 0.1, number == 0)
    tally.started_at, tally.last_reply_at = 100.0, 101.0
    assert tally.rate() == 11
    tally.scheduled_seconds = 1.1
    assert tally.rate() == 10
    assert tally.as_data()["gap_ms"] == {"min": 100, "mean": 100, "p50": 100, "p90": 100, "p99": 100, "max": 100}


def test_a_spread_of_nothing_is_none() -> None:
    assert describe_spread([]) is None
