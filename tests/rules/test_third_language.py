"""A third language is a file: a catalogue in a folder, and no line of Python."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

#: English → French: of a page, of a setting, of a message, of an operation of the API, of a command and of click.
FRENCH = {
    "Display settings": "Préférences d'affichage",
    "Max sessions": "Sessions simultanées",
    "is out of range; allowed: an integer from %(minimum)s to %(maximum)s": "doit aller de %(minimum)s à %(maximum)s",
    " (given: %(given)s)": " (donné : %(given)s)",
    "List all compositions with their states.": "Toutes les compositions, avec leur état.",
    "Show, check, import, export, apply and roll back settings.": "Les réglages.",
    "Usage:": "Usage :",
    "%(folder)s is not there.": "%(folder)s n'existe pas.",
}
BAD = '[[composition]]\nname = "pro"\nsubdomain = "pro"\n[composition.receiving]\nmax_sessions = 0\n'


@pytest.fixture(scope="module")
def program(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program in a folder of its own, with a French catalogue beside the Japanese one."""
    folder = tmp_path_factory.mktemp("program")
    shutil.copytree(root / "cmcdesk", folder / "cmcdesk", ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = Catalog("fr")
    for english, french in FRENCH.items():
        catalogue.add(english, french)
    place = folder / "cmcdesk/translations/fr/LC_MESSAGES/messages.mo"
    place.parent.mkdir(parents=True)
    with place.open("wb") as file:
        write_mo(file, catalogue)
    (folder / "bad.toml").write_text(BAD)
    return folder


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(folder), "LC_ALL": "fr_FR.UTF-8", "LANGUAGE": ""}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cmcdesk", *words]
    return subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True)


def test_a_command_speaks_it(program: Path) -> None:
    told = run(program, "settings", "-h").stdout
    assert told.startswith("Usage : ") and "Les réglages." in told
    refused = run(program, "settings", "validate", "bad.toml").stderr
    assert "composition[0].receiving.max_sessions: doit aller de 1 à 100 (donné : 0)" in refused, refused


def test_what_is_told_in_every_language_is_told_in_it_too(program: Path) -> None:
    finding = json.loads(run(program, "doctor", "--json", "--data-dir", "nowhere").stdout.splitlines()[0])
    told = {language: words.rpartition("/")[2] for language, words in finding["what"].items()}
    assert told == {"fr": "nowhere n'existe pas.", "ja": "nowhere がありません。", "en": "nowhere is not there."}


@pytest.fixture(scope="module")
def note(program: Path) -> Iterator[dict[str, str]]:
    """Where its console is: "base" and "token"."""
    ready = program / "ready.json"
    options = ["--data-dir", "data", "--port", "0", "--receiver-port", "0", "--relay-port", "0", "--ready-file", ready]
    process = subprocess.Popen(
        [sys.executable, "-m", "cmcdesk", "serve", *options], cwd=program, env=environment(program)
    )
    deadline = time.monotonic() + 60
    while not ready.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    told = ready.read_text()
    url = told.partition('"url": "')[2].partition('"')[0]
    yield {"base": url.partition("/?")[0], "token": url.partition("token=")[2]}
    process.terminate()
    assert process.wait(30) == 0


def test_pages_and_the_api_speak_it(note: dict[str, str]) -> None:
    with requests.Session() as session:
        session.headers["Accept-Language"] = "fr"
        session.get(f"{note['base']}/?token={note['token']}")
        display = session.get(f"{note['base']}/display").text
        assert '<html lang="fr"' in display and "<h1>Préférences d'affichage</h1>" in display
        assert '<option value="fr" lang="fr">français</option>' in display
        assert "Sessions simultanées" in session.get(f"{note['base']}/compositions/pro/settings/receiving").text
        assert "Toutes les compositions, avec leur état." in session.get(f"{note['base']}/about").text
        session.headers["Authorization"] = f"Bearer {note['token']}"
        place = f"{note['base']}/api/v1/compositions/pro/draft"
        settings = session.get(place).json()["settings"]
        settings["receiving"]["max_sessions"] = 0
        refused = session.put(place, json={"settings": settings})
        assert refused.status_code == 422 and refused.json()["errors"][0]["message"] == "doit aller de 1 à 100"
        settings["receiving"]["max_sessions"] = 3
        assert session.put(place, json={"settings": settings}).status_code == 200
        (change,) = session.get(f"{note['base']}/api/v1/compositions/pro/diff").json()["changes"]
        assert change["label"] == "Sessions simultanées"
