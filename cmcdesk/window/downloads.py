"""Downloads in the window: the web view cannot save files, so the system's own dialog does.

An answer that a browser would download is taken at the WSGI border and written where the user says; the page stays. In
a browser on the same console nothing changes: only requests of the window carry its mark.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from cmcdesk.window.raising import MARK

SaveDialog = Callable[[str], Path | None]  # suggested file name → where to, or None when the user thought better
TellTrouble = Callable[[Path, OSError], None]


class SaveDownloads:
    """WSGI middleware around the console."""

    def __init__(self, app: WSGIApplication, ask: SaveDialog, tell_trouble: TellTrouble) -> None:
        self._app = app
        self._ask = ask
        self._tell_trouble = tell_trouble

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

    def _save(self, answer: Response, target: Path) -> None:
        """Beside it, then renamed: what was there stays until the new file is whole."""
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with beside.open("wb") as file:
                for piece in answer.iter_encoded():
                    file.write(piece)
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            self._tell_trouble(target, error)


def read_suggested_name(answer: Response) -> str | None:
    """The file name of a Content-Disposition "attachment" ("" becomes "download"); None: this is no download."""
    kind, options = parse_options_header(answer.headers.get("Content-Disposition"))
    if kind != "attachment":
        return None
    return Path(options.get("filename", "")).name or "download"
