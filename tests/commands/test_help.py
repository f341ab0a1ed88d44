"""The command line speaks one language, that of the locale: help, usage and complaints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmcdesk.cli import cmcdesk, fold

COMMANDS = (
    "", "serve", "settings", "settings validate", "settings export", "settings history", "mail", "mail list",
    "bounce", "bounce read", "bounce override", "inbound", "inbound read", "tls", "tls ca", "doctor", "apiuser",
    "apiuser add", "simulator", "block", "block list",
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
    assert "'x' は正しい数値ではありません。" in run("mail list --limit x", "ja_JP.UTF-8").stderr


def test_a_text_is_folded_to_a_line_a_paragraph() -> None:
    assert (
        fold("Where the\n  databases are.\n\n  More\n  of it.\n\fNot shown")
        == "Where the databases are.\n\nMore of it."
    )


SENTENCES = [
    "bounce read", "bounce override 1", "bounce override 1 2", "bounce reread", "mail show 1", "mail raw 1",
    "mail again 1", "apiuser add -- -", "apiuser add a --api-key x", "apiuser remove nobody", "inbound read",
    "inbound read --jsonl nowhere", "serve --console-bind x", "serve --listen x", "serve --listen a=b:1",
    "serve --listen a=8.8.8.8:1", "serve --listen a=127.0.0.1:x", "serve --tls-key x",
    "serve --tls-cert nowhere.pem", "serve --world empty.toml", "serve --settings empty.toml",
    "settings validate empty.toml", "settings history --composition nothing", "settings rollback 1",
    "settings diff --lang xx", "bounce list --limit 0", "bounce list --nothing", "mail list --limit x", "mail show",
    "nothing", "block cancel x", "block delete x", "block run x",
]  # fmt: skip


@pytest.mark.parametrize("words", SENTENCES)
def test_what_is_said_of_misuse_is_japanese_too(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.toml").touch()
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setenv("CMCDESK_DATA_DIR", "data")
    shown = CliRunner().invoke(cmcdesk, words.split())
    told = shown.output.strip().splitlines()[-1]
    assert re.search(r"[ぁ-んァ-ン一-龥]", told), shown.output
    assert not re.search(r"\b(?:is|no|not|must|give|of|the)\b", told), told
