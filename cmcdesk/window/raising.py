"""A second start on the same data folder: the first one's window comes to the front."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import click
from flask import Flask

from cmcdesk.console.frame.guard import CODES_PATH
from cmcdesk.processes.instance import AlreadyRunning
from cmcdesk.window.display import open_browser

PATH = "/api/v1/window/raise"
PATIENCE = 5.0  # seconds


def install_raising(app: Flask, raise_window: Callable[[], None]) -> None:
    """The route that a second start posts to; as all of the API it wants the launch token."""

    def answer() -> tuple[str, int]:
        raise_window()
        return "", 204

    app.add_url_rule(PATH, "raise_window", answer, methods=["POST"])


def raise_running_window(other: AlreadyRunning) -> int:
    """Ask the running instance; one that serves without a window is opened in the browser. The exit code."""
    if not other.running:
        return _tell(str(other), 1)
    status, _ = _post(other, PATH)
    if status == 204:
        return 0
    if status == 404:  # it serves without a window
        status, answer = _post(other, CODES_PATH)
        if status == 201:
            url = json.loads(answer)["url"]
            return _tell(other.address if open_browser(url) else url, 0)
    return _tell(str(other), 1)


def _post(other: AlreadyRunning, path: str) -> tuple[int | None, bytes]:
    url, token = urljoin(other.running["url"], path), other.running["token"]
    request = urllib.request.Request(url, json.dumps({}).encode(), {"Authorization": f"Bearer {token}"})
    direct: Any = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is no proxy's business
    try:
        with direct.open(request, timeout=PATIENCE) as answer:
            return int(answer.status), answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, b""
    except OSError:
        return None, b""


def _tell(text: str, code: int) -> int:
    click.echo(text, err=bool(code))
    return code
