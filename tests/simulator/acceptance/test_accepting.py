"""What the terminal of an acceptance run shows; exit codes are in test_accept.py."""

import click
import pytest

from simulator.acceptance.accepting import list_titles, run_acceptance
from simulator.acceptance.scenario import list_scenarios


def test_titles_are_listed_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    list_titles(list_scenarios(("04-session-cap",)), "ja")
    assert capsys.readouterr().out.split() == ["04-session-cap", "最大接続数"]


def test_a_target_without_an_api_is_misuse() -> None:
    options = {"api": None, "target": "127.0.0.1:1", "language": "en", "falsify": False, "junit": None, "html": None}
    with pytest.raises(click.UsageError, match="--api"):
        run_acceptance(list_scenarios(("04-session-cap",)), options)
