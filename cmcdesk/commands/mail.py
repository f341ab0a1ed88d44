"""`cmcdesk mail …`: the stored mails, straight from mail.db. Starts without ORM and without web framework."""

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from cmcdesk.commands.instants import tell_instant
from cmcdesk.commands.stores import data_dir_option, open_stores
from cmcdesk.processes.paths import look_for_data_dir, mail_db
from cmcdesk.processes.terminal import in_locale
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.maillog.schema import MailLogMissing, NewerMailLog

RECIPIENTS_SHOWN = 3  # of a line; --json has all


@click.group()
def command() -> None:
    """List and read stored mails."""


@contextmanager
def _open_log(folder: Path | None) -> Iterator[MailLog | None]:
    """None where nothing has been received yet: an empty list then, no error."""
    try:
        log = MailLog(mail_db(look_for_data_dir(folder)))
    except MailLogMissing:
        yield None
        return
    except NewerMailLog as error:
        raise click.ClickException(in_locale(error.message)) from error
    with log:
        yield log


@command.command("list")
@data_dir_option
@click.option("--count", is_flag=True, help="Print the number of stored mails and nothing else.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many, newest first.")
@click.option("--before", type=int, help="Only mails below this id.")
@click.option("--search", help="Only mails with this in an address, subject or Message-ID.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(
    data_dir: Path | None, count: bool, limit: int, before: int | None, search: str | None, as_json: bool
) -> None:
    """List stored mails, newest first."""
    with _open_log(data_dir) as log:
        if count:
            click.echo(log.count_mails() if log else 0)
            return
        for row in log.list_mails(before, limit, search=search) if log else []:
            click.echo(json.dumps(asdict(row), ensure_ascii=False) if as_json else _line_of(row, data_dir))


def _line_of(row: MailRow, folder: Path | None) -> str:
    at = tell_instant(row.received_at, folder)
    shown = [f"<{recipient.address}>" for recipient in row.recipients[:RECIPIENTS_SHOWN]]
    more = len(row.recipients) - len(shown)
    recipients = " ".join([*shown, f"(+{more})"] if more else shown)
    return f"{row.id}\t{at}\t{row.composition}\t<{row.sender}>\t{recipients}\t{row.size}\t{row.subject}"


@command.command()
@data_dir_option
@click.argument("mail_id", type=int, metavar="ID")
def show(data_dir: Path | None, mail_id: int) -> None:
    """Show one mail: envelope and what was read of it, as JSON. Exit 1 if there is none."""
    with _open_log(data_dir) as log:
        row = log.get_mail(mail_id) if log else None
        octets = log.get_octets(mail_id) if log else None
    if row is None or octets is None:
        raise click.ClickException(in_locale("there is no mail %(id)s", id=mail_id))
    from cmcdesk.mail.mime.beginning import COMMAND, describe_beginning
    from cmcdesk.mail.mime.message import read_message

    described = {**asdict(row), "message": describe_beginning(read_message(octets), COMMAND)}
    click.echo(json.dumps(described, ensure_ascii=False, indent=2))


@command.command()
@data_dir_option
@click.argument("mail_id", type=int, metavar="ID")
def raw(data_dir: Path | None, mail_id: int) -> None:
    """Write one mail's octets to standard output, as DATA carried them. Exit 1 if there is none."""
    with _open_log(data_dir) as log:
        octets = log.get_octets(mail_id) if log else None
    if octets is None:
        raise click.ClickException(in_locale("there is no mail %(id)s", id=mail_id))
    sys.stdout.buffer.write(octets)


@command.command()
@data_dir_option
@click.option("--containing", help="Only mails whose octets hold this text (UTF-8).")
def dump(data_dir: Path | None, containing: str | None) -> None:
    """Print a JSON list of the stored octets of all mails, each as base64, in order of arrival."""
    wanted = containing.encode("utf-8") if containing else None
    out = sys.stdout
    out.write("[")
    with _open_log(data_dir) as log:
        for number, octets in enumerate(log.each_octets(wanted) if log else ()):
            out.write((", " if number else "") + f'"{base64.b64encode(octets).decode("ascii")}"')
    out.write("]\n")


@command.command("set-aside")
@data_dir_option
def set_aside(data_dir: Path | None) -> None:
    """List the mails that ended the worker, or failed to be read, twice: one JSON object a line."""
    from cmcdesk.store.desk.database import reading
    from cmcdesk.store.desk.set_aside import list_set_aside

    with open_stores(data_dir) as (engine, log), reading(engine) as session:
        for one in list_set_aside(session, log.log_id) if log else []:
            click.echo(json.dumps(asdict(one)))


@command.command()
@data_dir_option
@click.argument("mail_id", type=int, metavar="ID")
def again(data_dir: Path | None, mail_id: int) -> None:
    """Let the worker read a mail once more that is set aside: soon, or at the next start. Exit 1 if it is not."""
    from cmcdesk.store.desk.database import transaction
    from cmcdesk.store.desk.set_aside import ask_again

    with open_stores(data_dir) as (engine, log), transaction(engine) as session:
        if log is None or not ask_again(session, log.log_id, mail_id):
            raise click.ClickException(in_locale("mail %(id)s is not set aside", id=mail_id))
