"""What the figures were taken with."""

import platform
import sqlite3
import sys

import pytest

from simulator.bench.machine import describe_build, describe_machine
from simulator.bench.receivers import find_program


def test_it_names_python_sqlite_and_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--start", "mine=a b"])
    machine = describe_machine("now")
    assert machine.at == "now"
    assert platform.python_version() in machine.python
    assert describe_build() in machine.python
    assert machine.sqlite == sqlite3.sqlite_version
    assert machine.cores >= 1
    assert machine.command == "cmcsim --start 'mine=a b'"
    if find_program("smtp-source"):
        assert machine.load_program.startswith("smtp-source of Postfix ")
    else:
        assert machine.load_program == "cmcsim's own client (smtp-source is not installed)"
