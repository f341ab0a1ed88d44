"""What the window itself says: menu, dialogs, the picture until there is a page."""

from functools import partial
from pathlib import Path

import pytest

from cmcdesk.console.frame.database import save_desk_setting
from cmcdesk.desk import Desk
from cmcdesk.rules.texts import translate
from cmcdesk.starting import DeskOptions
from cmcdesk.store.desk.database import open_desk

pytest.importorskip("webview")

from webview.menu import Menu, MenuAction

from cmcdesk.window.menu import build_menu, build_notice_page, choose_window_language, list_dialog_texts


class FakeWindow:
    """Notes what the menu wants of it."""

    def __init__(self) -> None:
        self.folder = Path("/data")
        self.wanted: list[str] = []

    def go(self, path: str) -> None:
        self.wanted.append(path)

    def run_js(self, script: str) -> None:
        self.wanted.append(script)

    def open_in_browser(self) -> None:
        self.wanted.append("browser")

    def close(self) -> None:
        self.wanted.append("close")

    def fill_screen(self) -> None:
        self.wanted.append("full")


def list_actions(menus: list[Menu]) -> dict[str, MenuAction]:
    return {item.title: item for menu in menus for item in menu.items if isinstance(item, MenuAction)}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_word_is_of_one_language(language: str) -> None:
    menus = build_menu(FakeWindow(), partial(translate, language))
    titles = [*(menu.title for menu in menus), *list_actions(menus)]
    assert len(titles) > 20
    assert [title for title in titles if title.isascii() != (language == "en") and "…" not in title] == []


def test_each_entry_does_what_it_says() -> None:
    window = FakeWindow()
    actions = list_actions(build_menu(window, partial(translate, "en")))
    for title in ("Import settings …", "Mails", "Quit", "Full screen", "Open in the browser", "Display settings"):
        actions[title].function()
    assert window.wanted == ["/import", "/mails", "close", "full", "browser", "/display"]
    window.wanted.clear()
    for title in ("Save this mail (.eml) …", "Save the error log (CSV) …", "Export settings …"):
        actions[title].function()
    mail, errors, export = window.wanted
    assert "/raw.eml" in mail and 'notice("Open a mail first.")' in mail
    assert 'location.href = "/report/errors.csv" + here' in errors
    assert "export.zip" in export and "{{" not in mail + errors + export


def test_the_chosen_language_beats_that_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_desk(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert choose_window_language(tmp_path) == "ja"
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert choose_window_language(tmp_path) == "en"
    save_desk_setting(engine, "display", {"language": "ja", "theme": "dark"})
    assert choose_window_language(tmp_path) == "ja"
    assert "color-scheme: dark }" in build_notice_page(tmp_path, "ja", "a")
    save_desk_setting(engine, "display", {"language": None})
    assert choose_window_language(tmp_path) == "en"
    engine.dispose()


def test_the_picture_has_the_icon_and_no_markup_of_the_text(tmp_path: Path) -> None:
    page = build_notice_page(tmp_path, "en", "<b>5 < 6")
    assert "&lt;b&gt;5 &lt; 6" in page and "<svg" in page and 'lang="en"' in page
    assert "color-scheme: light dark }" in page


def test_the_dialogs_of_the_window_speak_that_language() -> None:
    assert list_dialog_texts(partial(translate, "ja"))["global.saveFile"] == "ファイルを保存"
    assert all(text.isascii() for text in list_dialog_texts(partial(translate, "en")).values())


def test_the_menu_goes_where_the_console_has_pages(tmp_path: Path) -> None:
    window = FakeWindow()
    menus = {menu.title: menu for menu in build_menu(window, str)}
    for title in ("Go to", "Help"):
        for item in menus[title].items:
            assert isinstance(item, MenuAction)
            item.function()
    desk = Desk(DeskOptions(tmp_path, 0))
    with desk:
        paths = {str(rule) for rule in desk.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert len(window.wanted) > 10 and set(window.wanted) - paths == set()
