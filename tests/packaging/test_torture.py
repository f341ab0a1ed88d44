"""Every attack of packaging/dev/torture in its short form: the promises hold."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TORTURE = ROOT / "packaging" / "dev" / "torture"
ATTACKS = sorted(path.stem for path in (TORTURE / "attacks").glob("*.py") if path.stem[0] != "_")


def torture(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TORTURE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("name", ATTACKS)
def test_every_promise_holds(name: str, tmp_path: Path) -> None:
    report = tmp_path / "torture.md"
    made = torture(name, "--short", "--report", str(report))
    assert made.returncode == 0 and "BROKEN" not in made.stdout, made.stdout + made.stderr
    assert f"## {name}: " in report.read_text(encoding="utf-8") and "| held |" in report.read_text(encoding="utf-8")


def test_an_unknown_attack_is_a_misuse_that_names_the_known_ones() -> None:
    made = torture("nosuch")
    assert made.returncode == 2 and "nosuch" in made.stderr and "kills" in made.stderr
