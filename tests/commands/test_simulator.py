"""`cmcdesk simulator …`: cmcsim under the name of the one program that a package installs."""

import subprocess
import sys

from simulator.traffic.catalogue import CATALOGUE


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cmcdesk", "simulator", *words], capture_output=True, text=True)


def test_its_commands_are_those_of_cmcsim() -> None:
    listed = run("bounce", "--list")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split() == [kind.name for kind in CATALOGUE]


def test_help_and_misuse_are_the_simulators_own() -> None:
    told = run("form", "--help")
    assert told.returncode == 0 and told.stdout.startswith(
        ("Usage: cmcdesk simulator form", "使い方: cmcdesk simulator")
    )
    assert run("form", "--target", "nowhere").returncode == 2
    assert run("form", "--target", "127.0.0.1:1", "--count", "1").returncode in (1, 2)
