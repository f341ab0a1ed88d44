"""eslint and stylelint over the pages' scripts and styles; both come from npm by the lock in `weblint/`, and nothing of
them is shipped. Without npm, or where it can fetch nothing, they are left out, which is told in one line.

Standard library only; dev.py and the tests use it.
"""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent / "weblint"
INSTALLED = HERE / "node_modules" / ".lock"  # the lock that node_modules was made of
LINTERS = {
    "eslint": ("eslint/bin/eslint.js", "eslint.config.js", "cmcdesk/console/static/*.js"),
    "stylelint": ("stylelint/bin/stylelint.mjs", "stylelint.config.js", "cmcdesk/console/static/*.css"),
}


def prepare_linters() -> str:
    """Install what the lock says, unless it is there. Why that cannot be: "" where it can."""
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    if INSTALLED.is_file() and INSTALLED.read_text(encoding="utf-8") == lock:
        return ""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "eslint and stylelint: npm is not there"
    done = subprocess.run([npm, "ci", "--silent"], cwd=HERE, capture_output=True, text=True)
    if done.returncode:
        return "eslint and stylelint: npm could not fetch them"
    INSTALLED.write_text(lock, encoding="utf-8")
    return ""


def find_faults(name: str) -> str:
    """What one of LINTERS says; "" where it finds nothing. Only after `prepare_linters`."""
    program, config, files = LINTERS[name]
    command = ["node", HERE / "node_modules" / program, "--config", HERE / config, files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def lint_pages() -> int:
    """For dev.py lint: 0 where nothing was found, or nothing could look."""
    missing = prepare_linters()
    if missing:
        print(f"left out: {missing}")
        return 0
    faults = [fault for name in LINTERS if (fault := find_faults(name))]
    print("\n".join(faults) if faults else "eslint, stylelint: nothing found")
    return bool(faults)
