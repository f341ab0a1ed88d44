"""What a person at a terminal is told."""

from dataclasses import replace

import pytest

from cmcdesk.processes.placing import Placement
from cmcdesk.processes.terminal import PlaceTeller, choose_language

PRO = Placement("pro", "127.0.0.1:10026", None, None, False)
DEAF = Placement("pro", None, None, {"ja": "使用中です", "en": "it is in use"}, False)
SANDBOX = Placement("sandbox", "127.0.0.2:10026", None, None, False)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({"LANG": "C", "LC_ALL": "ja_JP.eucJP"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
    ],
)
def test_the_language_follows_the_locale(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert choose_language() == language


def test_places_are_told_once_and_then_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    places, told = [DEAF, SANDBOX], list[str]()
    tell = PlaceTeller(lambda: places, told.append)
    tell()
    assert told == ["pro: not receiving: it is in use", "sandbox: SMTP 127.0.0.2:10026"]
    tell()
    places[0] = PRO
    tell()
    places[0] = DEAF
    tell()
    assert told[2:] == ["pro: SMTP 127.0.0.1:10026", "pro: not receiving: it is in use"]


def test_places_are_told_in_the_language_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    told = list[str]()
    PlaceTeller(lambda: [DEAF, Placement("new", None, None, None, False)], told.append)()
    assert told == ["pro: 受信していません: 使用中です", "new: 受信していません"]


def test_the_relay_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    relaying = replace(PRO, relay="127.0.0.1:10025")
    taken = replace(SANDBOX, relay_reason={"ja": "使用中です", "en": "it is in use"})
    for locale, lines in (
        ("C", ["pro: SMTP 127.0.0.1:10026, relay 127.0.0.1:10025",
               "sandbox: SMTP 127.0.0.2:10026; not relaying: it is in use"]),
        ("ja_JP.UTF-8", ["pro: SMTP 127.0.0.1:10026、リレー 127.0.0.1:10025",
                         "sandbox: SMTP 127.0.0.2:10026。リレーしていません: 使用中です"]),
    ):  # fmt: skip
        monkeypatch.setenv("LC_ALL", locale)
        told = list[str]()
        PlaceTeller(lambda: [relaying, taken], told.append)()
        assert told == lines
