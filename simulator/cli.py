"""cmcsim: mails and bounces, loads, a webhook sink, the acceptance run, benches. Imports only what a command needs.

Exit codes: 0 good, 1 the thing asked about is not so (a mail was refused, a scenario failed), 2 misuse.
"""

import json
import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from simulator import __version__
from simulator.help import SpokenGroup

Command = TypeVar("Command", bound=Callable[..., Any])
TARGET = "127.0.0.1:10026"


@click.group(cls=SpokenGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="cmcsim")
def main() -> None:
    """Send mail as the outside world does, take webhooks, prove what the receiving server does."""
    os.umask(0o077)  # what is written holds mails, webhooks and tokens: for this user alone


def add_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Put the options on a command, in the order given."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


sending = add_options(
    click.option("--target", default=TARGET, show_default=True, metavar="HOST:PORT", help="Receiving server."),
    click.option("--allow-remote", is_flag=True, help="Allow a target that is not this machine."),
    click.option("--sender", help='MAIL FROM; "" for the null sender.'),
    click.option("--count", type=click.IntRange(1), help="Mails to send."),
    click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Seconds to send for."),
    click.option("--sessions", type=click.IntRange(1), default=1, show_default=True, help="Sessions."),
    click.option("--mails-per-session", type=click.IntRange(0), default=0, help="0: one connection for all."),
    click.option("--rate", type=click.FloatRange(0), help="Mails a second; without it, as fast as they are taken."),
    click.option("--shape", type=click.Choice(["constant", "ramp", "burst", "wave"]), default="constant"),
    click.option("--peak", type=float, default=0.0, help="Highest rate of a ramp, burst or wave."),
    click.option(
        "--period", type=float, default=10.0, show_default=True, help="Seconds of a ramp, or from peak to peak."
    ),
    click.option("--lasting", type=float, default=1.0, show_default=True, help="Seconds that a burst lasts."),
    click.option("--size", help="Octets: 2048, 100k, 10M or a range 1k-100k."),
    click.option("--declare-size", is_flag=True, help="Declare SIZE= at MAIL where it is offered."),
    click.option(
        "--patience", type=float, default=30.0, show_default=True, help="Seconds of silence to give up after."
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="The same seed sends the same mails."),
    click.option("--run", help="Ten hexadecimal digits that the Message-IDs begin with; else drawn with the seed."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
    click.option("--controlled", is_flag=True, help="For programs: JSON lines out; pause, resume, stop as lines in."),
)


@main.command()
@click.option(
    "--to",
    multiple=True,
    default=["info@mailform.example.com"],
    show_default=True,
    help="Recipients.",
)
@click.option("--header-from", help="The customer's address in From.")
@click.option("--subject", help="Subject.")
@click.option("--text", help="Text.")
@click.option(
    "--charset",
    type=click.Choice(["utf-8", "iso-2022-jp", "iso-2022-jp-ms", "shift_jis", "windows-31j", "euc-jp"]),
    default="utf-8",
    show_default=True,
    help="Charset of the text.",
)
@click.option("--html", is_flag=True, help="With an HTML alternative.")
@click.option("--half-width", is_flag=True, help="Kana as half-width kana.")
@click.option(
    "--attachments",
    multiple=True,
    type=click.Choice(["text", "png", "pdf", "zip"]),
    help="Attachments.",
)
@click.option("--tag", default="", help="Makes info@ info+TAG@.")
@click.option("--spam", type=click.Choice(["own-domain", "same-address"]), help="Break a rule of the spam judgment.")
@sending
def form(**options: Any) -> None:
    """Send mails as a contact form does."""
    send("form", options)


@main.command()
@click.option("--kind", default="postfix/unknown-user", show_default=True, help="One of --list.")
@click.option("--list", "listed", is_flag=True, help="Show all kinds.")
@click.option("--details", is_flag=True, help="With --list --json: sender, cause and language of each kind too.")
@click.option("--to", multiple=True, default=["bounce@return.example.com"], show_default=True, help="Return address.")
@click.option("--header-from", help="From of the mail that failed.")
@click.option("--subject", help="Subject of the mail that failed.")
@sending
def bounce(listed: bool, details: bool, **options: Any) -> None:
    """Send bounces as the mail servers of the world write them."""
    if listed:
        from simulator.traffic.catalogue import CATALOGUE, describe_kinds

        names = [kind.name for kind in CATALOGUE]
        in_json = json.dumps(describe_kinds() if details else names)
        click.echo(in_json if details or options["as_json"] else "\n".join(names))
    else:
        send("bounce", options)


@main.command()
@click.option("--mail", type=click.Choice(["plain", "form", "bounce"]), default="plain", show_default=True)
@click.option(
    "--to",
    multiple=True,
    default=["bounce@return.pro.smtps.jp"],
    show_default=True,
    help="Recipients.",
)
@click.option("--kind", default="postfix/unknown-user", show_default=True, help="Of bounces.")
@sending
def load(mail: str, **options: Any) -> None:
    """Send at a rate, over many sessions, for a while."""
    send(mail, options)


def send(mail: str, options: dict[str, Any]) -> None:
    """Send what the options say, draw the line, print the summary; exit 1 if any mail was not accepted."""
    from simulator.load.client import RemoteTarget
    from simulator.load.progress import print_summary, run_controlled, run_watched
    from simulator.load.runner import LoadFailed
    from simulator.load.traffic_plan import make_load, make_traffic

    target, as_json, remote = (options.pop(name) for name in ("target", "as_json", "allow_remote"))
    controlled, run = options.pop("controlled"), options.pop("run")
    host, port = read_target(target)
    if run is not None and not re.fullmatch("[0-9a-f]{10}", run):
        raise click.UsageError(f"run {run!r}: give ten hexadecimal digits, like 0123456789")
    try:
        running, pool = make_load(make_traffic({"mail": mail, **options}), host, port, remote)
    except (ValueError, RemoteTarget, OSError) as fault:
        raise click.UsageError(str(fault)) from fault
    pool.run = run or pool.run
    try:
        tally = run_controlled(running, pool.run) if controlled else run_watched(running, shown=not as_json)
    except LoadFailed as fault:
        raise click.ClickException(str(fault)) from fault
    data = {"run": pool.run} | tally.as_data()
    if as_json or controlled:
        click.echo(json.dumps(data, ensure_ascii=False))
    else:
        print_summary(data)
    raise SystemExit(0 if tally.accepted == tally.finished and tally.accepted else 1)


def read_target(text: str) -> tuple[str, int]:
    """HOST:PORT as two; raises click.UsageError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise click.UsageError(f"target {text!r}: give HOST:PORT, like {TARGET}")
    return host.strip("[]"), int(port)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8027, show_default=True, help="0: any free.")
@click.option("--behave", multiple=True, metavar="PATH=SCRIPT", help="As in /hook=500x3,slow:2@10,200. Repeatable.")
def sink(port: int, behave: tuple[str, ...]) -> None:
    """Take webhooks on loopback, answer as told, show what came.

    \b
    SCRIPT: acts in turn, comma between: STATUS, slow:SECONDS, hang-up, redirect:LOCATION;
    each with xN (posts) or @S (seconds). PUT /_sink/behaviour {"/path": "SCRIPT"} changes it;
    GET /_sink/received?path=&after= shows what came.
    """
    import threading

    from simulator.sink.behaviour import BadScript
    from simulator.sink.sink import Sink

    running = Sink(port=port)
    try:
        for one in behave:
            path, _, script = one.partition("=")
            running.behaviours.put(path, script)
        running.start()
    except (BadScript, OSError) as fault:
        raise click.UsageError(str(fault)) from fault
    click.echo(f"{running.url}/  (what came: {running.url}/_sink/received)")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()


@main.group()
def world() -> None:
    """The world around: DNS, and mail servers that take, refuse and return."""


@world.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False), required=False)
@click.option("--ready-file", type=click.Path(dir_okay=False), help="Written when all listens: resolver and forwards.")
@click.option("--speed", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True, help="Of its clock.")
@click.option(
    "--controlled", is_flag=True, help="For programs: one line when it is ready; ends with its standard input."
)
def up(file: str | None, ready_file: str | None, speed: float, controlled: bool) -> None:
    """Run the world of FILE (TOML; without one, an example) until it is ended."""
    from simulator.world.file import BadWorld
    from simulator.world.world import run_world

    try:
        run_world(file, ready_file, speed, controlled)
    except (BadWorld, OSError) as fault:
        raise click.UsageError(str(fault)) from fault


@main.command()
@click.argument("scenarios", nargs=-1)
@click.option("--list", "listed", is_flag=True, help="Show the scenarios.")
@click.option("--details", is_flag=True, help="With --list: everything about them, as JSON.")
@click.option("--api", help="URL with ?token= of a cmcdesk that runs; without it one is started.")
@click.option("--target", metavar="HOST:PORT", help="Where its first composition receives, if not as its API says.")
@click.option("--junit", type=click.Path(dir_okay=False), help="Write JUnit XML there.")
@click.option("--html", type=click.Path(dir_okay=False), help="Write the report page there (ja, en).")
@click.option("--language", type=click.Choice(["en", "ja"]), help="Of table (else en) and page (else the browser's).")
@click.option("--controlled", is_flag=True, help="For programs: tells as JSON lines; ends with its standard input.")
@click.option("--falsify", is_flag=True, help="Expect what each fact declares as false: every scenario must fail.")
def accept(scenarios: tuple[str, ...], listed: bool, details: bool, **options: Any) -> None:
    """Play the acceptance scenarios (all, or those named)."""
    from simulator.acceptance.accept import list_titles, run_acceptance
    from simulator.acceptance.scenario import BadScenario, list_scenarios

    try:
        chosen = list_scenarios(scenarios)
    except BadScenario as fault:
        raise click.UsageError(str(fault)) from fault
    if listed:
        list_titles(chosen, options["language"] or "en", details)
    else:
        raise SystemExit(run_acceptance(chosen, options))


@main.command()
@click.option("--full", is_flag=True, help="The whole matrix: 2 KB to 10 MB, 1 to 100 sessions, new connections too.")
@click.option("--parts", help="Of these nine, comma between; else all.")
@click.option("--sizes", help="Octets of a mail, comma between. Default 2000; --full: 2000,100000,10000000.")
@click.option("--sessions", help="Sessions at a time, comma between. Default 100; --full: 1,10,50,100.")
@click.option("--new-connections", is_flag=True, help="Measure a new connection for each mail too.")
@click.option("--anew", is_flag=True, help="Start each receiver again, in an empty folder, for each run of a rate.")
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="Of each cell.")
@click.option("--seconds", type=click.FloatRange(0.05, 600), default=8.0, show_default=True, help="Of one run.")
@click.option("--intervals", default="10,100,1000", show_default=True, help="Of the spacing, milliseconds.")
@click.option("--spaced-sessions", default="1,50,100", show_default=True, help="Of the spacing.")
@click.option("--stored", help="Mails stored in growth. Default 10000,100000; --full: 1000000 too.")
@click.option(
    "--beside", default="smtp-sink,aiosmtpd,aiosmtpd-commit", show_default=True, help='Also cmcdesk-relay; or "none".'
)
@click.option("--peer", multiple=True, metavar="NAME=HOST:PORT", help="Set this running server beside it. Repeatable.")
@click.option("--start", multiple=True, metavar="NAME=COMMAND", help="Start this; {port}, {folder}, {python} in it.")
@click.option("--with-dispatch", is_flag=True, help="Call the webhooks that match, too.")
@click.option("--allow-remote", is_flag=True, help="Allow a peer that is not this machine.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False), help="Write all figures there.")
@click.option("--svg", "svg_file", type=click.Path(dir_okay=False), help="Write a chart of the ratios there.")
def bench(json_file: str | None, svg_file: str | None, **given: Any) -> None:
    """Measure a cmcdesk of its own beside other receivers, in turn.

    \b
    rate      mails a second, CPU, memory and the ratios, by size and sessions
    latency   last octet to 250 under full load
    spacing   what the interval keeps, at 10, 100 and 1000 ms
    startup   to the first 220 and the first page; idle CPU and memory
    fsyncs    calls a mail
    webhooks  posts a second to one endpoint
    bounces   read a second
    growth    lists and searches with more and more mails stored
    """
    from simulator.bench.command import run_bench
    from simulator.bench.options import BadOption, read_options

    try:
        options = read_options(given)
    except BadOption as fault:
        raise click.UsageError(str(fault)) from fault
    raise SystemExit(run_bench(options, json_file, svg_file))


if __name__ == "__main__":
    main()
