"""The repository's own .venv: packages by lock file and hash, the two programs on its path. Standard library only."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import machine

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv"
#: What is asked for → the lock files that bring it; the dev lock holds every line of the base lock.
LOCKS = {"base": "requirements.lock", "dev": "requirements-dev.lock", "build": "requirements-build.lock"}
SATISFIED_BY = {"base": ("base", "dev"), "dev": ("dev",), "build": ("build",)}
PROGRAMS = {"cmcdesk": "cmcdesk.__main__", "cmcsim": "simulator.cli"}


class SetUpFailed(Exception):
    """The set-up cannot go on; the text says what is missing and what mends it."""


def prepare_environment(kind: str) -> str:
    """Path of .venv's Python with the packages of that lock installed. Repeat runs only compare a hash."""
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        _make_venv()
    if not any(_is_installed(wanted) for wanted in SATISFIED_BY[kind]):
        _install_lock(python, kind)
    return str(python)


def _make_venv() -> None:
    print(f"making {FOLDER} with {sys.executable}", flush=True)
    try:
        import ensurepip  # noqa: F401  (Debian keeps it in a package of its own)
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        if not (machine.may_install() and machine.install_packages([package])):
            raise SetUpFailed(f"Python's venv module is not installed. As root: apt-get install {package}") from None
    _run([sys.executable, "-m", "venv", str(FOLDER)], "making the virtual environment")


def _install_lock(python: Path, kind: str) -> None:
    lock = ROOT / "packaging" / LOCKS[kind]
    print(f"installing the packages of packaging/{lock.name} (first run, or the lock file changed)", flush=True)
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    alone = ["--no-deps"] if kind == "build" else []  # what its packages need beside is in the dev lock
    _run([*pip, *alone, "--require-hashes", "-r", str(lock)], f"installing packaging/{lock.name}")
    _write_programs(python)
    _stamp(kind).write_text(_wanted(kind))


def _write_programs(python: Path) -> None:
    """Put the source tree on the path and the two programs beside Python: an editable install without a build."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    library = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    Path(library, "cmcdesk-source.pth").write_text(f"{ROOT}\n")
    if os.name == "nt":
        return  # there a program must be an .exe: python -m cmcdesk
    for name, module in PROGRAMS.items():
        program = python.parent / name
        program.write_text(f"#!{python}\nimport sys\n\nfrom {module} import main\n\nsys.exit(main())\n")
        program.chmod(0o755)


def _stamp(kind: str) -> Path:
    return FOLDER / f"installed-{kind}.sha256"


def _wanted(kind: str) -> str:
    lock = (ROOT / "packaging" / LOCKS[kind]).read_bytes()
    return hashlib.sha256(lock + str(ROOT).encode()).hexdigest()


def _is_installed(kind: str) -> bool:
    return _stamp(kind).exists() and _stamp(kind).read_text() == _wanted(kind)


def _run(command: list[str], doing: str) -> None:
    if subprocess.run(command).returncode:
        raise SetUpFailed(f"{doing} failed; the lines above say why")
