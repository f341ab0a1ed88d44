"""The summary of a load for people."""

import pytest

from simulator.load.client import Outcome
from simulator.load.prepared import Prepared
from simulator.load.summary import print_summary, write_figure
from simulator.load.tally import Tally


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
