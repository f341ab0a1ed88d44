"""`cmcdesk` without a command: the console in a window of its own; without a display, in the system's browser."""

import logging
import signal
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmcdesk.processes import paths
from cmcdesk.processes.child import LOG_LIMIT
from cmcdesk.processes.instance import AlreadyRunning
from cmcdesk.processes.system import END_SIGNALS
from cmcdesk.processes.terminal import PlaceTeller, choose_language
from cmcdesk.starting import DeskOptions, StartFailed, begin_early, making_console
from cmcdesk.window.raising import (
    can_show_window,
    open_browser,
    prefer_system_browser,
    raise_first,
    raise_running_window,
)

if TYPE_CHECKING:  # a second of imports, which the window does not wait for
    from cmcdesk.desk import Desk


def open_console(data_dir: Path | None, grab: Path | None) -> int:
    """Run until the window is closed (or, without one, until SIGTERM or Ctrl-C). The exit code.

    `grab`: save a picture of the window there once the page is painted, and close it.
    """
    folder = paths.data_dir(data_dir)
    keep_log(folder)
    prefer_system_browser()
    if not can_show_window():
        return _serve(folder)
    if raise_first(folder):
        return 0
    from cmcdesk.window.shell import Shell

    return Shell(folder, lambda: build_desk(folder)).run(grab)


def show_in_window(desk: "Desk") -> int:
    """One that is made already, until the window is closed; without a question, for what it has is not kept."""
    from cmcdesk.window.shell import Shell

    folder: Path = desk.app.extensions["services"].folder
    return Shell(folder, lambda: desk, asks=False).run()


def _serve(folder: Path) -> int:
    try:
        with build_desk(folder) as desk:
            return show_in_browser(desk)
    except AlreadyRunning as other:
        return raise_running_window(other)
    except StartFailed as failure:
        click.echo(failure.message[choose_language()], err=True)
        return 1


def keep_log(folder: Path) -> None:
    """A program started from a menu has no terminal: what it has to say is also in the data folder."""
    file = folder / "log" / "console.log"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = RotatingFileHandler(file, maxBytes=LOG_LIMIT, backupCount=1, encoding="utf-8", delay=True)
    handlers: list[logging.Handler] = [logging.StreamHandler(), kept]
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", handlers=handlers)


def build_desk(folder: Path) -> "Desk":
    """On the usual port, so that programs find the API; on any free one where that is taken."""
    begun = begin_early(DeskOptions(folder))
    with making_console():
        from cmcdesk.desk import Desk
        from cmcdesk.processes.webserver import PortInUse

        try:
            return Desk(DeskOptions(folder), begun)
        except PortInUse:
            return Desk(DeskOptions(folder, port=0))


def show_in_browser(desk: "Desk") -> int:
    """Serve, open the system's browser where there is one, and wait for SIGTERM or Ctrl-C."""
    stopped = threading.Event()
    for number in (signal.SIGINT, *END_SIGNALS):
        signal.signal(number, lambda *_: stopped.set())
    desk.start()
    click.echo(desk.url)
    tell_places = PlaceTeller(desk.placements, click.echo)
    desk.on_places(tell_places)
    tell_places()
    open_browser(desk.make_opening_url())
    stopped.wait()
    return 0
