"""The pages' scripts and styles are linted; so is what would be wrong. Some seconds each: eslint and stylelint are
started anew."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def weblint() -> ModuleType:
    """The module, with what it runs installed."""
    sys.path.insert(0, str(ROOT / "packaging" / "dev"))
    try:
        import weblint
    finally:
        sys.path.pop(0)
    if missing := weblint.prepare_linters():
        pytest.skip(missing)
    return weblint


@pytest.mark.parametrize(
    ("name", "ending", "wrong", "rule"),
    [
        ("eslint", "js", "var x = 1;\n", "no-var"),
        ("stylelint", "css", "a { colour: red; }\n", "property-no-unknown"),
    ],
)
def test_they_find_nothing_in_the_pages_and_what_is_wrong(
    weblint: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, ending: str, wrong: str, rule: str
) -> None:
    assert weblint.find_faults(name) == ""
    static = tmp_path / "cmcdesk" / "console" / "static"
    static.mkdir(parents=True)
    (static / f"bad.{ending}").write_text(wrong)
    monkeypatch.setattr(weblint, "ROOT", tmp_path)
    assert rule in weblint.find_faults(name)


def test_the_lock_names_no_place_of_its_own() -> None:
    lock = (ROOT / "packaging" / "dev" / "weblint" / "package-lock.json").read_text()
    assert '"integrity"' in lock and '"resolved"' not in lock


def test_without_npm_one_line_says_so(weblint: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weblint, "INSTALLED", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert weblint.prepare_linters() == "eslint and stylelint: npm is not there"
