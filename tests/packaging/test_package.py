"""The Debian package: its folders, its link, its icons, its scripts."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="not a Debian")


@pytest.fixture(scope="module")
def package() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "cmcdesk_packaging_package", ROOT / "packaging" / "dev" / "package.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def deb(package: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made of a frozen program of one file, in a copy of what packaging needs."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(ROOT / "packaging", root / "packaging", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    frozen = root / "dist" / "cmcdesk"
    frozen.mkdir(parents=True)
    (frozen / "cmcdesk").write_text("#!/bin/sh\n")
    (frozen / "cmcdesk").chmod(0o755)
    made: Path = package.build_deb(frozen, root, True)
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
    assert next(line for line in lines if line.endswith("./")).startswith("drwxr-xr-x")


def test_its_fields_and_scripts_are_well_formed(deb: Path, tmp_path: Path) -> None:
    fields = read_deb(deb, "-f")
    assert "Package: cmcdesk\nVersion: 0." in fields and "Depends: libc6 (>= 2.36)" in fields
    subprocess.run(["dpkg-deb", "-e", str(deb), str(tmp_path / "control")], check=True)
    for script in ("postinst", "postrm"):
        subprocess.run(["sh", "-n", str(tmp_path / "control" / script)], check=True)


def test_the_desktop_entry_names_program_and_icon_in_both_languages() -> None:
    entry = (ROOT / "packaging" / "cmcdesk.desktop").read_text(encoding="utf-8").splitlines()
    assert entry[0] == "[Desktop Entry]"
    keys = dict(line.split("=", 1) for line in entry[1:])
    assert keys["Exec"] == keys["Icon"] == "cmcdesk" and keys["Comment[ja]"] and keys["Comment"]
