"""The window itself: a picture at once, the console behind it, its end. With the menu the only importer of pywebview:
nothing else needs a graphical library. What the console is made of is imported beside it, while the picture is shown.

The window speaks the language that 表示設定 chose, else the system's.
"""

import logging
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import webview

from cmcdesk.processes.instance import AlreadyRunning
from cmcdesk.processes.system import END_SIGNALS
from cmcdesk.rules.texts import translate
from cmcdesk.store.desk.early_settings import peek_setting
from cmcdesk.window import place as places
from cmcdesk.window.menu import build_menu, build_notice_page, choose_window_language, list_dialog_texts
from cmcdesk.window.notifying import notify_desktop
from cmcdesk.window.raising import MARK, install_raising, leave_sandbox_as_root, raise_running_window

if TYPE_CHECKING:  # a second of imports, which the window does not wait for
    from cmcdesk.console.desk.notices import DesktopNotice
    from cmcdesk.desk import Desk
    from cmcdesk.window.in_flight import UnderWay

log = logging.getLogger(__name__)

TITLE = "cmcdesk — Customers Mail Cloud"
IS_QT = sys.platform.startswith("linux")
GUI: Any = "qt" if IS_QT else None  # else the system's own web view
PATIENCE = 30.0  # seconds for the first page


class Shell:
    """One window on one desk: the window is there at once, the desk comes up behind it and goes down after it."""

    def __init__(self, folder: Path, open_desk: "Callable[[], Desk]", asks: bool = True) -> None:
        """`open_desk` is called on a thread beside the window's; what it raises is shown in the window. `asks`: before
        it is closed, while something is under way."""
        self.folder = folder
        self._open_desk = open_desk
        self._language = choose_window_language(folder)
        self.say = partial(translate, self._language)
        self._desk: Desk | None = None
        self._window: Any = None
        self._splash: Any = None
        self._native = places.WindowPlace()
        self._code = 0
        self._may_close = not asks
        self._is_asking = threading.Lock()
        self._begun = threading.Event()
        self._stopping = threading.Lock()

    def run(self, grab: Path | None = None) -> int:
        """Show it until it is closed. 0; 1 when there was no console to show, or with `grab` no picture of it."""
        leave_sandbox_as_root()
        screens = self._prepare()
        self._native = places.read_place(peek_setting(self.folder, places.KEY)).fit(screens)
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = True
        self._window = webview.create_window(
            TITLE,
            html=build_notice_page(self.folder, self._language, self.say("Starting cmcdesk …")),
            min_size=(places.LEAST_WIDTH, places.LEAST_HEIGHT),
            text_select=True,
            zoomable=True,
            **self._native.as_options(screens),
        )
        self._window.events.closing += self._on_closing
        # on macOS the program may end with the last window, before start() returns: the desk is stopped here too
        self._window.events.closed += self._stop
        self._close_on_signal()
        webview.start(
            self._begin,
            (grab,),
            localization=list_dialog_texts(self.say),
            gui=GUI,
            user_agent=f"Mozilla/5.0 ({MARK})",
            menu=build_menu(self, self.say),
        )
        self._stop()
        return self._code

    def raise_window(self) -> None:
        """Bring it to the front, out of the dock too."""
        if IS_QT:
            from cmcdesk.window.qt import bring_forward

            bring_forward(self._window.native)
        else:
            self._window.restore()
            self._window.show()

    def ask_where(self, suggested: str) -> Path | None:
        """The system's save dialog, on the thread of the request; None when it was cancelled."""
        chosen = self._window.create_file_dialog(webview.FileDialog.SAVE, save_filename=suggested)
        if not chosen:
            return None
        return Path(chosen if isinstance(chosen, str) else chosen[0])  # Qt gives a tuple, others a str

    def go(self, path: str) -> None:
        """Show a page of the console, once there is one."""
        if self._desk:
            self._window.load_url(self._desk.url.partition("?")[0].rstrip("/") + path)

    def run_js(self, script: str) -> None:
        """On the page that is shown."""
        if self._desk and IS_QT:
            from cmcdesk.window.qt import run_script

            run_script(self._window.native, script)
        elif self._desk:
            self._window.run_js(script)

    def open_in_browser(self) -> None:
        """With a code that opens it once."""
        if self._desk:
            webbrowser.open(self._desk.make_opening_url())

    def fill_screen(self) -> None:
        """The whole screen, and back."""
        self._window.toggle_fullscreen()

    def close(self) -> None:
        """As its button does."""
        self._window.destroy()

    def _prepare(self) -> list[places.Area]:
        if not IS_QT:
            return []
        from cmcdesk.window.qt import Splash, prepare_application

        icon = files("cmcdesk.console").joinpath("static", "icon.svg")
        screens = prepare_application(self._language, Path(str(icon)))
        self._splash = Splash(self.say("Starting cmcdesk …"))
        return screens

    def _begin(self, grab: Path | None) -> None:
        """Beside the window: start the desk, and show its first page."""
        try:
            self._start_desk()
        except AlreadyRunning as other:
            self._give_way(other)
        except Exception as failure:  # whatever it is: this is the place that shows it
            told = getattr(failure, "message", None)  # of a StartFailed
            log.error("the console could not be started", exc_info=None if told else failure)
            general = self.say("cmcdesk could not be started.") + f"\n{failure}"
            self._show_failure(told[self._language] if told else general)
        finally:
            self._begun.set()
        self._end_splash()
        if grab and not self._code:
            self._grab(grab)

    def _start_desk(self) -> None:
        from cmcdesk.window.downloads import SaveDownloads

        desk = self._open_desk()
        install_raising(desk.app, self.raise_window)
        downloads = SaveDownloads(desk.app.wsgi_app, self.ask_where, self._tell_unsaved)
        desk.app.wsgi_app = downloads  # type: ignore[method-assign]
        self._desk = desk
        if self._window.events.closed.is_set():
            return
        desk.start()
        desk.app.extensions["notices"].on_notice(self._notify)
        self._window.load_url(desk.url)

    def _end_splash(self) -> None:
        """Once there is something in its place, or nobody who looks."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self._window.events.loaded.wait(0.05):
            if self._window.events.closed.is_set():
                return
        if self._splash:
            self._splash.close(self._window.native)

    def _give_way(self, other: AlreadyRunning) -> None:
        self._code = raise_running_window(other)
        if self._code:
            self._show_failure(other.message[self._language])
        else:
            self.close()

    def _show_failure(self, text: str) -> None:
        self._code = 1
        click.echo(text, err=True)
        self._window.load_html(build_notice_page(self.folder, self._language, text), "")

    def _tell_unsaved(self, target: Path, error: OSError) -> None:
        words = self.say("%(file)s could not be saved: %(reason)s", file=target, reason=error.strerror or error)
        self._window.create_confirmation_dialog(TITLE, words)

    def _notify(self, notice: "DesktopNotice") -> None:
        """On a thread of its own: who tells must not wait for a program of the system."""
        title, body = notice.title[self._language], notice.body[self._language]

        def show() -> None:
            if not notify_desktop(title, body) and IS_QT:
                from cmcdesk.window.qt import ask_for_attention

                ask_for_attention(self._window.native)

        if sys.platform != "win32":  # there the page does it
            threading.Thread(target=show, name="notification", daemon=True).start()

    def _on_closing(self) -> bool:
        """On the window's own thread; False keeps it open."""
        in_flight = None if self._may_close else self._count()
        if in_flight:
            threading.Thread(target=self._ask_to_close, args=(in_flight,), daemon=True).start()
            return False
        if IS_QT:
            from cmcdesk.window.qt import read_native_place

            self._native = read_native_place(self._window.native)
        return True

    def _count(self) -> "UnderWay | None":
        if self._desk is None or not self._begun.is_set() or self._code:
            return None
        from sqlalchemy.exc import SQLAlchemyError

        from cmcdesk.window.in_flight import count_in_flight

        try:
            return count_in_flight(self._desk.app.extensions["services"])
        except SQLAlchemyError:
            log.exception("what is under way could not be counted")
            return None

    def _ask_to_close(self, in_flight: "UnderWay") -> None:
        if not self._is_asking.acquire(blocking=False):
            return
        try:
            if self._window.create_confirmation_dialog(TITLE, in_flight.tell(self._language)):
                self._may_close = True
                self._window.destroy()
        finally:
            self._is_asking.release()

    def _close_on_signal(self) -> None:
        """Without a question: there may be nobody to answer."""

        def close() -> None:
            self._may_close = True
            self._window.destroy()

        # destroy() waits for the window's own thread, which is the one that runs this handler
        for number in END_SIGNALS:
            signal.signal(number, lambda *_: threading.Thread(target=close, daemon=True).start())

    def _stop(self) -> None:
        """Once the window is gone; a second call waits for the first and does nothing more."""
        if self._desk:
            self._desk.begin_stop()  # a start that is under way fails
        self._begun.wait(PATIENCE)
        with self._stopping:
            desk, self._desk = self._desk, None
            if desk is None:
                return
            if not self._code:
                self._keep_place(desk)
            desk.stop()

    def _keep_place(self, desk: "Desk") -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from cmcdesk.console.frame.database import save_desk_setting

        try:
            save_desk_setting(desk.app.extensions["services"].engine, places.KEY, self._native.as_saved())
        except SQLAlchemyError:
            log.exception("the window's place could not be kept")

    def _grab(self, target: Path) -> None:
        """Wait until the page is painted, take the picture, close."""
        from cmcdesk.window.qt import is_page_of, take_picture

        deadline = time.monotonic() + PATIENCE
        self._code = 1
        while time.monotonic() < deadline and not self._window.events.closed.wait(0.1):
            native, is_loaded = self._window.native, self._window.events.loaded.is_set()
            if is_loaded and is_page_of(native, "http") and take_picture(native, target):
                self._code = 0
                break
        self._may_close = True
        if not self._window.events.closed.is_set():
            self._window.destroy()
