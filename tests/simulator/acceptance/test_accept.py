"""`cmcsim accept` from outside: started by itself, or pointed at a cmcdesk that runs."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from simulator.acceptance.accept import list_titles, run_acceptance
from simulator.acceptance.scenario import list_scenarios
from simulator.acceptance.world import World


def accept(*words: str) -> subprocess.CompletedProcess[str]:
    start = "from simulator.cli import main; main()"
    return subprocess.run([sys.executable, "-c", start, "accept", *words], capture_output=True, text=True, timeout=120)


def test_pointed_at_a_running_one_it_plays_writes_and_skips(world: World, tmp_path: Path) -> None:
    token = str(world.api._session.headers["Authorization"]).removeprefix("Bearer ")
    api = world.api.url.replace("/api/v1/", f"/?token={token}")
    files = ["--junit", str(tmp_path / "j.xml"), "--html", str(tmp_path / "r.html")]
    done = accept("06-domains", "18-restart", "--api", api, *files)
    assert done.returncode == 0, done.stdout + done.stderr
    suite = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    assert "受信許可ドメイン" in (tmp_path / "r.html").read_text("utf-8")


def test_started_by_itself_and_falsified_it_is_exit_1(tmp_path: Path) -> None:
    done = accept("08-spam", "--falsify", "--language", "ja", "--junit", str(tmp_path / "j.xml"))
    assert done.returncode == 1
    assert "1 of 1 scenarios failed: 08-spam" in done.stderr
    assert ElementTree.parse(tmp_path / "j.xml").getroot().get("failures") == "7"


def test_a_cmcdesk_that_is_not_there_is_told() -> None:
    done = accept("08-spam", "--api", "http://127.0.0.1:9/?token=x")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr


def test_titles_are_listed_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    list_titles(list_scenarios(("04-session-cap",)), "ja")
    assert capsys.readouterr().out.split() == ["04-session-cap", "最大接続数"]


def test_a_target_without_an_api_is_misuse() -> None:
    options = {"api": None, "target": "127.0.0.1:1", "language": "en", "falsify": False, "junit": None, "html": None}
    with pytest.raises(click.UsageError, match="--api"):
        run_acceptance(list_scenarios(("04-session-cap",)), options)
