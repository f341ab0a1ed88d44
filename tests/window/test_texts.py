"""The window speaks the chosen language, else the system's, and says everything in both."""

from pathlib import Path

import pytest

from cmcdesk.console.frame.desk_settings import save_desk_setting
from cmcdesk.store.desk.database import open_desk
from cmcdesk.window.texts import DIALOG_TEXTS, MENU_TEXTS, choose_window_language


def test_the_chosen_language_beats_that_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_desk(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert choose_window_language(engine) == "ja"
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert choose_window_language(engine) == "en"
    save_desk_setting(engine, "display", {"language": "ja"})
    assert choose_window_language(engine) == "ja"
    save_desk_setting(engine, "display", {"language": None})
    assert choose_window_language(engine) == "en"
    engine.dispose()


def test_both_languages_say_the_same_things() -> None:
    for texts in (MENU_TEXTS, DIALOG_TEXTS):
        assert texts["ja"].keys() == texts["en"].keys()
        assert all(texts["ja"].values()) and all(each.isascii() for each in texts["en"].values())
