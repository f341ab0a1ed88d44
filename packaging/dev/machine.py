"""What a machine must have before the tests run: Debian's and Ubuntu's packages, found by what they bring.

Standard library only; dev.py uses it.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One thing the tests use. `packages` are names of the same thing in different releases; the first known wins."""

    why: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def has_command(*names: str) -> Callable[[], bool]:
    """Whether one of these programs is on PATH."""
    return lambda: any(shutil.which(name) for name in names)


def has_library(soname: str) -> Callable[[], bool]:
    """Whether the loader finds this shared library."""

    def look() -> bool:
        try:
            ctypes.CDLL(soname)
        except OSError:
            return False
        return True

    return look


def has_perl(module: str) -> Callable[[], bool]:
    """Whether Perl finds this module."""

    def look() -> bool:
        perl = shutil.which("perl")
        return perl is not None and subprocess.run([perl, f"-M{module}", "-e1"], capture_output=True).returncode == 0

    return look


def has_japanese_font() -> bool:
    """Whether fontconfig knows a font with Japanese; without one a page shows boxes."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True).stdout.strip())


def _library(soname: str, *packages: str) -> Need:
    return Need(f"the window ({soname})", packages, has_library(soname))


NEEDS = (
    Need("browser tests", ("chromium",), has_command("chromium", "chromium-browser", "google-chrome")),
    Need("font look-up", ("fontconfig",), has_command("fc-list")),
    Need("Japanese glyphs", ("fonts-ipafont-gothic",), has_japanese_font),
    Need("a foreign mail client", ("swaks",), has_command("swaks")),
    Need("its TLS", ("libnet-ssleay-perl",), has_perl("Net::SSLeay")),
    Need("a foreign mail client", ("curl",), has_command("curl")),
    Need("the window on a virtual screen", ("xvfb",), has_command("Xvfb")),
    Need("the window on a virtual screen", ("xauth",), has_command("xauth")),
    _library("libnss3.so", "libnss3"),
    _library("libasound.so.2", "libasound2t64", "libasound2"),
    _library("libEGL.so.1", "libegl1"),
    _library("libGL.so.1", "libgl1"),
    _library("libdbus-1.so.3", "libdbus-1-3"),
    _library("libgbm.so.1", "libgbm1"),
    _library("libglib-2.0.so.0", "libglib2.0-0t64", "libglib2.0-0"),
    _library("libgssapi_krb5.so.2", "libgssapi-krb5-2"),
    _library("libXcomposite.so.1", "libxcomposite1"),
    _library("libXdamage.so.1", "libxdamage1"),
    _library("libXrandr.so.2", "libxrandr2"),
    _library("libXtst.so.6", "libxtst6"),
    _library("libxkbfile.so.1", "libxkbfile1"),
    _library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    _library("libxcb-cursor.so.0", "libxcb-cursor0"),
    _library("libxcb-icccm.so.4", "libxcb-icccm4"),
    _library("libxcb-image.so.0", "libxcb-image0"),
    _library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    _library("libxcb-randr.so.0", "libxcb-randr0"),
    _library("libxcb-render-util.so.0", "libxcb-render-util0"),
    _library("libxcb-shape.so.0", "libxcb-shape0"),
    _library("libxcb-xkb.so.1", "libxcb-xkb1"),
)


def missing_needs() -> list[Need]:
    """Those not on this machine, in the order of the table."""
    return [need for need in NEEDS if not need.present()]


def may_install() -> bool:
    """Root on a system with apt-get: the only place where system packages are installed by themselves."""
    return sys.platform.startswith("linux") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def known_packages(needs: list[Need]) -> list[str]:
    """The packages that apt knows under one of the names given; a need without any is left out."""
    return [known[0] for need in needs if (known := [name for name in need.packages if _is_known(name)])]


def _is_known(package: str) -> bool:
    shown = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True).stdout
    return "Candidate:" in shown and "Candidate: (none)" not in shown


def install_packages(packages: list[str]) -> bool:
    """apt-get install of these; False when it failed (the caller says what that means and goes on)."""
    print(f"apt-get install {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0


def prepare_machine() -> None:
    """Install what the tests need and this machine lacks; where that is not possible, say what is missing."""
    missing = missing_needs()
    if missing and may_install():
        print(f"The tests need system packages that are not here ({len(missing)}); apt-get update", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL)
        packages = known_packages(missing)
        if packages:
            install_packages(packages)
        missing = missing_needs()
    for need in missing:
        print(f"missing: {need.packages[-1]} — {need.why}; tests that need it are skipped or fail", flush=True)
