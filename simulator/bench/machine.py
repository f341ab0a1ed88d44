"""What the figures were taken with: the machine, Python and its build, SQLite, the load program."""

import os
import platform
import shlex
import sqlite3
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from simulator.bench.receivers import find_program


@dataclass(frozen=True)
class Machine:
    """Words for the head line; ``load_average`` over the last minute, None where the system has none."""

    at: str
    system: str
    processor: str
    cores: int
    memory_gb: float | None
    python: str
    sqlite: str
    load_average: float | None
    load_program: str
    strace: bool
    command: str


def describe_machine(at: str) -> Machine:
    """As it is now; ``at``: when that is."""
    return Machine(
        at=at,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        processor=_name_processor(),
        cores=os.cpu_count() or 1,
        memory_gb=_read_memory(),
        python=f"{platform.python_implementation()} {platform.python_version()} ({describe_build()})",
        sqlite=sqlite3.sqlite_version,
        load_average=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        load_program=_name_load_program(),
        strace=find_program("strace") is not None,
        command=shlex.join(["cmcsim", *sys.argv[1:]]),
    )


def describe_build() -> str:
    """Whether Python was built with profile-guided and link-time optimization: worth 10 to 20 % here."""
    told = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    parts = {"PGO": "--enable-optimizations" in told, "LTO": "--with-lto" in told}
    return ", ".join(f"{'with' if there else 'without'} {name}" for name, there in parts.items())


def _name_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def _read_memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _name_load_program() -> str:
    if find_program("smtp-source") is None:
        return "cmcsim's own client (smtp-source is not installed)"
    postconf = find_program("postconf")
    told = subprocess.run([postconf, "-d", "-h", "mail_version"], capture_output=True, text=True) if postconf else None
    return f"smtp-source of Postfix {told.stdout.strip() if told else ''}".strip()
