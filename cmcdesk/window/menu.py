"""What the window itself says: its menu, its dialogs, the picture until there is a page. What the menu saves it asks of
the page, as the page's own links do.
"""

import json
import webbrowser
from collections.abc import Callable
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from webview.menu import Menu, MenuAction, MenuSeparator

from cmcdesk.processes.terminal import choose_language
from cmcdesk.rules.texts import N_, list_languages
from cmcdesk.store.desk.early_settings import peek_setting

Say = Callable[[str], str]

#: A download of the page that is shown (a search stays what was searched for), else of all.
SAVE_LIST = """(() => {{
    const here = location.pathname === {page} ? location.search : "";
    location.href = {file} + here;
}})()"""
SAVE_MAIL = """(() => {{
    const mail = location.pathname.match(/^\\/mails\\/\\d+/);
    if (mail) location.href = mail[0] + "/raw.eml";
    else notice({first});
}})()"""
#: Of the composition that is shown; elsewhere the list, which has the buttons.
EXPORT = """(() => {
    const place = location.pathname.match(/^\\/compositions\\/[^/]+(?=\\/)/);
    location.href = place ? place[0] + "/export.zip" : "/compositions";
})()"""


DISPLAY = "display"  # 表示設定 among the settings of the desk
#: What is shown until the console answers, and in place of it where it cannot start.
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><style>
:root {{ color-scheme: {scheme} }}
body {{ font: 16px system-ui, sans-serif; display: grid; place-content: center; justify-items: center; gap: 1rem;
  min-height: 90vh; margin: 1rem; background: light-dark(#f7f8fa, #14181d); color: light-dark(#1d2329, #e6e9ec) }}
svg {{ width: 72px; height: 72px }}
p {{ max-width: 40rem; margin: 0; white-space: pre-line }}
</style></head><body>{icon}<p role="status">{text}</p></body></html>"""


def choose_window_language(folder: Path) -> str:
    """Its code. The menu is made once: a new choice shows there when the window opens next."""
    chosen = peek_setting(folder, DISPLAY).get("language")
    return chosen if isinstance(chosen, str) and chosen in list_languages() else choose_language()


def build_notice_page(folder: Path, language: str, text: str) -> str:
    """The icon and a text, in the theme that 表示設定 chose."""
    theme = peek_setting(folder, DISPLAY).get("theme")
    scheme = theme if theme in ("light", "dark") else "light dark"
    icon = files("cmcdesk.console").joinpath("static", "icon.svg").read_text(encoding="utf-8")
    return PAGE.format(language=language, scheme=scheme, icon=icon, text=escape(text))


def list_dialog_texts(say: Say) -> dict[str, str]:
    """The texts of pywebview's own dialogs, by its keys."""
    return {
        "global.saveFile": say("Save file"),
        "global.ok": say("OK"),
        "global.cancel": say("Cancel"),
        "global.quit": say("Quit"),
    }


class MenuTarget(Protocol):
    """The window, as the menu needs it."""

    folder: Path

    def go(self, path: str) -> None:
        """Show a page of the console."""

    def run_js(self, script: str) -> None:
        """On the page that is shown."""

    def open_in_browser(self) -> None:
        """The console in the system's browser."""

    def close(self) -> None:
        """As its button does: it may ask first."""

    def fill_screen(self) -> None:
        """The whole screen, and back."""


def build_menu(window: MenuTarget, say: Say) -> list[Menu]:
    """All menus in one language."""
    return [_file(window, say), _view(window, say), _places(window, say), _help(window, say)]


def _file(window: MenuTarget, say: Say) -> Menu:
    def save_list(page: str, file: str) -> Callable[[], None]:
        return lambda: window.run_js(SAVE_LIST.format(page=json.dumps(page), file=json.dumps(file)))

    first = json.dumps(say("Open a mail first."), ensure_ascii=False)
    return Menu(
        say("File"),
        [
            MenuAction(say("Import settings …"), lambda: window.go("/import")),
            MenuAction(say("Export settings …"), lambda: window.run_js(EXPORT)),
            MenuSeparator(),
            MenuAction(say("Save this mail (.eml) …"), lambda: window.run_js(SAVE_MAIL.format(first=first))),
            MenuAction(say("Save mails (mbox) …"), save_list("/mails", "/mails/export.mbox")),
            MenuAction(say("Save the error log (CSV) …"), save_list("/report/errors", "/report/errors.csv")),
            MenuSeparator(),
            MenuAction(say("Open in the browser"), window.open_in_browser),
            MenuAction(say("Show the data folder"), lambda: webbrowser.open(window.folder.as_uri())),
            MenuSeparator(),
            MenuAction(say("Quit"), window.close),
        ],
    )


def _view(window: MenuTarget, say: Say) -> Menu:
    return Menu(
        say("View"),
        [
            MenuAction(say("Back"), lambda: window.run_js("history.back()")),
            MenuAction(say("Forward"), lambda: window.run_js("history.forward()")),
            MenuAction(say("Reload"), lambda: window.run_js("location.reload()")),
            MenuSeparator(),
            MenuAction(say("Full screen"), window.fill_screen),
            MenuAction(say("Display settings"), lambda: window.go("/display")),
        ],
    )


def _places(window: MenuTarget, say: Say) -> Menu:
    places = (
        (N_("Server compositions"), "/compositions"),
        (N_("Mails"), "/mails"),
        (N_("Refusals"), "/refusals"),
        (N_("Delivery report"), "/report"),
        (N_("Suppression"), "/suppression"),
        (N_("Monitor"), "/monitor"),
        (N_("Simulator"), "/simulator"),
        (N_("Lessons"), "/lessons"),
        (N_("DNS"), "/world"),
        (N_("Acceptance test"), "/acceptance"),
    )
    return Menu(say("Go to"), [MenuAction(say(name), _going(window, path)) for name, path in places])


def _help(window: MenuTarget, say: Say) -> Menu:
    places = (
        (N_("Welcome: first steps"), "/welcome"),
        (N_("Keyboard shortcuts"), "/shortcuts"),
        (N_("About cmcdesk and its API"), "/about"),
    )
    return Menu(say("Help"), [MenuAction(say(name), _going(window, path)) for name, path in places])


def _going(window: MenuTarget, path: str) -> Callable[[], None]:
    return lambda: window.go(path)
