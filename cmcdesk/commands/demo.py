"""`cmcdesk demo`: the demo in a window, or in the system's browser, on a data folder that goes away afterwards."""

import json
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cmcdesk.console.demo.demo_page import begin_demo
from cmcdesk.console.demo.door import FOLDER
from cmcdesk.console.frame.database import save_desk_setting
from cmcdesk.console.frame.language import SETTING_KEY, Display
from cmcdesk.desk import Desk
from cmcdesk.processes import paths
from cmcdesk.processes.instance import AlreadyRunning, is_held
from cmcdesk.processes.placing import Placing
from cmcdesk.processes.system import END_SIGNALS
from cmcdesk.processes.terminal import in_locale
from cmcdesk.processes.webserver import CannotBind
from cmcdesk.rules.settings import Composition, check_composition, defaults_of
from cmcdesk.rules.texts import tell
from cmcdesk.starting import DeskOptions, StartFailed
from cmcdesk.window.opening import show_in_window
from cmcdesk.window.raising import can_show_window, open_browser

log = logging.getLogger(__name__)

A_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("demo")
@click.option("--pace", type=click.FloatRange(0.1, 100.0), default=1.0, show_default=True, help="Times as fast.")
@click.option("--data-dir", type=A_FOLDER, help="Its own folder, demo, lies in this one while it plays.")
@click.option("--serve", is_flag=True, help="Print the address and open nothing.")
@click.option("--controlled", is_flag=True, help="For programs: the address as JSON; ends with its standard input.")
@click.option("--back", default="", help="Where the end leads, with --controlled.")
@click.option("--display", default="{}", help="Display settings as JSON.")
def command(data_dir: Path | None, pace: float, **given: Any) -> None:
    """Play the demo: traffic, limits that change, refusals, bounces, webhooks, the journey of a mail.

    It plays on a cmcdesk of its own, with free ports and a data folder of its own: yours is not touched. Opens in a
    window; where there is no display, in the system's browser.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    display = read_display(given["display"])
    try:
        with keep_folder(paths.data_dir(data_dir) / FOLDER) as own:
            options = DeskOptions(own, port=0, placing=Placing(0, 0), settings=(make_composition(),), first_page="demo")
            with Desk(options) as desk:
                services = desk.app.extensions["services"]
                save_desk_setting(services.engine, SETTING_KEY, display.model_dump())
                play(desk, pace, given)
    except (StartFailed, CannotBind, AlreadyRunning) as failure:
        raise click.ClickException(in_locale(failure.message)) from failure


def read_display(text: str) -> Display:
    """Of --display; anything else is a misuse (exit 2)."""
    try:
        return Display.model_validate(json.loads(text))
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--display") from None


def make_composition() -> Composition:
    """What the demo plays on: one that takes bounces and form mails."""
    data = defaults_of("pro", "pro", "pro").as_data()
    data["receiving"]["inbound_domains"] = ["mailform.example.com"]
    return check_composition(data)


@contextmanager
def keep_folder(folder: Path) -> Iterator[Path]:
    """The folder, empty, for as long as the demo plays. Raises AlreadyRunning."""
    if is_held(folder):
        raise StartFailed(tell("the demo is being played already (%(folder)s)", folder=folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play(desk: Desk, pace: float, given: dict[str, Any]) -> None:
    """Until the window is closed, a signal comes, or whoever started it lets go."""
    ended = threading.Event()
    if not (given["controlled"] or given["serve"]) and can_show_window():
        begin_demo(desk.app, pace)
        show_in_window(desk)
        return
    for number in (*END_SIGNALS, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    desk.start()
    begin_demo(desk.app, pace, given["back"], ended.set if given["controlled"] else None)
    if given["controlled"]:
        threading.Thread(target=_end_with_input, args=(ended,), name="input", daemon=True).start()
        click.echo(json.dumps({"url": desk.make_opening_url()}))
    else:
        click.echo(desk.url)
        if not given["serve"]:
            open_browser(desk.make_opening_url())
    ended.wait()


def _end_with_input(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()
