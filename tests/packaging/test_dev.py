"""The set-up script, as far as it can be tested from inside of what it set up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "packaging" / "dev.py"


def run_dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(DEV), *arguments], capture_output=True, text=True)


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("nosuch",), 2), (("--help",), 0)])
def test_it_lists_what_it_can_do(arguments: tuple[str, ...], code: int) -> None:
    shown = run_dev(*arguments)
    assert shown.returncode == code
    names = ("demo", "test", "bench", "torture", "docs", "lint", "translate", "package", "setup")
    assert all(f"  {name} " in shown.stdout for name in names)


def test_an_unknown_bench_is_a_misuse_that_names_the_known_ones() -> None:
    shown = run_dev("bench", "nosuch")
    assert shown.returncode == 2
    assert all(path.stem.removeprefix("bench_") in shown.stdout for path in DEV.parent.glob("bench_*.py"))
    assert "receiver" in shown.stdout


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = f"import sys; sys.path.insert(0, {str(DEV.parent)!r}); import dev"
    shown = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr


def test_an_old_python_can_read_it_far_enough_to_say_what_is_needed() -> None:
    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_test_command_of_the_readme_is_what_the_automation_runs() -> None:
    assert "python3 packaging/dev.py test" in (ROOT / ".ci" / "run").read_text().splitlines()
