"""`cmcdesk` without a command: the console in a window of its own; without a display, in the system's browser."""

import signal
import threading
from pathlib import Path

import click

from cmcdesk import paths
from cmcdesk.desk import Desk, DeskOptions, StartFailed
from cmcdesk.instance import AlreadyRunning
from cmcdesk.webserver import PortInUse
from cmcdesk.window.display import can_show_window, open_browser
from cmcdesk.window.raising import raise_running_window


def open_console(data_dir: Path | None, grab: Path | None) -> int:
    """Run until the window is closed (or, without one, until SIGTERM or Ctrl-C). The exit code.

    `grab`: save a picture of the window there once the page is painted, and close it.
    """
    folder = paths.data_dir(data_dir)
    try:
        desk = _build_desk(folder)
    except AlreadyRunning as other:
        return raise_running_window(other)
    except StartFailed as failure:
        click.echo(failure, err=True)
        return 1
    with desk:
        if can_show_window():
            from cmcdesk.window.shell import Shell

            return Shell(desk).run(grab)
        return show_in_browser(desk)


def _build_desk(folder: Path) -> Desk:
    """On the usual port, so that programs find the API; on any free one where that is taken."""
    try:
        return Desk(DeskOptions(folder))
    except PortInUse:
        return Desk(DeskOptions(folder, port=0))


def show_in_browser(desk: Desk) -> int:
    """Serve, open the system's browser where there is one, and wait for SIGTERM or Ctrl-C."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    desk.start()
    click.echo(desk.url)
    open_browser(desk.url)
    stopped.wait()
    return 0
