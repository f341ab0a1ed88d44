"""The window itself, its words and its downloads. The only importer of pywebview: nothing else needs a graphical
library.

Downloads: the web view cannot save files, so the system's own dialog does.

An answer that a browser would download is taken at the WSGI border and written where the user says; the page stays. In
a browser on the same console nothing changes: only requests of the window carry its mark.

The window speaks the language that 表示設定 chose, else the system's.
"""

import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import webview
from sqlalchemy import Engine
from webview.menu import Menu, MenuAction, MenuSeparator
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from cmcdesk.console.frame.database import load_desk_setting
from cmcdesk.console.frame.language import SETTING_KEY
from cmcdesk.desk import Desk
from cmcdesk.processes.system import END_SIGNALS
from cmcdesk.processes.terminal import choose_language
from cmcdesk.rules.texts import list_languages, translate
from cmcdesk.window.raising import install_raising, leave_sandbox_as_root

#: The window's User-Agent; the console reads nothing from it but this.
MARK = "cmcdesk-window"

TITLE = "cmcdesk — Customers Mail Cloud"
GUI: Any = "qt" if sys.platform.startswith("linux") else None  # else the system's own web view
PAINTED_COLOURS = 8  # a page that is not yet painted has one or two
PATIENCE = 30.0  # seconds for the first page


def choose_window_language(engine: Engine) -> str:
    """Its code. The menu is made once: a new choice shows there when the window opens next."""
    chosen = load_desk_setting(engine, SETTING_KEY).get("language")
    return chosen if chosen in list_languages() else choose_language()


def list_dialog_texts(say: Callable[[str], str]) -> dict[str, str]:
    """The texts of pywebview's own dialogs, by its keys."""
    return {
        "global.saveFile": say("Save file"),
        "global.ok": say("OK"),
        "global.cancel": say("Cancel"),
        "global.quit": say("Quit"),
    }


SaveDialog = Callable[[str], Path | None]  # suggested file name → where to, or None when the user thought better


class SaveDownloads:
    """WSGI middleware around the console."""

    def __init__(self, app: WSGIApplication, ask: SaveDialog) -> None:
        self._app = app
        self._ask = ask

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass on what is not the window's, and of the window's what is no download."""
        if MARK not in environ.get("HTTP_USER_AGENT", ""):
            return self._app(environ, start_response)
        answer = Response.from_app(self._app, environ)
        suggested = read_suggested_name(answer)
        if suggested is not None and answer.status_code == 200:
            target = self._ask(suggested)
            if target is not None:
                self._save(answer, target)
            answer.close()
            answer = Response(status=204)  # a navigation that ends so leaves the page as it is
        passed: Any = answer(environ, start_response)
        return passed  # type: ignore[no-any-return]

    @staticmethod
    def _save(answer: Response, target: Path) -> None:
        with target.open("wb") as file:
            for piece in answer.iter_encoded():
                file.write(piece)


def read_suggested_name(answer: Response) -> str | None:
    """The file name of a Content-Disposition "attachment" ("" becomes "download"); None: this is no download."""
    kind, options = parse_options_header(answer.headers.get("Content-Disposition"))
    if kind != "attachment":
        return None
    return Path(options.get("filename", "")).name or "download"


def show_message(text: str) -> None:
    """A small window with nothing but this text, until it is closed."""
    leave_sandbox_as_root()
    style = "font-family: sans-serif; padding: 1rem"
    page = f"<html lang='{choose_language()}'><body style='{style}'><p>{escape(text)}</p></body></html>"
    window: Any = webview.create_window(TITLE, html=page, width=640, height=280, text_select=True)
    _close_on_sigterm(window)
    webview.start(gui=GUI)


def _close_on_sigterm(window: Any) -> None:
    # destroy() waits for the window's own thread, which is the one that runs this handler
    for number in END_SIGNALS:
        signal.signal(number, lambda *_: threading.Thread(target=window.destroy, daemon=True).start())


class Shell:
    """One window on one desk; everything is up before it opens and goes down after it closed."""

    def __init__(self, desk: Desk) -> None:
        leave_sandbox_as_root()
        self._desk = desk
        self._say = partial(translate, choose_window_language(desk.app.extensions["services"].engine))
        self._grabbed = True
        self._window: Any = None
        install_raising(desk.app, self.raise_window)
        desk.app.wsgi_app = SaveDownloads(desk.app.wsgi_app, self.ask_where)  # type: ignore[method-assign]

    def run(self, grab: Path | None = None) -> int:
        """Show it until it is closed. 0; with `grab`, 1 when no picture could be taken."""
        self._desk.start()
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = True
        self._window = webview.create_window(
            TITLE, self._desk.url, width=1280, height=840, min_size=(720, 480), text_select=True, zoomable=True
        )
        # on macOS the program may end with the last window, before start() returns: stop() may run twice
        self._window.events.closed += self._desk.stop
        _close_on_sigterm(self._window)
        webview.start(
            self._grab if grab else None,
            (grab,) if grab else None,
            localization=list_dialog_texts(self._say),
            gui=GUI,
            user_agent=f"Mozilla/5.0 ({MARK})",
            menu=self._menu(),
        )
        return 0 if self._grabbed else 1

    def raise_window(self) -> None:
        """Bring it to the front, out of the dock too."""
        if self._window is not None:  # else it is about to open anyway
            self._window.restore()
            self._window.show()

    def ask_where(self, suggested: str) -> Path | None:
        """The system's save dialog, on the thread of the request; None when it was cancelled."""
        chosen = self._window.create_file_dialog(webview.FileDialog.SAVE, save_filename=suggested)
        if not chosen:
            return None
        return Path(chosen if isinstance(chosen, str) else chosen[0])  # Qt gives a tuple, others a str

    def _open_in_browser(self) -> None:
        webbrowser.open(self._desk.make_opening_url())

    def _menu(self) -> list[Menu]:
        say = self._say
        return [
            Menu(
                say("File"),
                [
                    MenuAction(say("Reload"), lambda: self._window.run_js("location.reload()")),
                    MenuAction(say("Open in the browser"), self._open_in_browser),
                    MenuSeparator(),
                    MenuAction(say("Quit"), self._window.destroy),
                ],
            )
        ]

    def _grab(self, target: Path) -> None:
        """Runs beside the window: wait until the page is painted, take the picture, close."""
        self._window.events.loaded.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        self._grabbed = False
        while time.monotonic() < deadline and not self._window.events.closed.wait(0.1):
            if self._take_picture(target):
                self._grabbed = True
                break
        if not self._window.events.closed.is_set():
            self._window.destroy()

    def _take_picture(self, target: Path) -> bool:
        from qtpy import QtCore

        done = threading.Event()
        painted: list[bool] = []

        def shoot() -> None:
            picture = self._window.native.grab().toImage()
            places = [(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)]
            if len({picture.pixel(x, y) for x, y in places}) > PAINTED_COLOURS:
                painted.append(picture.save(os.fspath(target)))
            done.set()

        QtCore.QTimer.singleShot(0, self._window.native, shoot)  # Qt's objects are for its own thread
        done.wait(PATIENCE)
        return any(painted)
