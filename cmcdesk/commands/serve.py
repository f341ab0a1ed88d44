"""`cmcdesk serve`: console and mail server without a window."""

import json
import logging
import os
import signal
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmcdesk.processes import paths
from cmcdesk.processes.flags import Flags
from cmcdesk.processes.instance import AlreadyRunning, write_private
from cmcdesk.processes.placing import LOOPBACK, RECEIVING_PORT, RELAY_PORT, BadListen, Placing, parse_listen
from cmcdesk.processes.system import END_SIGNALS
from cmcdesk.processes.terminal import PlaceTeller, choose_language, in_locale
from cmcdesk.processes.webserver import CannotBind
from cmcdesk.processes.world_note import BadWorldNote, WorldNote, parse_world_note
from cmcdesk.starting import CONSOLE_PORT, DeskOptions, StartFailed, begin_early, making_console

if TYPE_CHECKING:  # the console is imported while the mail server starts
    from cmcdesk.desk import Desk
    from cmcdesk.rules.settings import Composition

log = logging.getLogger(__name__)

A_FILE = click.Path(path_type=Path, dir_okay=False)
A_PORT = click.IntRange(0, 65535)


@click.command("serve")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the databases are.")
@click.option("--port", type=A_PORT, default=CONSOLE_PORT, show_default=True, help="Of the console; 0: any free one.")
@click.option(
    "--console-bind", default=LOOPBACK, metavar="ADDRESS", help="Of the console; 0.0.0.0: all of this machine."
)
@click.option("--allow-host", multiple=True, metavar="NAME", help="A name (or NAME:PORT) that browsers ask it by.")
@click.option(
    "--receiver-port", type=A_PORT, default=RECEIVING_PORT, show_default=True, help="Of all receiving servers; 0: any."
)
@click.option("--relay-port", type=A_PORT, default=RELAY_PORT, show_default=True, help="Of all relay servers.")
@click.option("--listen", multiple=True, metavar="NAME=HOST:PORT", help="Move the receiving server of one composition.")
@click.option("--allow-non-loopback", is_flag=True, help="Let --listen name an address that other machines reach.")
@click.option("--tls-port", type=A_PORT, help="Of implicit TLS, where it is switched on (10465); 0: any free one.")
@click.option("--api-tls-port", type=A_PORT, help="Of an HTTPS end for CMC's API (8443); 0: any free one.")
@click.option("--tls-cert", type=A_FILE, help="Certificate (chain) for TLS, as PEM; else the own CA issues one.")
@click.option("--tls-key", type=A_FILE, help="Its key, where that is not in the same file.")
@click.option("--tls-name", multiple=True, metavar="NAME", help="One more name that the own CA certifies.")
@click.option("--settings", type=A_FILE, help="Replace all compositions by those of this file, and apply them.")
@click.option("--world", type=A_FILE, help="Ready file of a simulated world (cmcsim world up) to use.")
@click.option("--ready-file", type=A_FILE, help="Appears, with addresses and token, when everything is listening.")
@click.option("--while-stdin", is_flag=True, help="End when standard input ends: whoever started it is gone then.")
@click.option("--without-interval", is_flag=True, help="For benches: no receiving interval.")
@click.option("--without-dispatch", is_flag=True, help="For benches: no webhook is called.")
def command(data_dir: Path | None, ready_file: Path | None, settings: Path | None, **given: Any) -> None:
    """Serve the console and the mail server until SIGTERM, SIGHUP or Ctrl-C.

    Prints the console's address, which opens with its launch token, and the SMTP address of each composition. Exit
    codes: 0 after a clean end, 1 when it cannot start (port or data folder in use), 2 for wrong options or settings.
    """
    options = DeskOptions(
        folder=paths.data_dir(data_dir),
        port=given["port"],
        bind=read_bind_address(given["console_bind"]),
        hosts=tuple(name.lower() for name in given["allow_host"]),
        placing=read_placing(given),
        flags=Flags(given["without_interval"], given["without_dispatch"]),
        settings=read_settings_option(settings) if settings else None,
        tls=read_tls(given),
        api_tls_port=given["api_tls_port"],
        world=read_world_option(given["world"]) if given["world"] else None,
    )
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    warn_of_others(options)
    try:
        serve(options, ready_file, given["while_stdin"])
    except (StartFailed, CannotBind, AlreadyRunning) as failure:
        raise click.ClickException(in_locale(failure.message)) from failure


def serve(options: DeskOptions, ready_file: Path | None, while_stdin: bool = False) -> None:
    """Run until a signal, or the end of standard input; raises AlreadyRunning, CannotBind or StartFailed when it cannot
    start."""
    if ready_file:
        ready_file.unlink(missing_ok=True)  # one of an earlier run would lie
    stopped = threading.Event()
    for number in (*END_SIGNALS, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if while_stdin:
        threading.Thread(target=_stop_at_end, args=(stopped,), name="stdin", daemon=True).start()
    begun = begin_early(options)
    with making_console():
        from cmcdesk.desk import Desk

        made = Desk(options, begun)
    with made as desk:
        # Not in the handler: it may interrupt the very code whose locks a stop needs.
        threading.Thread(target=_stop_at, args=(stopped, desk), name="stopper", daemon=True).start()
        try:
            desk.start()
        except StartFailed:
            if stopped.is_set():
                return  # what was told to stop while it started needs no excuse
            raise
        if ready_file:
            write_private(ready_file, json.dumps(desk.read_note(), ensure_ascii=False))
        click.echo(desk.url)
        if (api_tls := desk.read_note()["api_tls"]) is not None:
            click.echo(in_locale("CMC's API over TLS: port %(port)s (trust cmcdesk tls ca)", port=api_tls))
        tell_places = PlaceTeller(desk.placements, click.echo)
        desk.on_places(tell_places)
        tell_places()
        stopped.wait()


def _stop_at(stopped: threading.Event, desk: "Desk") -> None:
    stopped.wait()
    desk.begin_stop()


def _stop_at_end(stopped: threading.Event) -> None:
    while os.read(0, 4096):  # the descriptor itself: a daemon thread must hold no lock of sys.stdin
        pass
    stopped.set()


def read_bind_address(text: str) -> str:
    """An address of this machine, for --console-bind; anything else is a misuse (exit 2)."""
    try:
        return str(ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        raise click.BadParameter(
            in_locale("%(given)s is no IP address", given=repr(text)), param_hint="--console-bind"
        ) from None


def warn_of_others(options: DeskOptions) -> None:
    """Say it where other machines may reach the console."""
    if not ip_address(options.bind).is_loopback:
        names = ", ".join(options.hosts) or "no name but this computer's own (--allow-host adds one)"
        log.warning(
            "the console listens on %s: other machines may reach it, unencrypted. It still demands its token, and"
            " answers to %s",
            options.bind,
            names,
        )


def read_placing(given: dict[str, Any]) -> Placing:
    """The options about listeners; a wrong --listen is a misuse (exit 2)."""
    try:
        moved = dict(parse_listen(text, given["allow_non_loopback"]) for text in given["listen"])
    except BadListen as wrong:
        raise click.BadParameter(in_locale(wrong.message), param_hint="--listen") from wrong
    return Placing(given["receiver_port"], given["relay_port"], moved)


def read_tls(given: dict[str, Any]) -> tuple[str, ...]:
    """The options about certificates as the mail server takes them; files that cannot be used are a misuse (exit 2)."""
    certificate, key = given["tls_cert"], given["tls_key"]
    if key and not certificate:
        raise click.BadParameter(in_locale("needs --tls-cert too"), param_hint="--tls-key")
    if certificate:
        from cmcdesk.processes.certificates import BadCertificate, load_context

        try:
            load_context(certificate, key)
        except BadCertificate as wrong:
            raise click.BadParameter(in_locale(wrong.message), param_hint="--tls-cert") from wrong
    files = {"--tls-cert": certificate, "--tls-key": key}
    told = {"--tls-port": given["tls_port"], **{name: path and path.resolve() for name, path in files.items()}}
    options = [(name, str(value)) for name, value in told.items() if value is not None]
    options += [("--tls-name", name) for name in given["tls_name"]]
    return tuple(f"{name}={text}" for name, text in options)


def read_world_option(path: Path) -> WorldNote:
    """The world of a ready file; one that is none is a misuse (exit 2)."""
    try:
        return parse_world_note(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, BadWorldNote) as fault:
        said = in_locale(fault.message) if isinstance(fault, BadWorldNote) else getattr(fault, "strerror", fault)
        told = in_locale("%(path)s is no ready file of a world: %(reason)s", path=path, reason=said)
        raise click.BadParameter(told, param_hint="--world") from fault


def read_settings_option(path: Path) -> "tuple[Composition, ...]":
    """The compositions of the file; a bad one ends the program: one line per error, exit 2."""
    from cmcdesk.rules.settings import SettingsError, read_settings_file

    try:
        return tuple(read_settings_file(path.read_bytes()))
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--settings") from error
    except SettingsError as wrong:
        for fault in wrong.errors:
            click.echo(f"{path}: {fault.line(choose_language())}", err=True)
        raise click.exceptions.Exit(2) from wrong
