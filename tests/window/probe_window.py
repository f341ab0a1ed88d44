"""A window on a console of its own, that looks at itself and closes: the tests of the window run this as a program.

probe_window.py FOLDER PICTURE: prints one JSON object with what it saw, and ends as the real program ends.
"""

import json
import smtplib
import sys
import time
from pathlib import Path
from typing import Any

from cmcdesk.desk import Desk, DeskOptions
from cmcdesk.processes.placing import Placing
from cmcdesk.rules.settings import check_composition
from cmcdesk.window.shell import Shell

MAIL = b"From: a@example.com\r\nSubject: =?UTF-8?B?44GK5ZWP44GE5ZCI44KP44Gb?=\r\n\r\n\xe6\xb7\xb1\xe3\x81\x84\r\n"
SETTINGS = {"name": "pro", "plan": "pro", "subdomain": "pro", "receiving": {"inbound_domains": ["form.example.com"]}}
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


class Probe(Shell):
    """Looks at the first page, downloads a mail through its page, and takes the picture."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        super().__init__(desk)
        self.folder = folder
        self.asked: list[str] = []
        self.seen: dict[str, Any] = {}

    def ask_where(self, suggested: str) -> Path:
        """The answer a user would give in the dialog, which no test can reach."""
        self.asked.append(suggested)
        return self.folder / "saved.eml"

    def _grab(self, target: Path) -> None:
        self._window.events.loaded.wait(30)
        self.seen |= {"glyphs": self._window.run_js(GLYPHS_DIFFER), "address": self._window.get_current_url()}
        self.send_mail()
        self._window.load_url(f"{self._desk.url.partition('?')[0]}mails/1")
        self.wait_for("document.querySelector('a[download]') !== null")
        self.seen["language"] = self._window.run_js("document.documentElement.lang")
        self._window.run_js("document.querySelector('a[download]').click()")
        deadline = time.monotonic() + 20
        while not self.asked and time.monotonic() < deadline:
            self._window.events.closed.wait(0.05)
        self.seen["page_stays"] = self.wait_for("document.querySelector('a[download]') !== null")
        super()._grab(target)

    def wait_for(self, condition: str) -> bool:
        """Until the page says so."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self._window.run_js(condition):
                return True
            self._window.events.closed.wait(0.05)
        return False

    def send_mail(self) -> None:
        """So that there is a mail to look at."""
        host, _, port = (self._desk.placements()[0].receiving or "").rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=30) as session:
            session.sendmail("a@example.com", ["info@form.example.com"], MAIL)


def main() -> int:
    folder, picture = Path(sys.argv[1]), Path(sys.argv[2])
    options = DeskOptions(folder, 0, Placing(receiver_port=0), settings=(check_composition(SETTINGS),))
    with Desk(options) as desk:
        probe = Probe(desk, folder)
        code = probe.run(picture)
        saved = folder / "saved.eml"
        probe.seen |= {"asked": probe.asked, "saved_whole": saved.exists() and saved.read_bytes() == MAIL}
    print(json.dumps(probe.seen))
    return code


if __name__ == "__main__":
    sys.exit(main())
