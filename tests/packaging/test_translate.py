"""Texts are found where they are written, and the compiled catalogues are the written ones."""

import ast
import io
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo, write_mo

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "dev"))

import translate

HINT = "run packaging/dev.py translate"


def flat(text: str | list[str] | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else "\0".join(text)


CATALOGUES = [
    pytest.param(package, language, id=f"{package.name}-{language}")
    for package, folder in translate.PACKAGES.items()
    for language in translate.list_catalogues(folder)
]
every_catalogue = pytest.mark.parametrize(("package", "language"), CATALOGUES)


def read(package: Path, language: str) -> tuple[Path, translate.Catalog]:
    path = translate.list_catalogues(translate.PACKAGES[package])[language]
    return path, translate.read_catalogue(language, path)


@every_catalogue
def test_the_compiled_catalogue_is_the_written_one(package: Path, language: str) -> None:
    path, catalogue = read(package, language)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = [(flat(message.id), flat(message.string)) for message in read_mo(file) if message.id]
    written = [(flat(message.id), flat(message.string)) for message in catalogue]
    assert sorted(compiled) == sorted(pair for pair in written if pair[0]), HINT


@every_catalogue
def test_the_same_texts_make_the_same_file(package: Path, language: str) -> None:
    path, catalogue = read(package, language)
    catalogue.creation_date = translate.EVERY_TIME
    made = io.BytesIO()
    write_mo(made, catalogue)
    assert made.getvalue() == path.with_suffix(".mo").read_bytes(), HINT


def test_texts_are_found_where_they_are_written() -> None:
    module = ast.parse("""
tell("a %(b)s", b=N_("b")); translate(language, "c" "d"); About("e", effect="f", unit=None); nothing("no")

@click.command()
@click.option("--x", help="g\\n h")
def run():
    \'\'\'i
    j.

    k\'\'\'

api = ApiPart("api")
@api.get("/")
def show():
    \'\'\'l
    m\'\'\'

@page.get("/")
def look():
    \'\'\'no\'\'\'
""")
    assert sorted(translate.gather_python(module)) == ["a %(b)s", "b", "cd", "e", "f", "g h", "i j.\n\nk", "l"]


def test_the_texts_of_a_template_are_found_in_blocks_too(tmp_path: Path) -> None:
    page = tmp_path / "room/templates/page.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        """{{ _("a") }} {{ ngettext("one", "%(num)s of them", 3) }} {% trans trimmed %}
        b
        c {% endtrans %}"""
    )
    assert {"a", ("one", "%(num)s of them"), "b c"} <= set(translate.gather(tmp_path))
