"""A window on a console of its own, that looks at itself and closes: the tests of the window run this as a program.

probe_window.py FOLDER PICTURE: prints one JSON object with what it saw, and ends as the real program ends. Its mouse
and keyboard are Qt's own events; its dialogs are the real ones.
"""

import json
import os
import smtplib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.rules.settings import check_composition
from cmcdesk.starting import DeskOptions
from cmcdesk.window.qt import on_gui_thread, run_script
from cmcdesk.window.shell import Shell

MAIL = b"From: a@example.com\r\nSubject: =?UTF-8?B?44GK5ZWP44GE5ZCI44KP44Gb?=\r\n\r\n\xe6\xb7\xb1\xe3\x81\x84\r\n"
SETTINGS = {"name": "pro", "plan": "pro", "subdomain": "pro", "receiving": {"inbound_domains": ["form.example.com"]}}
SECONDS = 60  # on a busy machine
ONCE_MORE = 5
#: A missing font draws the same box for every character.
GLYPHS_DIFFER = """(() => {
    const draw = (letter) => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 40;
        const pen = canvas.getContext("2d");
        pen.font = "30px " + getComputedStyle(document.body).fontFamily;
        pen.fillText(letter, 2, 32);
        return canvas.toDataURL();
    };
    return draw("骨") !== draw("直");
})()"""
MIDDLE_OF_DOWNLOAD = """(() => {
    const box = document.querySelector("a[download]").getBoundingClientRect();
    return `${box.left + box.width / 2} ${box.top + box.height / 2}`;
})()"""


class Probe(Shell):
    """Looks at the first page, saves a mail as its user would, closes with a session open, and takes the picture."""

    def __init__(self, folder: Path, open_desk: Callable[[], Desk]) -> None:
        super().__init__(folder, open_desk)
        self.seen: dict[str, Any] = {}
        self.sent = b""

    def _grab(self, target: Path) -> None:
        try:
            self.walk(self.folder / "saved.eml")  # not there yet, or the dialog would ask once more
        except Exception as error:  # what was seen until then tells more than a trace of this thread
            self.seen["fault"] = repr(error)
            self.in_dialog(lambda dialog: dialog.reject())  # the window cannot close under it
        super()._grab(target)

    def walk(self, target: Path) -> None:
        """All that is looked at, in one window."""
        self.wait_for_page("location.protocol === 'http:' && document.readyState === 'complete'")
        assert self._desk
        self.seen |= {"glyphs": self.ask(GLYPHS_DIFFER), "address": self.ask("location.href")}
        console = self.ask("location.href").split("/")[2]
        self.seen["places"] = [console, *(place.receiving for place in self._desk.placements())]
        self.seen["menu"] = on_gui_thread(self._window.native, self.list_menu)
        self.send_mail()
        self.go("/mails/1")
        self.wait_for_page("document.readyState === 'complete' && document.querySelector('a[download]') !== null")
        self.seen["language"] = self.ask("document.documentElement.lang")
        self.seen["suggested"] = self.wait_for(lambda: self.click_and_save(target))
        self.seen["saved_whole"] = self.wait_for(lambda: target.exists() and target.read_bytes() == MAIL)
        self.seen["page_stays"] = self.wait_for_page("document.querySelector('a[download]') !== null")
        self.close_with_a_session()

    def list_menu(self) -> list[str]:
        """Titles of the menus."""
        return [action.text() for action in self._window.native.menuBar().actions()]

    def click_at(self, x: float, y: float) -> None:
        """A press and a release of the mouse on the page."""

        def click() -> None:
            from qtpy.QtCore import QPoint, Qt
            from qtpy.QtTest import QTest

            page = self._window.native.webview.focusProxy()
            QTest.mouseClick(page, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))

        on_gui_thread(self._window.native, click)

    def click_and_save(self, target: Path) -> Any:
        """A click may come before the page is painted, and nobody sees it: then once more, as a user would."""
        self.click_at(*map(float, self.ask(MIDDLE_OF_DOWNLOAD).split()))
        deadline = time.monotonic() + ONCE_MORE
        while not (suggested := self.in_dialog(self.save_as(target))) and time.monotonic() < deadline:
            self._window.events.closed.wait(0.02)
        return suggested

    def in_dialog(self, act: Callable[[Any], Any]) -> Any:
        """Do something to the dialog that is open: what that gives, None while there is none."""

        def look() -> Any:
            from qtpy.QtWidgets import QApplication

            dialog = QApplication.activeModalWidget()
            return act(dialog) if dialog is not None and dialog.isVisible() else None

        return on_gui_thread(self._window.native, look)

    @staticmethod
    def save_as(target: Path) -> Callable[[Any], str]:
        """Type a name into the save dialog, and press its button → the name that it proposed."""

        def act(dialog: Any) -> str:
            from qtpy.QtCore import Qt
            from qtpy.QtTest import QTest
            from qtpy.QtWidgets import QLineEdit

            field = dialog.findChild(QLineEdit, "fileNameEdit")
            proposed = Path(field.text()).name
            field.setText(os.fspath(target))
            QTest.keyClick(field, Qt.Key.Key_Return)
            return proposed

        return act

    def close_with_a_session(self) -> None:
        """The window asks; cancelled, it stays. Its place is changed meanwhile."""
        host, _, port = self.receiving.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=SECONDS) as session:
            session.ehlo()
            self.wait_for(lambda: self._count())
            self.close()
            self.seen["asked"] = self.wait_for(lambda: self.in_dialog(self.cancel))
        self.wait_for(lambda: not self._count())
        self.seen["stays"] = not self._window.events.closed.is_set()
        self._window.resize(1000, 700)
        self.wait_for(lambda: self._window.width == 1000)

    @staticmethod
    def cancel(dialog: Any) -> str:
        """Press the button that keeps the window → what was asked."""
        buttons = {button.text(): button for button in dialog.buttons()}
        dialog.button(dialog.StandardButton.Cancel).click()
        return f"{dialog.text()}\n{' '.join(sorted(buttons))}"

    def ask(self, script: str) -> Any:
        """What it gives on the page; None where that goes meanwhile."""
        return run_script(self._window.native, script) if self._window.events.shown.is_set() else None

    def wait_for_page(self, condition: str) -> bool:
        """Until the page says so."""
        return bool(self.wait_for(lambda: self.ask(condition)))

    def wait_for(self, look: Callable[[], Any]) -> Any:
        """Until there is something; raises TimeoutError."""
        deadline = time.monotonic() + SECONDS
        while not (found := look()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {SECONDS} s; seen: {self.seen}")
            self._window.events.closed.wait(0.02)
        return found

    @property
    def receiving(self) -> str:
        """host:port of the receiving server."""
        assert self._desk
        return self._desk.placements()[0].receiving or ""

    def send_mail(self) -> None:
        """So that there is a mail to look at."""
        host, _, port = self.receiving.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=SECONDS) as session:
            session.sendmail("a@example.com", ["info@form.example.com"], MAIL)


def main() -> int:
    folder, picture = Path(sys.argv[1]), Path(sys.argv[2])
    options = DeskOptions(folder, 0, Placing(receiver_port=0), settings=(check_composition(SETTINGS),))

    def open_desk() -> Desk:
        probe.seen["splash"] = probe.wait_for(lambda: probe.ask("document.body && document.body.textContent.trim()"))
        return Desk(options)

    probe = Probe(folder, open_desk)
    code = probe.run(picture)
    print(json.dumps(probe.seen))
    return code


if __name__ == "__main__":
    sys.exit(main())
