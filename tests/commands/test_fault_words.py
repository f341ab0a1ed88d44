"""Faults of the disk at the start: a sentence in the language of the locale, never a traceback."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmcdesk.cli import cmcdesk as program
from cmcdesk.commands.fault_words import tell_fault
from cmcdesk.store.desk.database import open_desk


def make_file_in_the_way(folder: Path) -> Path:
    folder.write_text("a file")
    return folder / "data"


def make_too_long(folder: Path) -> Path:
    return folder / ("x" * 300)


@pytest.mark.parametrize("make", [make_file_in_the_way, make_too_long])
@pytest.mark.parametrize(
    ("locale", "words"), [("ja_JP.UTF-8", "データフォルダーを使えません"), ("C", "cannot be used")]
)
@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["mail", "list"], ["settings", "show"]])
def test_a_path_that_is_no_folder(
    tmp_path: Path, make: Callable[[Path], Path], locale: str, words: str, command: list[str]
) -> None:
    folder = make(tmp_path / "place")
    shown = CliRunner().invoke(program, [*command, "--data-dir", str(folder)], env={"LC_ALL": locale})
    assert shown.exit_code == 1 and shown.exception.__class__ is SystemExit
    assert words in shown.output and str(folder)[:40] in shown.output and "Traceback" not in shown.output


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    shown = CliRunner().invoke(program, ["serve", "--port", "0", "--data-dir", str(tmp_path)], env={"LC_ALL": "C"})
    assert shown.exit_code == 1 and "The disk is full. Make room" in shown.output


def test_a_database_that_stays_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmcdesk.store.desk.database.BUSY_SECONDS", 0.1)
    open_desk(tmp_path).dispose()
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        shown = CliRunner().invoke(program, ["apiuser", "add", "x", "--data-dir", str(tmp_path)], env={"LC_ALL": "C"})
    assert shown.exit_code == 1 and "keeps the database locked" in shown.output


def test_other_faults_are_not_put_into_words() -> None:
    assert tell_fault(ValueError("x")) is None and tell_fault(FileNotFoundError(errno.ENOENT, "x")) is None
    assert tell_fault(BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))) is None
    assert tell_fault(sqlite3.OperationalError("no such table: x")) is None
