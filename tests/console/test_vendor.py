"""The front-end files that are carried: unchanged, licensed, and nothing is fetched from elsewhere."""

import hashlib
import json
import re
from pathlib import Path

import pytest

FOREIGN = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/)[a-z0-9.-]+\.[a-z]{2,}""", re.IGNORECASE)


@pytest.mark.parametrize("folder", ["cmcdesk/console/static/vendor", "tests/browser/vendor"])
def test_every_file_is_the_one_that_was_copied(root: Path, folder: str) -> None:
    place = root / folder
    listed = dict(line.split("  ")[::-1] for line in (place / "SHA256SUMS").read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in place.iterdir()}
    del found["SHA256SUMS"]
    assert found == listed


def test_every_file_has_its_licence(root: Path) -> None:
    names = {path.name for path in (root / "cmcdesk/console/static/vendor").iterdir()}
    assert {"LICENSE.bootstrap", "LICENSE.popper", "LICENSE.htmx", "LICENSE.idiomorph", "LICENSE.uPlot"} <= names


def test_versions_are_pinned_and_the_lock_names_no_registry(root: Path) -> None:
    wanted = json.loads((root / "packaging/vendor/package.json").read_text())["dependencies"]
    text = (root / "packaging/vendor/package-lock.json").read_text()
    locked = {name: each.get("version") for name, each in json.loads(text)["packages"].items()}
    assert {name: locked[f"node_modules/{name}"] for name in wanted} == wanted
    assert "resolved" not in text and text.count('"integrity"') >= len(wanted)


def test_no_page_style_or_script_names_another_host(console_folder: Path) -> None:
    own = [
        path
        for pattern in ("*/templates/**/*.html", "static/*.css", "static/*.js", "static/*.svg")
        for path in console_folder.glob(pattern)
    ]
    assert len(own) > 30
    assert {
        path.name: FOREIGN.findall(path.read_text(encoding="utf-8"))
        for path in own
        if FOREIGN.search(path.read_text(encoding="utf-8"))
    } == {}


def test_no_page_has_script_or_style_in_it(console_folder: Path) -> None:
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    pages = {path.name: path.read_text(encoding="utf-8") for path in console_folder.glob("templates/**/*.html")}
    assert {name: inline.findall(text) for name, text in pages.items() if inline.search(text)} == {}
