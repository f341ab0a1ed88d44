"""`cmcdesk bounce …`: read bounce mails in files; list, reread and override those that were received."""

import json
import sys
from pathlib import Path
from typing import Any

import click

data_dir_option = click.option("--data-dir", type=click.Path(file_okay=False), help="Data folder of this cmcdesk.")


@click.group()
def command() -> None:
    """Read bounce mails: who failed, why, and CMC's error status."""


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Read all below a folder.")
@data_dir_option
def read(file: Path | None, as_json: bool, jsonl: Path | None, data_dir: str | None) -> None:
    """Read one mail FILE ("-": standard input), or with --jsonl every file below a folder, one JSON object a line."""
    from cmcdesk.bounces.files import read_file, read_folder, show_verdict
    from cmcdesk.mail.dsn import MAX_OCTETS, read_bounce

    if (file is None) == (jsonl is None):
        raise click.UsageError("give either FILE or --jsonl DIR")
    if jsonl is not None:
        for found in read_folder(jsonl):
            _write_line(found)
        return
    assert file is not None
    found = show_verdict(read_bounce(sys.stdin.buffer.read(MAX_OCTETS))) if str(file) == "-" else read_file(file)
    if as_json:
        _write_line(found)
    else:
        click.echo(_describe(found))
    if "error" in found:
        click.echo(f"{file}: {found['error']}", err=True)
        sys.exit(1)


def _write_line(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=True) + "\n")  # file names may hold what UTF-8 cannot


def _describe(found: dict[str, Any]) -> str:
    if not found["is_bounce"]:
        return f"not a bounce ({found['rule'] or found.get('error', '')})"
    kind = "bounce" if found["final"] else "delay notice"
    lines = [f"{kind} ({found['rule']})"]
    for failure in found["failures"]:
        codes = " ".join(code for code in (failure["reply"], failure["status"]) if code)
        lines.append(f"{failure['recipient'] or '(nobody named)'}\t{failure['cmc_class']}\t{codes}\t{failure['rule']}")
        lines.append(f"\t{failure['evidence'] or ''}")
    return "\n".join(lines)
