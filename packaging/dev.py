#!/usr/bin/env python3
"""What a developer or visitor runs, with all set-up:
packaging/dev.py demo|test|bench|torture|docs|lint|translate|package|setup.

Needs Python 3.11 or newer and nothing else. Standard library only; the repository's own .venv is made on first use.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (any Python may start this file; it must be able to say so)
    sys.exit(f"cmcdesk needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}")

import argparse
import os
import signal
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "packaging" / "dev"
sys.path.insert(0, str(TOOLS))

import demo  # noqa: E402 (they lie in the folder that was just named)
import environment  # noqa: E402
import machine  # noqa: E402
import package  # noqa: E402
import weblint  # noqa: E402

#: Most tests wait for other processes: three side by side, on two cores too. A browser takes a core and more.
PARTS = (("tests", "--ignore=tests/browser", "-n", "3"), ("tests/browser", "-n", "2"))
FILE_BY_FILE = ("--dist", "loadfile", "--no-loadscope-reorder")
#: The tests' clock, processes and browser are real, and machines are shared: what failed is tried once more, and named.
ONCE_MORE = ("--reruns", "1", "-rR")


def run_tests(arguments: list[str]) -> int:
    """pytest over everything, or over what the arguments name; the Python of .venv, the packages of the dev lock."""
    machine.prepare_machine()
    python = environment.prepare_environment("dev")
    runs = [arguments] if arguments else [[*part, *FILE_BY_FILE, *ONCE_MORE] for part in PARTS]
    # The tests start the program hundreds of times: compiled anew at each start it would take twice as long.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    codes = [subprocess.run([python, "-m", "pytest", *words], cwd=ROOT, env=environ).returncode for words in runs]
    return next(filter(None, codes), 0)


def run_lint(arguments: list[str]) -> int:
    """ruff, mypy, the import floors, and eslint and stylelint where npm is there; the tests run the same."""
    python = environment.prepare_environment("dev")
    steps = (
        ["-m", "ruff", "check", *(arguments or ["."])],
        ["-m", "ruff", "format", "--check", *(arguments or ["."])],
        ["-m", "mypy"],
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    )
    return max(*(subprocess.run([python, *step], cwd=ROOT).returncode for step in steps), weblint.lint_pages())


def run_bench(arguments: list[str]) -> int:
    """`bench receiver …` is cmcsim bench, `bench NAME …` runs packaging/dev/bench_NAME.py; no name: which there are."""
    benches = {path.stem.removeprefix("bench_"): [path] for path in sorted(TOOLS.glob("bench_*.py"))}
    bare = "bare={python} packaging/dev/bare_receiver.py {port} {folder}"
    benches["receiver"] = ["-m", "simulator.cli", "bench", "--start", bare]
    if not arguments or arguments[0] not in benches:
        print(f"usage: dev.py bench {{{','.join(sorted(benches))}}} [arguments]")
        return 2
    python = environment.prepare_environment("dev")
    return subprocess.run([python, *benches[arguments[0]], *arguments[1:]], cwd=ROOT).returncode


def run_torture(arguments: list[str]) -> int:
    """Attack a cmcdesk of its own (kills, floods, poison, faults of the disk): packaging/dev/torture, --help."""
    python = environment.prepare_environment("base")
    return subprocess.run([python, TOOLS / "torture", *arguments], cwd=ROOT).returncode


def run_docs(arguments: list[str]) -> int:
    """Make the tables of docs/settings.md anew out of the settings' own descriptions."""
    python = environment.prepare_environment("base")
    return subprocess.run([python, TOOLS / "settings_page.py", *arguments], cwd=ROOT).returncode


def run_translate(arguments: list[str]) -> int:
    """Bring the catalogues up to date with the code, and name what has no translation; LANGUAGE: begin a new one."""
    python = environment.prepare_environment("dev")
    return subprocess.run([python, TOOLS / "translate.py", *arguments], cwd=ROOT).returncode


def run_demo(arguments: list[str]) -> int:
    """Play the acceptance scenarios; then, without --once, stay up with the console."""
    parser = argparse.ArgumentParser(prog="dev.py demo", description=demo.__doc__)
    parser.add_argument("--once", action="store_true", help="play the scenarios, print the table, exit 0 or 1")
    parser.add_argument("--port", type=int, default=8026, help="the console's port when it stays up (default 8026)")
    options, scenario_arguments = parser.parse_known_args(arguments)
    python = environment.prepare_environment("base")
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal too: what it started is ended, what it made is removed
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    verdict = demo.play_scenarios(python, ROOT, scenario_arguments)
    if options.once:
        return verdict
    with tempfile.TemporaryDirectory(prefix="cmcdesk-demo-") as folder:
        return demo.stay_up(python, ROOT, Path(folder), options.port)


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # asked again meanwhile: it is under way
    sys.exit(128 + number)  # as a shell says it


def run_package(arguments: list[str]) -> int:
    """Freeze the program with its window, look at it running, and make a .deb: dist/."""
    machine.prepare_machine()
    environment.prepare_environment("dev")
    return package.build(environment.prepare_environment("build"), ROOT, arguments)


def prepare_all(arguments: list[str]) -> int:
    """Only the set-up: system packages and .venv with everything."""
    machine.prepare_machine()
    print(environment.prepare_environment("dev"))
    return 0


COMMANDS = {
    "demo": run_demo,
    "test": run_tests,
    "bench": run_bench,
    "torture": run_torture,
    "docs": run_docs,
    "lint": run_lint,
    "translate": run_translate,
    "package": run_package,
    "setup": prepare_all,
}


def main() -> int:
    """Exit codes: that of what was run; 2 for a misuse; 1 when the set-up failed."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(__doc__)
        for name, command in COMMANDS.items():
            print(f"  {name:9} {(command.__doc__ or '').splitlines()[0]}")
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except environment.SetUpFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
