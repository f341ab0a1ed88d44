"""`cmcdesk --selftest`: the whole program tries itself, and says why where it cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmcdesk.commands.selftest import StepFailed, WebhookSeen, await_fact, check_nothing_listens, simulate


def run_selftest(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = os.environ | {"TMPDIR": str(folder), "LC_ALL": "C.UTF-8"} | environment
    command = [sys.executable, "-m", "cmcdesk", "--selftest"]
    return subprocess.run(command, env=known, capture_output=True, text=True, timeout=120)


def test_all_steps_go_well_and_nothing_is_left(tmp_path: Path) -> None:
    told = run_selftest(tmp_path, CMCDESK_DATA_DIR=str(tmp_path / "of-the-user"))
    assert told.returncode == 0, told.stderr
    steps = [line for line in told.stdout.splitlines() if line.startswith("  ok  ")]
    assert len(steps) == 7 and "error status 2 (5.1.1)" in told.stdout and "webhook came" in told.stdout
    assert list(tmp_path.iterdir()) == []  # its own folder is gone, the user's was not made


@pytest.mark.skipif(os.name == "nt", reason="has no limit of the file size")
def test_what_fails_is_said_and_kept(tmp_path: Path) -> None:
    """A file may not grow beyond 64 KB: the databases cannot be made."""
    command = f"ulimit -f 64; exec {sys.executable} -m cmcdesk --selftest"
    known = os.environ | {"TMPDIR": str(tmp_path), "LC_ALL": "C.UTF-8"}
    told = subprocess.run(["sh", "-c", command], env=known, capture_output=True, text=True, timeout=120)
    assert told.returncode == 1, told.stdout
    assert "FAILED: " in told.stderr and "Traceback" not in told.stderr.partition("---")[0]
    kept = told.stderr.rpartition("Kept for a look: ")[2].strip()
    assert Path(kept).parent == tmp_path and Path(kept).is_dir()


def test_a_step_that_does_not_come_to_pass_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmcdesk.commands.selftest.PATIENCE", 0.1)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with pytest.raises(StepFailed, match="the webhook comes"):
        await_fact(lambda: None, "the webhook comes")


def test_a_simulator_that_reaches_nobody_is_told_in_its_words() -> None:
    with pytest.raises(StepFailed, match=r"127\.0\.0\.1:1"):
        simulate("form", "127.0.0.1:1", "info@example.com")


def test_a_port_that_is_still_taken_is_named() -> None:
    hook = WebhookSeen()
    place = hook.url.removeprefix("http://").partition("/")[0]
    with pytest.raises(StepFailed, match=place):
        check_nothing_listens(f"http://{place}/", place)
    hook.close()
    check_nothing_listens(f"http://{place}/", place)
