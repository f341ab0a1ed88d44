"""Where the files are."""

import os
import smtplib
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cmcdesk.processes import paths
from cmcdesk.processes.paths import close_open, list_open

from ..conftest import StartServe


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.ENVIRONMENT_NAME, raising=False)


def test_the_option_comes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ENVIRONMENT_NAME, str(tmp_path / "environment"))
    assert paths.data_dir(tmp_path / "option") == tmp_path / "option"
    assert paths.data_dir() == tmp_path / "environment"


def test_without_either_it_is_the_platforms_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name, appauthor: str(tmp_path / name))
    assert paths.data_dir() == tmp_path / "cmcdesk"


def test_the_folder_is_made_for_this_user_alone_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = paths.data_dir("a/b")
    assert folder == tmp_path / "a" / "b" and folder.stat().st_mode & 0o077 == 0


def test_two_databases(tmp_path: Path) -> None:
    assert paths.desk_db(tmp_path) == tmp_path / "desk.db" and paths.mail_db(tmp_path) == tmp_path / "mail.db"


def test_who_only_looks_makes_no_folder_and_is_told_of_what_can_be_none(tmp_path: Path) -> None:
    assert paths.look_for_data_dir(tmp_path / "none") == tmp_path / "none" and not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(OSError):
            paths.look_for_data_dir(place)


MAIL = b"Subject: private\r\n\r\ntext\r\n"


@contextmanager
def usual_umask() -> Iterator[None]:
    """What a shell gives to its programs: everybody may read."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def find_modes(folder: Path) -> dict[str, int]:
    """Path → mode, for the folder and everything below it."""
    return {str(path.relative_to(folder)): mode_of(path) for path in [folder, *folder.rglob("*")]}


def umask_of(pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("Umask"))


def test_what_others_may_read_is_found_and_closed_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "log").mkdir(parents=True)
    ours = ["desk.db", "desk.db-wal", "desk-0001.backup.db", "mail.db-shm", "instance.json", "log/worker.log.1"]
    for name in [*ours, "notes.txt"]:
        (folder / name).touch()
        (folder / name).chmod(0o644)
    (tmp_path / "elsewhere").touch()
    (tmp_path / "elsewhere").chmod(0o644)
    (folder / "mail.db").symlink_to(tmp_path / "elsewhere")
    folder.chmod(0o755)
    (folder / "log").chmod(0o755)
    assert set(list_open(folder)) == {folder, folder / "log", *(folder / name for name in ours)}
    assert close_open(folder) == [] and list_open(folder) == []
    assert mode_of(folder) == mode_of(folder / "log") == 0o700 and mode_of(folder / "desk.db") == 0o600
    assert mode_of(folder / "notes.txt") == mode_of(tmp_path / "elsewhere") == 0o644


def test_a_folder_that_is_everybodys_by_its_purpose_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    assert close_open(tmp_path) == [] and mode_of(tmp_path) == 0o1777


def test_a_running_cmcdesk_leaves_nothing_to_others_in_a_folder_that_was_open(
    start_serve: StartServe, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    with usual_umask():
        folder.mkdir(mode=0o755)
        (folder / "log").mkdir(mode=0o755)
        (folder / "log" / "worker.log").write_text("of an older program\n")
        served = start_serve(folder=folder)
    assert {umask_of(pid) for pid in [served.process.pid, *served.children()]} == {"0077"}
    with smtplib.SMTP(*served.receiving("pro"), timeout=10) as smtp:
        smtp.sendmail("", ["bounce@return.pro.smtps.jp"], MAIL)
    while_running = find_modes(folder)
    assert {"desk.db-wal", "mail.db-wal", "instance.json", "log/mail_server.log"} <= set(while_running)
    assert served.stop() == 0
    for modes in (while_running, find_modes(folder)):
        assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_what_a_command_writes_is_private_too(tmp_path: Path) -> None:
    with usual_umask():
        for words in (["apiuser", "add", "someone"], ["settings", "export", str(tmp_path / "settings.toml")]):
            command = [sys.executable, "-m", "cmcdesk", *words, "--data-dir", str(tmp_path / "data")]
            subprocess.run(command, check=True, capture_output=True)
    assert {name: oct(mode) for name, mode in find_modes(tmp_path / "data").items() if mode & 0o077} == {}
    assert mode_of(tmp_path / "settings.toml") == 0o600


def test_what_the_simulator_writes_is_private_too() -> None:
    command = [sys.executable, "-m", "simulator.cli", "sink", "--port", "0"]
    with usual_umask(), subprocess.Popen(command, stdout=subprocess.PIPE) as sink:
        assert sink.stdout is not None and sink.stdout.readline()
        assert umask_of(sink.pid) == "0077"
        sink.terminate()
