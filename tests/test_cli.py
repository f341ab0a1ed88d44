"""The command line imports what the called command needs and nothing else."""

import errno
import importlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import cmcdesk.commands
from cmcdesk.cli import COMMANDS, tell_fault
from cmcdesk.cli import cmcdesk as program
from cmcdesk.store.desk.database import open_desk

HEAVY = ("flask", "sqlalchemy", "aiosmtpd", "requests", "pydantic", "alembic", "waitress", "webview", "regex")


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)


def test_the_table_names_exactly_the_modules_that_define_a_command() -> None:
    folder = Path(cmcdesk.commands.__path__[0])
    defining = {
        path.stem for path in folder.glob("*.py") if re.search(r"^def command\(", path.read_text(), re.MULTILINE)
    }
    assert defining == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_click_command_and_explains_itself(name: str) -> None:
    command = importlib.import_module(f"cmcdesk.commands.{name}").command
    assert isinstance(command, click.Command)
    shown = CliRunner().invoke(program, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert command.help


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"simulator"}))  # it has no data
def test_every_leaf_takes_a_data_folder(name: str) -> None:
    command = importlib.import_module(f"cmcdesk.commands.{name}").command
    leaves = command.commands.values() if isinstance(command, click.Group) else [command]
    for leaf in leaves:
        assert any("--data-dir" in option.opts for option in leaf.params), f"{name} {leaf.name}"


def test_help_lists_all_commands_and_imports_none() -> None:
    code = (
        "import sys; from cmcdesk.cli import cmcdesk\n"
        "try: cmcdesk(['--help'])\n"
        "except SystemExit as done: assert done.code == 0\n"
        "print([name for name in sys.modules if name.startswith('cmcdesk.commands.')])"
    )
    shown = run_python(code)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == "[]"
    assert all(name in shown.stdout for name in COMMANDS)


def test_mail_dump_loads_no_framework(tmp_path: Path) -> None:
    code = (
        "import sys; from cmcdesk.cli import cmcdesk\n"
        "try: cmcdesk(['mail', 'dump', '--data-dir', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    assert run_python(code, str(tmp_path)).stderr.splitlines()[-1] == "[]"


def test_mail_dump_starts_in_time(tmp_path: Path) -> None:
    """Measured beside a Python that imports what no command can do without; the best of a few, since the machine may be
    busy."""
    dump = ["-m", "cmcdesk", "mail", "dump", "--data-dir", str(tmp_path)]
    commands = (dump, ["-c", "import click, sqlite3, json, gettext"])
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(5):
        for command, taken in zip(commands, times, strict=True):
            began = time.monotonic()
            subprocess.run([sys.executable, *command], check=True)
            taken.append(time.monotonic() - began)
    assert min(times[0]) < 5 * min(times[1]), times


@pytest.mark.parametrize("arguments", [["nosuch"], ["--nosuch"], ["--data-dir", "x", "serve", "--help"]])
def test_misuse_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(program, arguments).exit_code == 2


def test_version() -> None:
    shown = subprocess.run([sys.executable, "-m", "cmcdesk", "--version"], capture_output=True, text=True)
    assert (shown.returncode, shown.stdout) == (
        0,
        f"cmcdesk, version {importlib.import_module('cmcdesk').__version__}\n",
    )


@pytest.mark.parametrize(
    "words",
    [
        ["mail", "list"], ["mail", "list", "--count"], ["mail", "dump"], ["mail", "show", "1"], ["mail", "set-aside"],
        ["bounce", "list"], ["bounce", "reread"], ["bounce", "override", "1", "2"], ["apiuser", "list"],
        ["settings", "show"], ["settings", "diff"], ["settings", "history"], ["settings", "export"],
        ["settings", "apply"],
    ],
)  # fmt: skip
def test_a_command_that_looks_makes_no_data_folder(tmp_path: Path, words: list[str]) -> None:
    folder = tmp_path / "none"
    done = CliRunner().invoke(program, [*words, "--data-dir", str(folder)])
    assert done.exit_code in (0, 1) and not isinstance(done.exception, Exception), done.output
    assert not folder.exists()


@pytest.mark.parametrize("words", [[], ["mail"], ["mail", "list"], ["settings", "apply"], ["serve"], ["doctor"]])
def test_short_and_long_option_for_help_say_the_same(words: list[str]) -> None:
    main = "from cmcdesk.__main__ import main; main()"
    short, long = (run_python(main, *words, option) for option in ("-h", "--help"))
    assert short.returncode == long.returncode == 0 and short.stdout == long.stdout != ""


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
