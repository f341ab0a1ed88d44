"""Every text of the console is translated, and the compiled catalogue is the written one."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from cmcdesk.console.desk.desk_page import list_operations
from cmcdesk.rules.texts import translate

from .conftest import Console

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
# A template's own text in Latin letters that is the same in both languages.
PLAIN = re.compile(r"[^\w]*((cmcdesk|MENU|EXPORT|IMPORT|HTML|HTTP API|Webhook|Inbound|pid)\W*)+")


@pytest.fixture(scope="module")
def catalog(console_folder: Path) -> Catalog:
    with (console_folder / "translations/ja/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="ja")


@pytest.fixture(scope="module")
def used(console_folder: Path) -> set[str]:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(console_folder, methods, keywords=keywords)
    return {text if isinstance(text, str) else text[0] for _file, _line, text, _comments, _context in found}


def test_every_text_has_its_japanese(catalog: Catalog, used: set[str]) -> None:
    written = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalog if message.id
    }
    missing = {text for text in used if text not in written or not written[text].string or written[text].fuzzy}
    assert missing == set()
    assert set(written) - used == set(), "no longer used"
    assert len(used) > 300


def test_no_translation_loses_a_value(catalog: Catalog) -> None:
    for message in catalog:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings:
            assert set(PLACES.findall(string)) == set(PLACES.findall(ids[-1])), message.id


def test_the_compiled_catalogue_is_the_written_one(catalog: Catalog, console_folder: Path) -> None:
    with (console_folder / "translations/ja/LC_MESSAGES/messages.mo").open("rb") as file:
        compiled = read_mo(file)
    for message in catalog:
        if message.id:
            found = compiled.get(message.id if isinstance(message.id, str) else message.id[0])
            assert found is not None and list(found.string) == list(message.string), message.id


def test_no_template_has_text_of_its_own(console_folder: Path) -> None:
    bare = {}
    for path in sorted((console_folder / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"&\w+;|<(code|option|script|style)\b.*?</\1>|<!doctype html>|<[^>]*>", "\n", text, flags=re.S)
        words = [line.strip() for line in text.splitlines() if re.search(r"[A-Za-z]{3}", line)]
        found = [word for word in words if not PLAIN.fullmatch(word) and word not in ALLOWED]
        if found:
            bare[path.name] = found
    assert bare == {}


ALLOWED = {"CSV", "api_user", "Return-Path", "X-Api-Data", "SUBDOMAIN", ".smtps.jp", "openapi.json", "cmcsim"}


def test_every_operation_of_the_api_is_told_in_japanese(console: Console) -> None:
    document = console.desk.app.api_doc
    summaries = {summary for _method, _path, summary in list_operations(document)}
    assert len(summaries) > 30
    assert {summary for summary in summaries if not re.search("[ぁ-んァ-ヶ]", translate("ja", summary))} == set()
