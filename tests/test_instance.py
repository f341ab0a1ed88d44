"""One instance a data folder."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cmcdesk.instance import AlreadyRunning, InstanceLock, read_note, write_private

HOLD = """
import sys
from pathlib import Path
from cmcdesk.instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
lock.publish({"url": "http://127.0.0.1:1/?token=x", "token": "x", "pid": 4711})
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_instance_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    first.publish({"url": "http://127.0.0.1:8026/?token=t", "token": "t", "pid": 7})
    with pytest.raises(AlreadyRunning) as refused:
        InstanceLock(tmp_path)
    assert refused.value.running["pid"] == 7
    assert "process 7" in str(refused.value) and "--data-dir" in str(refused.value)
    first.release()
    InstanceLock(tmp_path).release()


def test_the_note_holds_the_token_so_only_the_user_may_read_it(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path)
    lock.publish({"token": "秘密"})
    note = tmp_path / "instance.json"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert json.loads(note.read_text("utf-8")) == {"token": "秘密"}
    lock.release()
    assert not note.exists()


def test_a_killed_instance_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning) as refused:
            InstanceLock(tmp_path)
        assert refused.value.running["pid"] == 4711
        other.kill()
    lock = InstanceLock(tmp_path)
    assert read_note(tmp_path / "instance.json") == {}  # the note of the dead one is gone
    lock.release()


def test_no_note_or_half_a_note_names_nobody(tmp_path: Path) -> None:
    assert read_note(tmp_path / "none.json") == {}
    write_private(tmp_path / "half.json", '{"url": "http')
    assert read_note(tmp_path / "half.json") == {}
    write_private(tmp_path / "list.json", "[]")
    assert read_note(tmp_path / "list.json") == {}
