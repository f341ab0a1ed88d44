"""The acceptance run of the console: the files it leaves, and that it can be stopped."""

import json
from pathlib import Path

import pytest

from cmcdesk.console.acceptance.acceptance_run import KEPT_REPORTS, AcceptanceRuns, AcceptanceUnderWay

from ...conftest import WaitFor


def test_a_stopped_run_leaves_no_report_and_no_process(tmp_path: Path, wait_for: WaitFor) -> None:
    heard: list[bool] = []
    runs = AcceptanceRuns(tmp_path, lambda: heard.append(True))
    run = runs.start(["05-size"], "en")
    with pytest.raises(AcceptanceUnderWay):
        runs.start(["05-size"], "en")
    runs.stop(is_waited_for=True)
    wait_for(lambda: run.is_over)
    assert run.was_stopped and not run.error and heard
    assert runs.list_reports() == [] and run.process.poll() is not None


def test_what_it_says_of_a_misuse_is_kept(tmp_path: Path, wait_for: WaitFor) -> None:
    runs = AcceptanceRuns(tmp_path, lambda: None)
    run = runs.start(["99-nothing"], "en")
    wait_for(lambda: run.is_over, 30)
    assert "no scenario 99-nothing" in run.error and runs.list_reports() == []


def test_reports_are_kept_newest_first_and_not_for_ever(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(KEPT_REPORTS + 2):
        name = f"acceptance-20260101-{number:06}"
        (folder / f"{name}.html").write_text("<p>")
        kept = {"at": float(number), "seconds": 1.5, "outcomes": {"a": "passed", "b": "failed"}}
        (folder / f"{name}.json").write_text(json.dumps(kept))
    (folder / "acceptance-20260101-999999.json").write_text("{")
    runs = AcceptanceRuns(tmp_path, lambda: None)
    listed = runs.list_reports()
    assert listed[0].at == KEPT_REPORTS + 1 and listed[0].count("failed") == 1, "a damaged one is passed over"
    assert runs.find_report("../secret") is None and runs.find_report(listed[0].name)
    assert runs.remove_report(listed[0].name) and not runs.remove_report(listed[0].name)
