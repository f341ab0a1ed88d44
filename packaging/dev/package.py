"""The desktop program as others install it: frozen by PyInstaller, seen running, packed as a .deb. Standard library."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

NAME = "cmcdesk"
#: Libraries that the frozen Qt takes from the system (Debian 12 and newer).
DEPENDS = (
    "libc6 (>= 2.36), libgl1, libegl1, libdrm2, libxcb1, libxcb-dri3-0, libwayland-client0, libwayland-cursor0, "
    "libwayland-egl1, fontconfig"
)
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
Description: Customers Mail Cloud's receiving server and console on one machine
 The console in a window, the receiving server behind it, and a simulator that
 shows each of its limits.
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


def build(python: str, root: Path, arguments: list[str]) -> int:
    """dist/cmcdesk/ (the frozen program) and, on Debian and Ubuntu, dist/cmcdesk_VERSION_ARCH.deb. `--fast`: zstd."""
    spec = root / "packaging" / "cmcdesk.spec"
    folders = ["--distpath", str(root / "dist"), "--workpath", str(root / "build")]
    if subprocess.run(
        [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *folders, str(spec)]
    ).returncode:
        return 1
    frozen = root / "dist" / NAME
    if not looks_right(frozen, root / "report" / "frozen.png"):
        return 1
    if sys.platform.startswith("linux") and shutil.which("dpkg-deb"):
        print(f"made {build_deb(frozen, root, '--fast' in arguments)}")
    print(f"made {frozen}")
    return 0


def looks_right(frozen: Path, picture: Path) -> bool:
    """Start the frozen program, let it take a picture of its window, and close: both must work."""
    picture.parent.mkdir(exist_ok=True)
    program = frozen / (f"{NAME}.exe" if os.name == "nt" else NAME)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"} if sys.platform.startswith("linux") else None
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--data-dir", folder, "--grab", picture]
        code = subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, timeout=120).returncode
    print(f"the frozen program's window: {'painted, ' + str(picture) if code == 0 else f'failed with {code}'}")
    return code == 0


def build_deb(frozen: Path, root: Path, is_fast: bool) -> Path:
    """The package: the folder in /opt, a link on PATH, desktop entry, icons, AppArmor profile."""
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    asked = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    architecture = asked.stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        _fill_stage(stage, frozen, root / "packaging")
        size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file() and not path.is_symlink()) // 1024
        control = CONTROL.format(version=version, architecture=architecture, kilobytes=size, depends=DEPENDS)
        _write(stage / "DEBIAN/control", control)
        _write(stage / "DEBIAN/postinst", POSTINST, 0o755)
        _write(stage / "DEBIAN/postrm", POSTRM, 0o755)
        target = root / "dist" / f"{NAME}_{version}_{architecture}.deb"
        compression = ["-Zzstd", "-z10"] if is_fast else ["-Zxz", "-z6"]
        subprocess.run(["dpkg-deb", "--root-owner-group", *compression, "--build", stage, target], check=True)
    return target


def _fill_stage(stage: Path, frozen: Path, here: Path) -> None:
    stage.chmod(0o755)
    shutil.copytree(frozen, stage / "opt" / NAME, symlinks=True)
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin" / NAME).symlink_to(f"/opt/{NAME}/{NAME}")
    _write(stage / "opt" / NAME / "apparmor", APPARMOR)
    _write(stage / f"usr/share/applications/{NAME}.desktop", (here / f"{NAME}.desktop").read_text(encoding="utf-8"))
    icons = stage / "usr/share/icons/hicolor"
    for source, place in (("icon.png", "256x256"), ("icon.svg", "scalable")):
        target = icons / place / "apps" / f"{NAME}{Path(source).suffix}"
        target.parent.mkdir(parents=True)
        shutil.copyfile(here / source, target)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
