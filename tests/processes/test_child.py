"""A child process that is kept running."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.processes.child import LOG_LIMIT, Child, bound_log, module_command, open_log

WaitFor = Callable[..., Any]
PIPE_CHILD = Path(__file__).with_name("pipe_child.py")


def lives(folder: Path) -> list[dict[str, Any]]:
    noted = folder / "lives"
    return [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []


class Watched:
    """A child and what it was heard to say."""

    def __init__(self, folder: Path, command: list[str] | None = None) -> None:
        self.folder = folder
        self.said: list[dict[str, Any]] = []
        self.states: list[str] = []
        command = command or [sys.executable, str(PIPE_CHILD), str(folder)]
        self.child = Child(command, folder / "log" / "child.log", self.said.append, self.states.append)

    def births(self) -> int:
        return sum("born" in fact for fact in lives(self.folder))


@pytest.fixture
def watched(wait_for: WaitFor, tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    watched.child.start()
    wait_for(lambda: {"ready": True} in watched.said)
    yield watched
    watched.child.ask_to_stop()
    watched.child.join(time.monotonic() + 5)


def test_it_says_lines_and_is_told_lines(wait_for: WaitFor, watched: Watched) -> None:
    watched.child.send({"id": 1, "do": "purge", "mails": [1, 2], "note": "日本語"})
    wait_for(lambda: {"id": 1, "ok": True, "purged": 2} in watched.said)
    assert lives(watched.folder)[-1]["note"] == "日本語"


def test_one_that_dies_is_started_again(wait_for: WaitFor, watched: Watched) -> None:
    first = watched.child.pid
    watched.child.send({"do": "die"})
    wait_for(lambda: watched.births() == 2)
    assert watched.child.pid != first
    assert watched.states == ["starting", "restarting"]


def test_stop_drains_it_and_it_stays_dead(watched: Watched) -> None:
    pid = watched.child.pid
    assert pid
    watched.child.ask_to_stop()
    assert watched.child.join(time.monotonic() + 5)
    assert lives(watched.folder)[-1] == {"pid": pid, "drained": True}
    assert watched.states[-1] == "stopped" and watched.child.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(OSError):
        watched.child.send({"do": "wake"})


def test_one_that_does_not_end_in_time_is_killed(wait_for: WaitFor, watched: Watched) -> None:
    watched.child.send({"do": "hang"})
    wait_for(lambda: lives(watched.folder)[-1].get("do") == "hang")
    pid = watched.child.pid
    assert pid
    watched.child.ask_to_stop()
    assert not watched.child.join(time.monotonic() + 0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_is_no_json_object_is_passed_over(wait_for: WaitFor, tmp_path: Path) -> None:
    talk = "print('hello'); print('[1]'); print('{\"ready\": true}', flush=True); input()"
    watched = Watched(tmp_path, [sys.executable, "-c", talk])
    watched.child.start()
    wait_for(lambda: watched.said)
    watched.child.ask_to_stop()
    watched.child.join(time.monotonic() + 5)
    assert watched.said == [{"ready": True}]


def test_a_line_that_nobody_understands_does_not_end_the_watch(
    wait_for: WaitFor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(tmp_path)

    def take(said: dict[str, Any]) -> None:
        watched.said.append({"seen": said["telemetry"]})  # the first line has none

    watched.child = Child([sys.executable, str(PIPE_CHILD), str(tmp_path)], tmp_path / "log" / "child.log", take, print)
    watched.child.start()
    wait_for(lambda: watched.said == [{"seen": {"at": 1.5}}])
    watched.child.ask_to_stop()
    assert watched.child.join(time.monotonic() + 5)
    assert "was not understood: {'ready': True}" in caplog.text


def test_a_program_that_cannot_start_is_tried_again(
    wait_for: WaitFor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(tmp_path, [str(tmp_path / "no such program")])
    watched.child.start()
    wait_for(lambda: caplog.text.count("again in") == 2)
    assert "again in 0.2 s" in caplog.text and "again in 0.4 s" in caplog.text
    watched.child.ask_to_stop()
    assert watched.child.join(time.monotonic() + 5)


def test_what_it_writes_to_stderr_is_kept(wait_for: WaitFor, watched: Watched) -> None:
    log = watched.folder / "log" / "child.log"
    wait_for(lambda: "a line for the log" in log.read_text())


def test_a_long_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    with open_log(log) as file:
        file.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "child.log.1").stat().st_size == LOG_LIMIT + 1


def test_a_log_that_grows_is_set_aside_while_its_process_runs(
    tmp_path: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.processes.child.LOG_LIMIT", 10_000)
    talk = (  # a hundred lines each time it is asked: else all of them could be there at the first look
        "import sys\n"
        "for n in range(3000):\n"
        "    if n % 100 == 0: input()\n"
        "    print('line', n, 'x' * 50, file=sys.stderr, flush=True)\n"
        "    if n % 100 == 99: print('{}', flush=True)\n"
        "input()"
    )
    watched = Watched(tmp_path, [sys.executable, "-c", talk])
    watched.child.start()
    log, before = tmp_path / "log" / "child.log", tmp_path / "log" / "child.log.1"
    wait_for(lambda: watched.child.pid)
    for asked in range(1, 31):
        watched.child.send({"do": "wake"})
        wait_for(lambda asked=asked: len(watched.said) == asked)
    pid = watched.child.pid
    watched.child.ask_to_stop()
    watched.child.join(time.monotonic() + 5)
    assert pid and [path.name for path in sorted((tmp_path / "log").iterdir())] == ["child.log", "child.log.1"]
    assert 10_000 < before.stat().st_size < 10_000 + 2 * 100 * 62
    kept = (before.read_bytes() + log.read_bytes()).splitlines()
    assert kept[-1].split()[:2] == [b"line", b"2999"] or b"EOFError" in kept[-1]
    assert b"\0" not in log.read_bytes(), "it is written from its beginning again"


def test_a_log_that_cannot_be_kept_is_bounded_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = tmp_path / "child.log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    (tmp_path / "child.log.1").mkdir()
    bound_log(log)
    assert log.stat().st_size == 0 and "could not be kept" in caplog.text
    bound_log(tmp_path / "none.log")


def test_the_command_runs_a_module_with_this_python() -> None:
    assert module_command("cmcdesk.worker", "--data-dir", "d") == [
        sys.executable,
        "-m",
        "cmcdesk.worker",
        "--data-dir",
        "d",
    ]


def test_one_that_reads_nothing_while_it_is_written_to_is_killed_in_time(tmp_path: Path, wait_for: WaitFor) -> None:
    watched = Watched(tmp_path)
    watched.child.start()
    wait_for(lambda: {"ready": True} in watched.said)
    watched.child.send({"do": "hang"})
    failed: list[OSError] = []

    def send_more_than_the_pipe_holds() -> None:
        try:
            watched.child.send({"do": "wake", "filling": "x" * 2_000_000})
        except OSError as error:
            failed.append(error)

    writing = threading.Thread(target=send_more_than_the_pipe_holds)
    writing.start()
    wait_for(watched.child._sending.locked)
    began = time.monotonic()
    watched.child.ask_to_stop()
    assert not watched.child.join(began + 1)
    assert time.monotonic() - began < 3
    writing.join(5)
    assert failed and watched.child.pid is None and watched.states[-1] == "stopped"
