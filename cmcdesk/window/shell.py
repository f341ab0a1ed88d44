"""The window itself. The only importer of pywebview: nothing else needs a graphical library."""

import os
import signal
import sys
import threading
import time
import webbrowser
from html import escape
from pathlib import Path
from typing import Any

import webview
from webview.menu import Menu, MenuAction, MenuSeparator

from cmcdesk.desk import Desk
from cmcdesk.processes.ending import END_SIGNALS
from cmcdesk.window.display import leave_sandbox_as_root
from cmcdesk.window.raising import install_raising
from cmcdesk.window.saving import MARK, SaveDownloads
from cmcdesk.window.texts import DIALOG_TEXTS, MENU_TEXTS, choose_window_language

TITLE = "cmcdesk — Customers Mail Cloud"
GUI: Any = "qt" if sys.platform.startswith("linux") else None  # else the system's own web view
PAINTED_COLOURS = 8  # a page that is not yet painted has one or two
PATIENCE = 30.0  # seconds for the first page


def show_message(text: str) -> None:
    """A small window with nothing but this text, until it is closed."""
    leave_sandbox_as_root()
    page = f"<html lang='ja'><body style='font-family: sans-serif; padding: 1rem'><p>{escape(text)}</p></body></html>"
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
        self._language = choose_window_language(desk.app.extensions["services"].engine)
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
            localization=DIALOG_TEXTS[self._language],
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
        text = MENU_TEXTS[self._language]
        return [
            Menu(
                text["file"],
                [
                    MenuAction(text["reload"], lambda: self._window.run_js("location.reload()")),
                    MenuAction(text["browser"], self._open_in_browser),
                    MenuSeparator(),
                    MenuAction(text["quit"], self._window.destroy),
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
