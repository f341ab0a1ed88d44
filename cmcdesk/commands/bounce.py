"""`cmcdesk bounce …`: read bounce mails in files; list, reread and override those that were received."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cmcdesk.commands.instants import tell_instant
from cmcdesk.commands.mail_files import Described, describe_folder, read_mail_file, tell_no_mail
from cmcdesk.commands.stores import data_dir_option, open_stores
from cmcdesk.processes.terminal import in_locale

if TYPE_CHECKING:
    from cmcdesk.mail.bounce.reader import BounceVerdict

# Of a file that cannot be read, beside its "error".
NOTHING: Described = {"is_bounce": False, "final": False, "failures": [], "rule": ""}


@click.group()
def command() -> None:
    """Read bounce mails: who failed, why, and CMC's error status."""


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Read all below a folder.")
@data_dir_option
def read(file: Path | None, as_json: bool, jsonl: Path | None, data_dir: Path | None) -> None:
    """Read one mail FILE ("-": standard input), or with --jsonl every file below a folder, one JSON object a line."""
    from cmcdesk.mail.bounce.reader import MAX_OCTETS, read_bounce

    if (file is None) == (jsonl is None):
        raise click.UsageError(in_locale("give FILE or --jsonl DIR, one of the two"))
    if jsonl is not None:
        for line in describe_folder(
            jsonl, lambda path: show_verdict(read_bounce(read_mail_file(path, MAX_OCTETS))), NOTHING
        ):
            _write_line(line)
        return
    assert file is not None
    found: Described = NOTHING
    try:
        octets = sys.stdin.buffer.read(MAX_OCTETS) if str(file) == "-" else read_mail_file(file, MAX_OCTETS)
    except OSError as error:
        fault = error.strerror or str(error)
        found = {**NOTHING, "error": fault}
    else:
        verdict = read_bounce(octets)
        found = show_verdict(verdict)
        fault = "" if verdict.is_bounce else tell_no_mail(octets)
    if as_json:
        _write_line(found)
    elif not fault:
        click.echo(_describe(verdict))
    if fault:
        click.echo(f"{file}: {fault}", err=True)
        sys.exit(1)


def _write_line(line: Described) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=True) + "\n")  # file names may hold what UTF-8 cannot


def show_verdict(verdict: "BounceVerdict") -> Described:
    """The object that is printed: strings or null, cmc_class an integer; rule names the row that decided."""
    return {
        "is_bounce": verdict.is_bounce,
        "final": verdict.final,
        "failures": [
            {
                "recipient": failure.recipient,
                "status": failure.status,
                "reply": failure.reply,
                "cmc_class": failure.error_status,
                "diagnostic": failure.diagnostic or None,
                "evidence": failure.evidence or None,
                "rule": failure.rule,
            }
            for failure in verdict.failures
        ],
        "rule": verdict.rule,
    }


def _describe(verdict: "BounceVerdict") -> str:
    if not verdict.is_bounce:
        return in_locale("not a bounce (%(reason)s)", reason=verdict.rule)
    kind = in_locale("bounce") if verdict.final else in_locale("delay notice")
    lines = [f"{kind} ({verdict.rule})"]
    for failure in verdict.failures:
        codes = " ".join(code for code in (failure.reply, failure.status) if code)
        who = failure.recipient or in_locale("(nobody named)")
        lines.append(f"{who}\t{failure.error_status}\t{codes}\t{failure.rule}")
        lines.append(f"\t{failure.evidence}")
    return "\n".join(lines)


@command.command("list")
@click.option("--status", type=int, help="Only this error status (1 … 11, 99).")
@click.option("--search", help="Only with this in the recipient, From, subject or Message-ID.")
@click.option("--delays", is_flag=True, help="Delay notices too.")
@click.option("--before", type=int, help="Only bounces below this id.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_dir_option
def list_(status: int | None, search: str | None, delays: bool, before: int | None, limit: int, **shown: Any) -> None:
    """List the bounces that were received, newest first."""
    from cmcdesk.store.desk.bounce_lists import BounceQuery, list_bounces
    from cmcdesk.store.desk.database import reading

    query = BounceQuery(error_status=status, search=search, final=None if delays else True)
    with open_stores(shown["data_dir"]) as (engine, _log), reading(engine) as session:
        for row in list_bounces(session, query, before, limit):
            found = {name: getattr(row, name) for name in row.__table__.columns.keys()}  # noqa: SIM118
            if shown["as_json"]:
                _write_line(found)
            else:
                click.echo(_line_of(found, shown["data_dir"]))


def _line_of(found: dict[str, Any], folder: Path | None) -> str:
    at = tell_instant(found["created_at"], folder)
    status = found["error_status"] if found["override"] is None else f"{found['override']}*"
    codes = " ".join(code for code in (found["reply"], found["status"]) if code)
    kind = "" if found["final"] else "\t(delay)"
    return f"{found['id']}\t{at}\t{status}\t{found['recipient']}\t{codes}\t{found['evidence']}{kind}"


@command.command()
@click.option("--yes", is_flag=True, help="Write it; without this, only show what would change.")
@data_dir_option
def reread(yes: bool, data_dir: Path | None) -> None:
    """Read all stored bounces again, as after an update of the tables. What a person overrode stays."""
    from cmcdesk.bounces.rereading import find_changes, reread_all

    with open_stores(data_dir) as (engine, log):
        if log is None:
            click.echo(in_locale("nothing has been received yet"))
            return
        if yes:
            click.echo(
                in_locale("%(count)s mails read otherwise than before and written", count=reread_all(engine, log))
            )
            return
        number = 0
        for change in find_changes(engine, log):
            number += 1
            click.echo(in_locale("mail %(id)s", id=change.mail_id))
            for mark, lines in (("-", change.before), ("+", change.after)):
                for line in lines:
                    click.echo(f"  {mark} {line}")
        click.echo(
            in_locale("%(count)s mails would change; write it with --yes", count=number)
            if number
            else in_locale("%(count)s mails would change", count=number)
        )


@command.command()
@click.argument("bounce_id", type=int)
@click.argument("error_status", type=int, required=False)
@click.option("--clear", is_flag=True, help="Take back what was said before.")
@data_dir_option
def override(bounce_id: int, error_status: int | None, clear: bool, data_dir: Path | None) -> None:
    """Say that a bounce's error status is another than was read. It stays when bounces are read again."""
    from cmcdesk.store.desk.bounces import override_bounce
    from cmcdesk.store.desk.database import transaction

    if clear == (error_status is not None):
        raise click.UsageError(in_locale("give ERROR_STATUS or --clear, one of the two"))
    with open_stores(data_dir) as (engine, _log), transaction(engine) as session:
        try:
            known = override_bounce(session, bounce_id, error_status)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
    if not known:
        click.echo(in_locale("there is no bounce %(id)s", id=bounce_id), err=True)
        sys.exit(1)
