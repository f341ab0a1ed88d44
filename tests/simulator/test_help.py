"""cmcsim speaks one language, that of the locale."""

import json
import os
import re
import subprocess
import sys

import pytest

from simulator import help as spoken

COMMANDS = ("", "form", "bounce", "load", "sink", "world", "world up", "accept", "bench")


def list_helps(locale: str) -> list[str]:
    """Of all commands, in a process of its own: click keeps what it said once."""
    code = "import json, sys; from click.testing import CliRunner; from simulator.cli import main\n"
    code += "said = [CliRunner().invoke(main, [*words.split(), '-h']).output for words in json.loads(sys.argv[1])]\n"
    code += "print(json.dumps(said))"
    command = [sys.executable, "-c", code, json.dumps(COMMANDS)]
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | {"LC_ALL": locale})
    return list(json.loads(done.stdout))


def test_help_is_english_where_the_locale_is_none() -> None:
    for told in list_helps("C.UTF-8"):
        assert "Usage: " in told and not re.search(r"[ぁ-んァ-ン一-龥]", told)


def test_help_is_japanese_in_a_japanese_locale() -> None:
    for told in list_helps("ja_JP.UTF-8"):
        assert "使い方: " in told and "この説明を表示" in told
        assert not re.search(r"\b(?:the|of|and|is|Show|Write|Send|Print)\b", told), told


@pytest.mark.parametrize(
    ("given", "chosen"), [({}, "C"), ({"LANG": "ja_JP.UTF-8"}, "ja_JP"), ({"LANG": "ja", "LC_ALL": "en_US"}, "en_US")]
)
def test_the_locale_of_messages(given: dict[str, str], chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert spoken.choose_locale() == chosen
