"""A data folder that cannot be written to, end to end, for a user whom permissions bind."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "The data folder cannot be written to."
WaitFor = Callable[..., object]
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="permissions of POSIX, capabilities of Linux")


def obey_permissions() -> None:
    """Root reads and writes everything: what is started here may not. For any other user this does nothing."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "cmcdesk", *arguments]
    environment = os.environ | {"LANG": "C.UTF-8"}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=obey_permissions,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def ask(*arguments: str) -> tuple[int, str]:
    with started(*arguments) as process:
        out, error = process.communicate(timeout=60)
    return process.returncode, out + error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nothing in the folder can be written, made or removed, until the end of the block."""
    files = [path for path in folder.iterdir() if path.is_file()]
    for path in files:
        path.chmod(0o400)
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)
        for path in files:
            if path.exists():
                path.chmod(0o600)


def test_a_folder_that_cannot_be_written_to_is_named_by_every_command(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with locked(folder):
        for arguments in (("serve", "--port", "0"), ("doctor", "--repair")):
            code, said = ask(*arguments, "--data-dir", str(folder))
            assert code != 0 and "Traceback" not in said and str(folder) in said, said


def test_a_folder_that_is_locked_while_it_runs_is_told_on_the_page_and_in_the_log(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    folder, ready = tmp_path / "data", tmp_path / "ready.json"
    ports = ("--port", "0", "--receiver-port", "0", "--relay-port", "0")
    with started("serve", *ports, "--data-dir", str(folder), "--ready-file", str(ready)) as process:
        wait_for(lambda: ready.exists() or process.poll() is not None, 60)
        note = json.loads(ready.read_text())
        with locked(folder):
            worker = call(note, "status")["worker"]["pid"]
            os.kill(worker, signal.SIGKILL)
            journal = folder / "log" / "worker.log"
            wait_for(lambda: SENTENCE in journal.read_text(), 20)
            assert "Traceback" not in journal.read_text()
            assert SENTENCE in read_page(note) and "データフォルダーに書き込めません" in read_page(note, "ja")
            code, said = ask("doctor", "--data-dir", str(folder))
            assert code == 1 and "cannot be written to" in said and "Error" not in said, said
        wait_for(lambda: call(note, "status")["worker"]["state"] == "operating", 30)
        assert SENTENCE not in read_page(note)
        with locked(folder):
            process.send_signal(signal.SIGTERM)
            out, error = process.communicate(timeout=30)
    assert process.returncode == 0 and "Traceback" not in out + error, error
    assert "cannot be written to" not in ask("doctor", "--data-dir", str(folder))[1]


def call(note: dict[str, str], path: str) -> dict[str, dict[str, object]]:
    request = urllib.request.Request(f"{note['url'].split('?')[0]}api/v1/{path}")
    request.add_header("Authorization", f"Bearer {note['token']}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


def read_page(note: dict[str, str], language: str = "en") -> str:
    """A page as a browser that opens the link sees it."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opener.addheaders = [("Accept-Language", language)]
    with opener.open(note["url"], timeout=10) as answer:
        return str(answer.read().decode())
