"""`cmcdesk inbound`: read a mail as the inbound webhook would, without a server. JSON is ASCII, for every terminal."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from cmcdesk.commands.mail_files import Described, describe_folder, read_mail_file, tell_no_mail
from cmcdesk.mail.mime.beginning import COMMAND, describe_beginning
from cmcdesk.mail.mime.message import read_message
from cmcdesk.processes.terminal import in_locale


@click.group("inbound")
def command() -> None:
    """Look at mail as the inbound webhook sees it."""


@command.command("read")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--jsonl", "folder", type=click.Path(path_type=Path), help="Read every file below DIR, one object a line."
)
@click.option("--data-dir", type=click.Path(), help="Accepted as everywhere; nothing is read there.")
def read_command(file: Path | None, as_json: bool, folder: Path | None, data_dir: str | None) -> None:
    """Read FILE (- = standard input), or every file below the folder of --jsonl."""
    if (file is None) == (folder is None):
        raise click.UsageError(in_locale("give FILE or --jsonl DIR, one of the two"))
    if folder is not None:
        if not folder.is_dir():
            raise click.UsageError(in_locale("--jsonl: no such folder: %(folder)s", folder=folder))
        for described in describe_folder(folder, _read, _describe(b"")):
            click.echo(json.dumps(described))
    elif file is not None:
        _print_one(file, as_json)


def _read(path: Path) -> Described:
    return _describe(read_mail_file(path))


def _describe(octets: bytes) -> dict[str, Any]:
    return describe_beginning(read_message(octets), COMMAND)


def _print_one(file: Path, as_json: bool) -> None:
    try:
        octets = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    fault = tell_no_mail(octets)
    described = _describe(octets)
    if as_json or not fault:
        click.echo(json.dumps(described) if as_json else _write_for_reading(described))
    if fault:
        click.echo(f"{file}: {fault}", err=True)
        sys.exit(1)


def _write_for_reading(described: dict[str, Any]) -> str:
    """The mail for a person: the addresses, the subject, the text, the attachments."""
    lines = [f"{key.capitalize()}: {_write_addresses(described, key)}" for key in ("from", "to")]
    lines += [f"Subject: {described['subject']}", "", described["text"] or described["html"] or "", ""]
    lines += [f"[{attachment['filename']}] {attachment['sha256']}" for attachment in described["attachments"]]
    return "\n".join(lines)


def _write_addresses(described: dict[str, Any], key: str) -> str:
    pairs = zip(described[f"{key}_names"], described[key], strict=True)
    return ", ".join(f"{name} <{address}>" if name else address for name, address in pairs)
