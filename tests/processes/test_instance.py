"""One instance a data folder."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cmcdesk.processes.instance import (
    AlreadyLocked,
    AlreadyRunning,
    InstanceLock,
    is_held,
    keep_secret_key,
    read_note,
    read_secret_key,
    write_private,
)

HOLD = """
import os, subprocess, sys
from pathlib import Path
from cmcdesk.processes.instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
lock.publish({"url": "http://127.0.0.1:1/?token=x", "token": "x", "pid": os.getpid()})
if sys.argv[2:]:
    subprocess.Popen(sys.argv[2:], pass_fds=lock.inherited)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_instance_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    first.publish({"url": "http://127.0.0.1:8026/?token=t", "token": "t", "pid": os.getpid()})
    with pytest.raises(AlreadyRunning) as refused:
        InstanceLock(tmp_path)
    assert refused.value.running["pid"] == os.getpid()
    assert f"process {os.getpid()}" in str(refused.value) and "--data-dir" in str(refused.value)
    assert "http://127.0.0.1:8026/" in str(refused.value) and "token=" not in str(refused.value)
    first.release()
    InstanceLock(tmp_path).release()


def test_the_key_of_the_cookies_is_made_once_for_this_user_alone_and_anew_when_it_is_spoilt(tmp_path: Path) -> None:
    key = read_secret_key(tmp_path)
    assert len(key) == 32 and read_secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "console.key").stat().st_mode) == 0o600
    for spoilt in (b"", b"abc", b"\xff" * 64, b"00" * 8):
        (tmp_path / "console.key").write_bytes(spoilt)
        made = read_secret_key(tmp_path)
        assert len(made) == 32 and made != key and read_secret_key(tmp_path) == made


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
        assert refused.value.running["pid"] == other.pid
        other.kill()
    lock = InstanceLock(tmp_path)
    assert read_note(tmp_path / "instance.json") == {}  # the note of the dead one is gone
    lock.release()


def test_the_children_of_a_killed_instance_are_waited_for(tmp_path: Path) -> None:
    still_draining = tmp_path / "draining"
    drain = f"import pathlib, time; time.sleep(0.5); pathlib.Path({str(still_draining)!r}).unlink()"
    still_draining.touch()
    command = [sys.executable, "-c", HOLD, str(tmp_path), sys.executable, "-c", drain]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        other.kill()
        other.wait()
        InstanceLock(tmp_path).release()
        assert not still_draining.exists()


def test_one_that_holds_on_without_a_word_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.processes.instance.PATIENCE", 0.1)
    first = InstanceLock(tmp_path)
    with pytest.raises(AlreadyRunning) as refused:
        InstanceLock(tmp_path)
    assert refused.value.running == {}
    first.release()


def test_no_note_or_half_a_note_names_nobody(tmp_path: Path) -> None:
    assert read_note(tmp_path / "none.json") == {}
    write_private(tmp_path / "half.json", '{"url": "http')
    assert read_note(tmp_path / "half.json") == {}
    write_private(tmp_path / "list.json", "[]")
    assert read_note(tmp_path / "list.json") == {}


def test_a_lock_that_was_removed_with_its_folder_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    lock = InstanceLock(folder)
    assert not lock.keep(), "all is there"
    lock.publish({"pid": os.getpid(), "url": "http://127.0.0.1:1/"})
    shutil.rmtree(folder)
    assert lock.keep() and not lock.keep()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(AlreadyRunning) as refused:
        InstanceLock(folder)
    assert refused.value.running == {"pid": os.getpid(), "url": "http://127.0.0.1:1/"}
    (folder / "instance.json").unlink()
    assert lock.keep() and read_note(folder / "instance.json")["pid"] == os.getpid()
    drain = [sys.executable, "-c", "print('runs', flush=True); input()"]
    with subprocess.Popen(
        drain, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=lock.inherited
    ) as child:  # started after that, it holds the new lock
        assert child.stdout is not None and child.stdout.readline() == b"runs\n"
        lock.release()
        assert is_held(folder)
        child.communicate(b"\n")
    assert not is_held(folder)
    InstanceLock(folder).release()


def test_one_that_began_meanwhile_keeps_its_lock_and_its_note(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    first.publish({"pid": os.getpid()})
    for path in tmp_path.iterdir():
        path.unlink()
    second = InstanceLock(tmp_path)
    second.publish({"pid": 1})
    with pytest.raises(AlreadyLocked):
        first.keep()
    first.release()
    assert read_note(tmp_path / "instance.json") == {"pid": 1} and is_held(tmp_path)
    second.release()


def test_the_key_of_the_cookies_is_written_again_where_it_was_removed(tmp_path: Path) -> None:
    key = read_secret_key(tmp_path)
    (tmp_path / "console.key").unlink()
    keep_secret_key(tmp_path, key)
    assert read_secret_key(tmp_path) == key
