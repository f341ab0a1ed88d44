"""What only Qt knows: the real window's tests use all of it; here is what they do not reach."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("qtpy")

PROBE = """
import sys, threading
from pathlib import Path
from cmcdesk.window.place import Area
from cmcdesk.window.qt import ask_for_attention, bring_forward, on_gui_thread, prepare_application, read_native_place
from cmcdesk.window.qt import Splash, take_picture

screens = prepare_application("ja", Path(sys.argv[1]))
assert screens and isinstance(screens[0], Area) and screens[0].width > 0
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QMainWindow
app = QApplication.instance()
assert app.desktopFileName() == "cmcdesk" and not app.windowIcon().isNull()
box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
assert [button.text() for button in box.buttons()] == ["キャンセル"]
splash = Splash("起動しています")
picture = splash._screen.grab().toImage()
assert splash._screen.isVisible() and len({picture.pixel(x, y) for x in range(380) for y in range(200)}) > 3
window = QMainWindow()
window.setGeometry(60, 70, 800, 600)
window.show()
seen = []

def look():
    seen.append(on_gui_thread(window, lambda: read_native_place(window)))
    on_gui_thread(window, window.showMaximized)
    on_gui_thread(window, window.showMinimized)
    bring_forward(window)
    seen.append(on_gui_thread(window, lambda: (window.isMinimized(), window.isMaximized())))
    seen.append(on_gui_thread(window, lambda: read_native_place(window)))
    ask_for_attention(window)
    splash.close(window)
    seen.append(splash._screen.isVisible())
    seen.append(take_picture(window, Path(sys.argv[2])))
    on_gui_thread(window, window.close)
    app.quit()

threading.Thread(target=look).start()
app.exec_() if hasattr(app, "exec_") else app.exec()
small, states, large, is_splashing, painted = seen
assert is_splashing is False
assert (small.width, small.height, small.is_maximized) == (800, 600, False), small
assert states == (False, True), states
assert (large.width, large.height, large.is_maximized) == (800, 600, True), large
assert painted is False  # one colour: no page yet
"""


def test_a_window_of_qt(tmp_path: Path, root: Path) -> None:
    icon = root / "cmcdesk" / "console" / "static" / "icon.svg"
    command = [sys.executable, "-c", PROBE, str(icon), str(tmp_path / "picture.png")]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
