"""The command line speaks one language, that of the locale: help, usage and complaints."""

import os
import re
import subprocess
import sys

import pytest

from cmcdesk.cli import fold

COMMANDS = (
    "", "serve", "settings", "settings validate", "settings export", "settings history", "mail", "mail list",
    "bounce", "bounce read", "bounce override", "inbound", "inbound read", "tls", "tls ca", "doctor", "apiuser",
    "apiuser add",
)  # fmt: skip
ENGLISH = re.compile(r"\b(?:the|of|and|is|Show|List|Print|Read|Options|Usage)\b")


def run(words: str, locale: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    command = [sys.executable, "-m", "cmcdesk", *words.split()]
    return subprocess.run(command, capture_output=True, text=True, env=environment | {"LANG": locale})


@pytest.mark.parametrize("words", COMMANDS)
def test_help_is_japanese_in_a_japanese_locale(words: str) -> None:
    told = run(f"{words} -h", "ja_JP.UTF-8").stdout
    assert "使い方: cmcdesk" in told and "この説明を表示" in told
    assert ENGLISH.findall(told) == []


@pytest.mark.parametrize("words", ["", "mail list", "inbound read"])
def test_help_is_english_elsewhere(words: str) -> None:
    told = run(f"{words} -h", "C.UTF-8").stdout
    assert "Usage: cmcdesk" in told and not re.search(r"[ぁ-んァ-ン一-龥]", told)


def test_misuse_is_told_in_the_same_language() -> None:
    told = run("mail nothing", "ja_JP.UTF-8")
    assert told.returncode == 2 and "エラー: そのコマンドはありません" in told.stderr
    assert "No such command" in run("mail nothing", "C.UTF-8").stderr


def test_a_text_is_folded_to_a_line_a_paragraph() -> None:
    assert (
        fold("Where the\n  databases are.\n\n  More\n  of it.\n\fNot shown")
        == "Where the databases are.\n\nMore of it."
    )
