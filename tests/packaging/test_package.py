"""The packages: folders, link, icons, scripts, what they want of the system; the installer of Windows compiles.

Of a frozen program of one file: the real one is built and tried by `dev.py package`.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="not a Debian")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / "dev" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bare_debian() -> ModuleType:
    return load("bare_debian")


@pytest.fixture(scope="module")
def package(bare_debian: ModuleType) -> ModuleType:
    return load("package")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frozen program of one file, in a copy of what packaging needs."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(ROOT / "packaging", root / "packaging", ignore=shutil.ignore_patterns("node_modules"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copyfile(ROOT / name, root / name)
    folder = root / "dist" / "cmcdesk"
    folder.mkdir(parents=True)
    (folder / "cmcdesk").write_text("#!/bin/sh\necho it runs\n")
    (folder / "cmcdesk").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def deb(package: ModuleType, frozen: Path) -> Path:
    """Made by somebody who keeps what he writes to himself."""
    before = os.umask(0o077)
    try:
        made: Path = package.build_deb(frozen, frozen.parents[1], True)
    finally:
        os.umask(before)
    return made


def read_deb(deb: Path, *options: str) -> str:
    return subprocess.run(["dpkg-deb", *options, str(deb)], capture_output=True, text=True, check=True).stdout


def test_it_holds_the_program_where_a_debian_expects_it(deb: Path) -> None:
    lines = read_deb(deb, "-c").splitlines()
    assert all(" root/root " in line for line in lines)
    names = {line.split(" ./", 1)[1] for line in lines}
    assert {
        "opt/cmcdesk/cmcdesk",
        "opt/cmcdesk/apparmor",
        "usr/bin/cmcdesk -> /opt/cmcdesk/cmcdesk",
        "usr/share/applications/cmcdesk.desktop",
        "usr/share/icons/hicolor/256x256/apps/cmcdesk.png",
        "usr/share/icons/hicolor/scalable/apps/cmcdesk.svg",
    } <= names
    assert {line[:10] for line in lines if " -> " not in line} == {"drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--"}


def test_its_fields_and_scripts_are_well_formed(deb: Path, tmp_path: Path) -> None:
    fields = read_deb(deb, "-f")
    assert "Package: cmcdesk\nVersion: 0." in fields and "Depends: fontconfig, libc6 (>= 2.36), " in fields
    subprocess.run(["dpkg-deb", "-e", str(deb), str(tmp_path / "control")], check=True)
    for script in ("postinst", "postrm"):
        subprocess.run(["sh", "-n", str(tmp_path / "control" / script)], check=True)


def test_the_desktop_entry_names_program_and_icon_in_both_languages() -> None:
    entry = (ROOT / "packaging" / "cmcdesk.desktop").read_text(encoding="utf-8").splitlines()
    assert entry[0] == "[Desktop Entry]"
    keys = dict(line.split("=", 1) for line in entry[1:])
    assert keys["Exec"] == keys["Icon"] == "cmcdesk" and keys["Comment[ja]"] and keys["Comment"]


def test_the_desktop_entry_is_as_the_specification_wants_it(package: ModuleType, deb: Path) -> None:
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("desktop-file-validate is not installed")
    package.check_deb(deb, True)


def test_a_package_that_is_too_large_is_refused(
    package: ModuleType, deb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "DEB_LIMIT", 1)
    with pytest.raises(package.BadPackage, match="more than 0"):
        package.check_deb(deb, False)


def test_a_library_that_nobody_brings_is_named(package: ModuleType, tmp_path: Path) -> None:
    if shutil.which("objdump") is None:
        pytest.skip("objdump is not installed")
    shutil.copyfile(shutil.which("ls") or "", tmp_path / "program")  # GNU's wants libselinux beside the C library
    wanted = package.find_missing_libraries(tmp_path)
    assert set(wanted.values()) <= {"program"} and not any(name.startswith("libc.") for name in wanted)
    for name in wanted:
        (tmp_path / name).touch()
    assert package.find_missing_libraries(tmp_path) == {}


def test_the_tarball_installs_itself_for_one_user(package: ModuleType, frozen: Path, tmp_path: Path) -> None:
    made = package.build_tarball(frozen, frozen.parents[1])
    home = tmp_path / "a home"
    home.mkdir()
    with tarfile.open(made) as tar:
        tar.extractall(home, filter="data")
    script = home / "cmcdesk" / "install.sh"
    known = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([script], env=known, check=True, capture_output=True)
    entry = home / ".local/share/applications/cmcdesk.desktop"
    assert f'Exec="{home}/cmcdesk/cmcdesk"' in entry.read_text(encoding="utf-8")
    ran = subprocess.run([home / ".local/bin/cmcdesk"], capture_output=True, text=True, check=True)
    assert ran.stdout == "it runs\n"
    assert subprocess.run([script, "elsewhere"], env=known, capture_output=True).returncode == 2
    subprocess.run([script, "--remove"], env=known, check=True, capture_output=True)
    assert not entry.exists() and (home / "cmcdesk/cmcdesk").exists()


def test_the_installer_of_windows_compiles(frozen: Path, tmp_path: Path) -> None:
    """As far as it can be looked at here: nobody has run it."""
    if shutil.which("makensis") is None:
        pytest.skip("makensis is not installed (apt: nsis)")
    made = tmp_path / "cmcdesk-setup.exe"
    names = ("-V2", "-WX", "-DVERSION=0.2.0", f"-DDIST={frozen}", f"-DOUT={made}")
    told = subprocess.run(["makensis", *names, ROOT / "packaging/windows.nsi"], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    assert made.read_bytes()[:2] == b"MZ"


def test_a_bare_debian_is_made_by_root_alone(
    bare_debian: ModuleType, deb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(bare_debian.BareFailed, match="root"):
        bare_debian.try_in_bare_debian(deb)
