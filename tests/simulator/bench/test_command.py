"""`cmcsim bench` as a program: a tiny real bench, its files, its exit codes. Each part has tests of its own beside."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simulator.bench.command import list_missing, measure_parts
from simulator.bench.options import Options
from simulator.bench.receivers import list_kinds
from simulator.bench.result import Result, make_data
from simulator.processes import find_family

TINY = ("--rounds", "1", "--seconds", "0.2", "--sessions", "3", "--intervals", "20", "--spaced-sessions", "2")
FEW = ("--stored", "100")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator.cli", "bench", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_a_tiny_bench_of_a_part_of_each_kind(tmp_path: Path) -> None:
    files = tmp_path / "bench.json", tmp_path / "bench.svg"
    parts = ("--parts", "rate,latency,fsyncs,bounces,growth")
    done = run(*TINY, *FEW, *parts, "--beside", "aiosmtpd", "--json", str(files[0]), "--svg", str(files[1]))
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(files[0].read_text("utf-8"))
    assert data["faults"] == []
    assert all(one["acknowledged"] == one["stored"] for one in data["stored"])
    assert [one["name"] for one in data["rate"][0]["receivers"]] == ["cmcdesk", "aiosmtpd"]
    assert data["latency"] and data["fsyncs"] and data["growth"]
    assert [one["name"] for one in data["behind"]] == ["bounces read"]
    assert data["spacing"] is data["startup"] is None
    for part in ("rate", "latency", "fsyncs", "behind the 250", "growth"):
        assert f"\n{part}: " in done.stdout
    assert "rate: 2 KB, 3 sessions, kept connections: round 1 of 1" in done.stderr
    assert ElementTree.parse(files[1]).getroot().tag.endswith("svg")


def test_mails_stored_that_were_never_acknowledged_are_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A load that forgets one of the mails it got acknowledged stands for a receiver that stores one too many."""
    from simulator.bench import command, load, matrix

    def forgetful(receiver: object, cell: object, mails: int) -> object:
        sent = load.send(receiver, cell, mails)  # type: ignore[arg-type]
        receiver.acknowledged -= 1  # type: ignore[attr-defined]
        return sent

    monkeypatch.setattr(matrix, "send", forgetful)
    options = Options(parts=("rate",), rounds=1, seconds=0.05, sessions=(1,), beside=())
    assert command.run_bench(options, None, None) == 1
    assert "FAULT rate: 2 KB, 1 session, kept connections: " in capsys.readouterr().out


def describe(pid: int) -> str:
    """What the process is; "" for one that has ended, collected or not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
    return "" if "\nState:\tZ" in status else words


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 1)])
def test_a_bench_that_is_ended_leaves_nothing_running(number: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "simulator.cli", "bench", "--parts", "rate", "--sessions", "2", "--seconds", "60"]
    heeded = signal.signal(number, signal.SIG_DFL)  # a program that a shell starts in the background ignores SIGINT
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        signal.signal(number, heeded)
        assert running.stderr is not None
        assert next(line for line in running.stderr if ": round 1 of 3" in line)
        family = find_family([running.pid])[1:]
        running.send_signal(number)
        running.stderr.read()
    assert running.returncode == code
    assert len(family) >= 5  # three of cmcdesk, two peers
    assert [told for pid in family if (told := describe(pid))] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--parts", "speed"), "--parts 'speed': there are rate, latency"),
        (("--sessions", "200"), "--sessions '200': give whole numbers from 1 to 100"),
        (("--peer", "it=192.0.2.1:25"), "--allow-remote"),
        (("--rounds", "0"), "--rounds"),
    ],
)
def test_misuse_is_exit_2_with_a_reason(words: tuple[str, ...], told: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_peer_that_is_not_there_is_exit_1() -> None:
    done = run("--parts", "rate", "--beside", "none", "--peer", "it=127.0.0.1:1")
    assert done.returncode == 1
    assert "peer it: nobody greets with 220 at 127.0.0.1:1" in done.stderr


def test_only_the_parts_asked_for_are_measured(result: Result) -> None:
    options = Options(parts=("rate",), rounds=1, seconds=0.05, sessions=(1,), beside=())
    found = Result(result.machine, options)
    measure_parts(list_kinds(options), options, found)
    assert found.rate
    assert [make_data(found)[part] for part in ("latency", "spacing", "startup", "fsyncs")] == [None] * 4


def test_what_is_not_installed_is_named_with_what_that_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.bench.command.find_program", lambda name: None)
    monkeypatch.setattr("simulator.bench.command.find_postfix_fault", lambda: "it is not there")
    told = [each.partition(":")[0] for each in list_missing(Options())]
    assert told == ["smtp-source", "smtp-sink", "strace", "Postfix"]
    assert [one.partition(":")[0] for one in list_missing(Options(parts=("rate",), beside=()))] == ["smtp-source"]
