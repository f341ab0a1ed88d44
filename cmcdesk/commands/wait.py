"""`cmcdesk wait …`: until the servers listen, or something has come; for shells and CI.

Prints what was found as JSON, a line each.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cmcdesk.commands.running_console import ConsoleRefused, NotRunning, RunningConsole, find_console
from cmcdesk.commands.stores import data_dir_option
from cmcdesk.commands.waiting import Kind, Wanted, find_newest, keep_asking, read_header_patterns, wait_for
from cmcdesk.processes.paths import look_for_data_dir
from cmcdesk.processes.terminal import choose_language, in_locale

Command = Callable[..., None]


@click.group()
def command() -> None:
    """Wait until the servers listen, or until a mail, a webhook delivery or a bounce is there.

    What is found is printed as JSON, one object a line. Exit codes: 0 found, 1 not within --timeout, 2 misuse.
    """


timeout_option = click.option(
    "--timeout", type=click.FloatRange(0, 86400), default=30.0, show_default=True, help="Seconds to wait at most."
)


def _take_common(function: Command) -> Command:
    """The options of all that may come."""
    for option in (
        data_dir_option,
        timeout_option,
        click.option("--new", is_flag=True, help="Only what comes from now on."),
        click.option("--after", type=click.IntRange(0), default=0, help="Only what came after this id (number)."),
        click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many."),
        click.option("--composition", help="Only of this server composition."),
    ):
        function = option(function)
    return function


@command.command()
@data_dir_option
@timeout_option
def ready(data_dir: Path | None, timeout: float) -> None:
    """Wait until console, mail server and worker are well and every composition listens."""
    last: dict[str, Any] = {}

    def look() -> dict[str, Any] | None:
        try:
            console = _find_console(data_dir)
            last.update(console.ask("GET", "/healthz").json())
            compositions = console.call("GET", "compositions")["compositions"] if last["status"] == "ok" else []
        except (NotRunning, ConsoleRefused, ValueError):
            return None
        places = [{key: each[key] for key in ("name", "receiving", "relay")} for each in compositions]
        return {"url": console.url, "checks": last["checks"], "compositions": places} if places else None

    found = keep_asking(look, timeout)
    if not found:
        wrong = [f"{part}: {said}" for part, said in last.get("checks", {}).items() if said != "ok"]
        _give_up(timeout, "; ".join(wrong) or in_locale("no cmcdesk answers"))
    click.echo(json.dumps(found, ensure_ascii=False))


@command.command()
@click.option("--to", "recipient", help="The whole address of a recipient.")
@click.option("--subject", help="A part of the subject, in whatever case.")
@click.option("--header", multiple=True, metavar="'NAME: PATTERN'", help="Pattern that is searched in that header.")
@_take_common
def mail(recipient: str | None, subject: str | None, header: tuple[str, ...], **common: Any) -> None:
    """Wait for mails that were stored, received or relayed."""
    headers = _read_headers(header)
    _wait("mail", {"recipient": recipient, "subject": subject}, headers, **common)


@command.command()
@click.option("--filter", "filter_name", help="The name of the notification; events: bounces, deliveries.")
@click.option("--to", "recipient", help="The whole address of the recipient.")
@click.option(
    "--state",
    type=click.Choice(["delivered", "waiting", "given_up", "any"]),
    default="delivered",
    show_default=True,
    help="What became of it.",
)
@_take_common
def webhook(filter_name: str | None, recipient: str | None, state: str, **common: Any) -> None:
    """Wait for webhook deliveries; each is printed with its attempts, as sent and as answered."""
    query = {"filter": filter_name, "recipient": recipient, "state": None if state == "any" else state}
    _wait("webhook", query, {}, **common)


@command.command()
@click.option("--to", "recipient", help="The whole address that failed.")
@click.option("--error-status", type=click.IntRange(1, 99), help="CMC's 1 to 11, or 99.")
@click.option("--subject", help="A part of the original mail's subject.")
@_take_common
def bounce(recipient: str | None, error_status: int | None, subject: str | None, **common: Any) -> None:
    """Wait for bounces that were read."""
    _wait("bounce", {"recipient": recipient, "error_status": error_status, "subject": subject}, {}, **common)


def _wait(kind: Kind, query: dict[str, Any], headers: dict[str, str], **common: Any) -> None:
    """Print what is found, or end with 1. common: the options that all have."""
    ends = time.monotonic() + common["timeout"]
    query["composition"] = common["composition"]
    try:
        console = keep_asking(lambda: _look_for_console(common["data_dir"]), common["timeout"])
        if console is None:
            raise NotRunning(look_for_data_dir(common["data_dir"]))
        after = max(common["after"], find_newest(console, kind) if common["new"] else 0)
        left = max(0.0, ends - time.monotonic())
        found = wait_for(console, Wanted(kind, query, headers, after), common["count"], left)
    except NotRunning as away:
        raise click.ClickException(in_locale(away.message)) from away
    except ConsoleRefused as refused:
        raise click.ClickException("\n".join(refused.lines)) from refused
    for each in found:
        click.echo(json.dumps(each, ensure_ascii=False))
    if len(found) < common["count"]:
        _give_up(common["timeout"], in_locale("%(found)s of %(count)s", found=len(found), count=common["count"]))


def _find_console(data_dir: Path | None) -> RunningConsole:
    return find_console(look_for_data_dir(data_dir), choose_language())


def _look_for_console(data_dir: Path | None) -> RunningConsole | None:
    """One that answers; None: not yet."""
    try:
        console = _find_console(data_dir)
        console.call("GET", "status")
    except NotRunning:
        return None
    return console


def _read_headers(given: tuple[str, ...]) -> dict[str, str]:
    """NAME: PATTERN, each; anything else is a misuse."""
    headers = {}
    for text in given:
        name, colon, pattern = text.partition(":")
        if not colon or not name.strip():
            told = in_locale("%(given)s is not NAME: PATTERN", given=repr(text))
            raise click.BadParameter(told, param_hint="--header")
        headers[name.strip()] = pattern.strip()
    try:
        read_header_patterns(headers)
    except ValueError as wrong:
        told = in_locale("%(given)s is no pattern", given=wrong)
        raise click.BadParameter(told, param_hint="--header") from wrong
    return headers


def _give_up(seconds: float, why: str) -> None:
    click.echo(in_locale("not within %(seconds)s s: %(why)s", seconds=f"{seconds:g}", why=why), err=True)
    raise click.exceptions.Exit(1)
