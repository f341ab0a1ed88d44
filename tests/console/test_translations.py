"""Every text is translated, no translation loses a value, no template has text of its own. That catalogues are compiled
as they are written: tests/packaging/test_translate.py."""

import re
import sys
from pathlib import Path

import pytest

from cmcdesk.console.desk.desk_page import list_operations
from cmcdesk.rules.texts import translate as translate_text

from .conftest import Console

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "dev"))

import translate

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+(?:!r)?\}")
ENGLISH = {"{number_type}"}  # what click fills in there is English ("integer range"); the rest says enough
HINT = "run packaging/dev.py translate, and write what it names into the .po"
# A template's own text in Latin letters that is the same in both languages.
PLAIN = re.compile(r"[^\w]*((cmcdesk|MENU|EXPORT|IMPORT|HTML|HTTP API|Webhook|Inbound|pid)\W*)+")

every_catalogue = pytest.mark.parametrize(
    ("package", "language"),
    [
        pytest.param(package, language, id=f"{package.name}-{language}")
        for package, folder in translate.PACKAGES.items()
        for language in translate.list_catalogues(folder)
    ],
)


def read(package: Path, language: str) -> translate.Catalog:
    return translate.read_catalogue(language, translate.list_catalogues(translate.PACKAGES[package])[language])


@every_catalogue
def test_the_number_of_untranslated_texts_is_0(package: Path, language: str) -> None:
    used, catalogue = translate.gather(package), read(package, language)
    written = {message.id: message for message in catalogue if message.id}
    assert len(used) > 130
    assert [text for text in used if text not in written or not translate.is_whole(written[text])] == [], HINT
    assert set(written) - set(used) == set(), HINT


@every_catalogue
def test_no_translation_loses_a_value(package: Path, language: str) -> None:
    for message in read(package, language):
        ids, strings = (each if isinstance(each, tuple) else (each,) for each in (message.id, message.string))
        wanted = set(PLACES.findall(ids[-1])) - ENGLISH
        assert all(set(PLACES.findall(each)) == wanted for each in strings), message.id


def test_no_template_has_text_of_its_own(console_folder: Path) -> None:
    bare = {}
    templates = sorted(console_folder.glob("*/templates/**/*.html"))
    assert len(templates) > 60
    for path in templates:
        text = re.sub(
            r"\{% (trans)\b.*?\{% endtrans %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
            "",
            path.read_text(encoding="utf-8"),
            flags=re.S,
        )
        text = re.sub(r"&\w+;|<(code|option|script|style)\b.*?</\1>|<!doctype html>|<[^>]*>", "\n", text, flags=re.S)
        words = [line.strip() for line in text.splitlines() if re.search(r"[A-Za-z]{3}", line)]
        found = [word for word in words if not PLAIN.fullmatch(word) and word not in ALLOWED]
        if found:
            bare[path.name] = found
    assert bare == {}


#: Proper names; and a class that stands in a condition with a ">" within a tag.
ALLOWED = {
    "DNS",
    "SMTP",
    "STARTTLS",
    "PLAIN, LOGIN",
    "is-invalid",
    "CSV",
    "api_user",
    "api_key",
    "HTTP-API",
    "SMTP AUTH",
    "Return-Path",
    "X-Api-Data",
    "SUBDOMAIN",
    ".smtps.jp",
    "openapi.json",
    "cmcsim",
}


def test_every_operation_of_the_api_is_told_in_japanese(console: Console) -> None:
    summaries = {summary for _method, _path, summary in list_operations(console.desk.app.api_doc)}
    assert len(summaries) > 30
    assert {each for each in summaries if not re.search("[ぁ-んァ-ヶ]", translate_text("ja", each))} == set()
