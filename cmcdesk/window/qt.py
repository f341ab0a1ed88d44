"""What only Qt knows of the window, on Linux. Its objects are for its own thread: `on_gui_thread` goes there."""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cmcdesk.window.place import Area, WindowPlace

PAINTED_COLOURS = 8  # a page that is not yet painted has one or two
SPLASH_PATIENCE = 0.3  # seconds for a screen to show the picture
SCRIPT_PATIENCE = 5.0
PATIENCE = 10.0  # seconds for the window's own thread

Value = TypeVar("Value")


def prepare_application(language: str, icon: Path) -> list[Area]:
    """Name and icon for the desktop, and Qt's own buttons in that language → the screens, the first one first."""
    from qtpy.QtCore import QLibraryInfo, QTranslator
    from qtpy.QtGui import QGuiApplication, QIcon
    from qtpy.QtWidgets import QApplication

    QGuiApplication.setDesktopFileName("cmcdesk")
    app: Any = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("cmcdesk")
    app.setWindowIcon(QIcon(os.fspath(icon)))
    words = QTranslator(app)  # kept by the application
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(f"qtbase_{language}", folder):
        app.installTranslator(words)
    screens = [each.availableGeometry() for each in app.screens()]
    return [Area(each.x(), each.y(), each.width(), each.height()) for each in screens]


class Splash:
    """The picture until there is a page: Qt paints it at once, while a web view is white for its first second.

    A plain label: QSplashScreen takes a whole second to show itself.
    """

    def __init__(self, text: str) -> None:
        """On the thread of the program; there must be an application."""
        from qtpy.QtCore import QRect, Qt
        from qtpy.QtGui import QColor, QPainter, QPixmap
        from qtpy.QtWidgets import QApplication, QLabel

        dark = QApplication.palette().window().color().lightness() < 128
        picture = QPixmap(380, 200)
        picture.fill(QColor("#14181d" if dark else "#f7f8fa"))
        painter = QPainter(picture)
        QApplication.windowIcon().paint(painter, 150, 40, 80, 80)
        painter.setPen(QColor("#e6e9ec" if dark else "#1d2329"))
        painter.drawText(QRect(0, 140, 380, 40), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        self._screen: Any = QLabel()
        # above the window, which is white at first
        self._screen.setWindowFlags(Qt.WindowType.SplashScreen | Qt.WindowType.WindowStaysOnTopHint)
        self._screen.setPixmap(picture)
        self._screen.show()
        middle = QApplication.primaryScreen().availableGeometry().center()
        self._screen.move(middle - self._screen.rect().center())
        deadline = time.monotonic() + SPLASH_PATIENCE
        while time.monotonic() < deadline and not self._screen.windowHandle().isExposed():
            QApplication.processEvents()
            time.sleep(0.005)  # the screen's answer comes from another program
        QApplication.processEvents()

    def close(self, native: Any) -> None:
        """From any thread; native: the window that it stood for."""
        on_gui_thread(native, self._screen.close)


def on_gui_thread(native: Any, work: Callable[[], Value]) -> Value | None:
    """Do it there, and wait for what it gives; None where that thread does not come to it."""
    from qtpy import QtCore

    done = threading.Event()
    given: list[Value] = []

    def run() -> None:
        try:
            given.append(work())
        finally:
            done.set()

    QtCore.QTimer.singleShot(0, native, run)
    done.wait(PATIENCE)
    return given[0] if given else None


def run_script(native: Any, script: str, patience: float = SCRIPT_PATIENCE) -> Any:
    """JavaScript on the page that is shown: what it gives, None where no answer comes, as when the page goes meanwhile.
    (pywebview's own call waits for ever then, and its thread keeps the program.)"""
    done = threading.Event()
    given: list[Any] = []

    def take(value: Any) -> None:
        given.append(value)
        done.set()

    on_gui_thread(native, lambda: native.webview.page().runJavaScript(script, 0, take))
    done.wait(patience)
    return given[0] if given else None


def is_page_of(native: Any, scheme: str) -> bool:
    """Whether it shows a page of that scheme: the first picture has none."""
    return bool(on_gui_thread(native, lambda: native.webview.url().scheme()) == scheme)


def bring_forward(native: Any) -> None:
    """Out of the dock, before the others; one that fills the screen goes on to."""
    from qtpy.QtCore import Qt

    def raise_it() -> None:
        native.setWindowState(native.windowState() & ~Qt.WindowState.WindowMinimized | Qt.WindowState.WindowActive)
        native.show()
        native.raise_()
        native.activateWindow()

    on_gui_thread(native, raise_it)


def read_native_place(native: Any) -> WindowPlace:
    """Where it is when it is not maximized; on its own thread."""
    normal, frame, inner = native.normalGeometry(), native.frameGeometry(), native.geometry()
    return WindowPlace(
        width=normal.width(),
        height=normal.height(),
        x=normal.x() - (inner.x() - frame.x()),  # the frame's corner is what it is moved by
        y=normal.y() - (inner.y() - frame.y()),
        is_maximized=native.isMaximized(),
    )


def take_picture(native: Any, target: Path) -> bool:
    """Save a picture of the window, once it is painted: whether it was."""

    def shoot() -> bool:
        picture = native.grab().toImage()
        places = [(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)]
        if len({picture.pixel(x, y) for x, y in places}) <= PAINTED_COLOURS:
            return False
        return bool(picture.save(os.fspath(target)))

    return bool(on_gui_thread(native, shoot))


def ask_for_attention(native: Any) -> None:
    """The window's entry in the bar of windows blinks, or bounces, as the desktop does that."""
    from qtpy.QtWidgets import QApplication

    on_gui_thread(native, lambda: QApplication.alert(native))
