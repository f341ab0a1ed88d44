"""The desktop program as others install it: frozen by PyInstaller, tried out, packed as a .deb and as a tarball.

Usage: dev.py package [--fast] [--bare]. `--fast`: quick compression, larger packages. `--bare`: the .deb is installed
into a bare Debian too, and tried there as a plain user (bare_debian.py). Standard library only.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from pathlib import Path

import bare_debian

NAME = "cmcdesk"
UNPACKED_LIMIT, DEB_LIMIT = 450e6, 150e6  # octets
#: What the frozen program takes from the system (Debian 12 and newer, Ubuntu 22.10 and newer): library → package.
#: libEGL and libGL belong to the driver, so they cannot be brought along, nor can what drivers share with us.
SYSTEM_LIBRARIES = {
    **dict.fromkeys(("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libm.so.6"), "libc6 (>= 2.36)"),
    **dict.fromkeys(("libdl.so.2", "libpthread.so.0", "libresolv.so.2", "librt.so.1"), "libc6 (>= 2.36)"),
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libgbm.so.1": "libgbm1",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libdrm.so.2": "libdrm2",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-dri3.so.0": "libxcb-dri3-0",
    "libxcb.so.1": "libxcb1",
}
DEPENDS = ", ".join(sorted({*SYSTEM_LIBRARIES.values(), "fontconfig"}))  # Qt looks for fonts by its files
CONTROL = """\
Package: cmcdesk
Version: {version}
Architecture: {architecture}
Maintainer: cmcdesk developers <cmcdesk@localhost>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: fonts-noto-cjk | fonts-ipafont-gothic, xdg-utils
Section: mail
Priority: optional
Description: Customers Mail Cloud's mail servers and console on one machine
 The console in a window, the receiving server and the relay server behind it,
 and a simulator that shows each of their limits.
"""
#: Ubuntu 23.10 and newer forbid user namespaces, which Chromium's sandbox needs, to programs without a profile.
APPARMOR = """\
abi <abi/4.0>,
include <tunables/global>
profile cmcdesk /opt/cmcdesk/{cmcdesk,_internal/PySide6/Qt/libexec/QtWebEngineProcess} flags=(unconfined) {
  userns,
}
"""
POSTINST = """\
#!/bin/sh
set -e
if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ] && command -v apparmor_parser >/dev/null; then
    install -m 644 /opt/cmcdesk/apparmor /etc/apparmor.d/cmcdesk
    apparmor_parser -r /etc/apparmor.d/cmcdesk || true
fi
"""
POSTRM = """\
#!/bin/sh
set -e
rm -f /etc/apparmor.d/cmcdesk
"""


class BadPackage(Exception):
    """What was built is not as it must be; the text says what."""


def build(python: str, root: Path, arguments: list[str]) -> int:
    """dist/cmcdesk/ (the frozen program), and on Debian and Ubuntu a .deb and a tarball of it."""
    unknown = set(arguments) - {"--fast", "--bare"}
    if unknown:
        print(f"unknown: {' '.join(sorted(unknown))}\n{__doc__}", file=sys.stderr)
        return 2
    try:
        frozen = freeze(python, root)
        try_out(frozen, root / "report" / "frozen.png")
        if sys.platform.startswith("linux") and shutil.which("dpkg-deb"):
            deb = build_deb(frozen, root, "--fast" in arguments)
            check_deb(deb, "--fast" in arguments)
            tell_size(deb)
            tell_size(build_tarball(frozen, root))
            if "--bare" in arguments:
                bare_debian.try_in_bare_debian(deb)
    except (BadPackage, bare_debian.BareFailed) as fault:
        print(f"FAILED: {fault}", file=sys.stderr)
        return 1
    return 0


def freeze(python: str, root: Path) -> Path:
    """Run PyInstaller, strip what is not Qt's, and look at what came out. Raises BadPackage."""
    began = time.monotonic()
    spec = root / "packaging" / "cmcdesk.spec"
    folders = ["--distpath", str(root / "dist"), "--workpath", str(root / "build")]
    command = [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", *folders, str(spec)]
    if subprocess.run(command).returncode:
        raise BadPackage("PyInstaller failed; its words are above")
    frozen = root / "dist" / NAME
    if sys.platform.startswith("linux"):
        strip(frozen)
        missing = find_missing_libraries(frozen)
        if missing:
            raise BadPackage(f"wanted, but neither in the program nor in SYSTEM_LIBRARIES: {missing}")
    size = measure(frozen)
    if size > UNPACKED_LIMIT:
        raise BadPackage(f"{frozen} has {size / 1e6:.0f} MB, more than {UNPACKED_LIMIT / 1e6:.0f}")
    print(f"made {frozen}: {size / 1e6:.0f} MB, in {time.monotonic() - began:.0f} s", flush=True)
    return frozen


def list_elf(frozen: Path) -> list[Path]:
    """Programs and libraries."""
    files = [path for path in frozen.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if _read_start(path) == b"\x7fELF"]


def _read_start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def strip(frozen: Path) -> None:
    """Take symbols for debuggers off; Qt comes without, and its libraries were patched in a way that strip breaks."""
    for path in list_elf(frozen):
        if path.suffix != "" and not {"PySide6", "shiboken6"} & set(path.parts):
            subprocess.run(["strip", "--strip-unneeded", path], check=True, stderr=subprocess.DEVNULL)


def find_missing_libraries(frozen: Path) -> dict[str, str]:
    """Library that is wanted and that nobody brings → one that wants it."""
    brought = {path.name for path in frozen.rglob("*")} | set(SYSTEM_LIBRARIES)
    missing = {}
    for path in list_elf(frozen):
        told = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True).stdout
        wanted = [line.split()[1] for line in told.splitlines() if line.split()[:1] == ["NEEDED"]]
        missing |= {name: path.name for name in wanted if name not in brought}
    return missing


def measure(folder: Path) -> int:
    """Octets of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def tell_size(made: Path) -> None:
    """One line."""
    print(f"made {made}: {made.stat().st_size / 1e6:.0f} MB", flush=True)


def try_out(frozen: Path, picture: Path) -> None:
    """The frozen program's self-test, a command of its simulator, and a picture of its window. Raises BadPackage."""
    picture.parent.mkdir(exist_ok=True)
    program = frozen / (f"{NAME}.exe" if os.name == "nt" else NAME)
    environment = dict(os.environ)
    if sys.platform.startswith("linux"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        trials = (["--selftest"], ["simulator", "bounce", "--list"], ["--data-dir", folder, "--grab", str(picture)])
        for trial in trials:
            quiet = {} if trial == ["--selftest"] else {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            began = time.monotonic()
            code = subprocess.run([program, *trial], env=environment, timeout=180, **quiet).returncode  # type: ignore[call-overload]
            if code:
                raise BadPackage(f"{program} {' '.join(trial)} ended with {code}")
            print(f"{NAME} {' '.join(trial)}: well, {time.monotonic() - began:.1f} s", flush=True)
        starts = [bare_debian.measure_start([program, "--grab", picture], environment, picture) for _ in range(3)]
    print(f"start to painted page, warm: {', '.join(f'{each:.1f} s' for each in starts)}", flush=True)


def build_deb(frozen: Path, root: Path, is_fast: bool) -> Path:
    """The package: the folder in /opt, a link on PATH, desktop entry, icons, AppArmor profile."""
    version = read_version(root)
    asked = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    architecture = asked.stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        _fill_stage(stage, frozen, root)
        control = CONTROL.format(
            version=version, architecture=architecture, kilobytes=measure(stage) // 1024, depends=DEPENDS
        )
        _write(stage / "DEBIAN/control", control)
        _write(stage / "DEBIAN/postinst", POSTINST, 0o755)
        _write(stage / "DEBIAN/postrm", POSTRM, 0o755)
        _open_to_all(stage)
        target = root / "dist" / f"{NAME}_{version}_{architecture}.deb"
        compression = ["-Zzstd", "-z10"] if is_fast else ["-Zxz", "-z6"]
        subprocess.run(["dpkg-deb", "--root-owner-group", *compression, "--build", stage, target], check=True)
    return target


def check_deb(deb: Path, is_fast: bool) -> None:
    """Its size, and its desktop entry where there is a program that knows how those must be. Raises BadPackage."""
    if not is_fast and deb.stat().st_size > DEB_LIMIT:
        raise BadPackage(f"{deb} has {deb.stat().st_size / 1e6:.0f} MB, more than {DEB_LIMIT / 1e6:.0f}")
    validate = shutil.which("desktop-file-validate")
    entry = Path(__file__).resolve().parents[1] / f"{NAME}.desktop"
    if validate and subprocess.run([validate, entry]).returncode:
        raise BadPackage(f"{entry} is not as a desktop entry must be")


def build_tarball(frozen: Path, root: Path) -> Path:
    """For other Linuxes: the folder, icon, desktop entry, and a script that installs them for one user."""
    target = root / "dist" / f"{NAME}-{read_version(root)}-linux-{os.uname().machine}.tar.xz"
    here = root / "packaging"
    with tarfile.open(target, "w:xz", preset=3) as tar:
        tar.add(frozen, NAME)
        for name in ("icon.svg", "icon.png", f"{NAME}.desktop", "install.sh"):
            tar.add(here / name, f"{NAME}/{name}")
        tar.add(root / "LICENSE", f"{NAME}/LICENSE")
    return target


def read_version(root: Path) -> str:
    """That of pyproject.toml."""
    version: str = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return version


def _fill_stage(stage: Path, frozen: Path, root: Path) -> None:
    here = root / "packaging"
    stage.chmod(0o755)
    shutil.copytree(frozen, stage / "opt" / NAME, symlinks=True)
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin" / NAME).symlink_to(f"/opt/{NAME}/{NAME}")
    _write(stage / "opt" / NAME / "apparmor", APPARMOR)
    _write(stage / f"usr/share/doc/{NAME}/copyright", (root / "LICENSE").read_text(encoding="utf-8"))
    _write(stage / f"usr/share/applications/{NAME}.desktop", (here / f"{NAME}.desktop").read_text(encoding="utf-8"))
    icons = stage / "usr/share/icons/hicolor"
    for source, place in (("icon.png", "256x256"), ("icon.svg", "scalable")):
        target = icons / place / "apps" / f"{NAME}{Path(source).suffix}"
        target.parent.mkdir(parents=True)
        shutil.copyfile(here / source, target)


def _open_to_all(stage: Path) -> None:
    """Whatever the builder's umask: everybody may read what is installed, and run what may be run."""
    for path in stage.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
