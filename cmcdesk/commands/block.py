"""`cmcdesk block …`: 配信停止, who gets no mail any more; addresses lifted, also those of the standard plan."""

import json
import sys
import time
from pathlib import Path

import click

from cmcdesk.commands.instants import tell_instant
from cmcdesk.commands.stores import data_dir_option, open_stores
from cmcdesk.processes.terminal import in_locale


@click.group()
def command() -> None:
    """List suppressed addresses, lift them, and run the batch that suppresses."""


@command.command("list")
@click.option("--composition", help="Only of this server composition.")
@click.option("--email", help="Only addresses with this in them.")
@click.option("--removed", is_flag=True, help="Those that were freed, instead.")
@click.option("--before", type=int, help="Only those below this number.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_dir_option
def list_(composition: str | None, email: str | None, removed: bool, as_json: bool, **more: object) -> None:
    """List suppressed addresses, newest first."""
    from cmcdesk.store.desk.blocks import BlockQuery, list_blocks
    from cmcdesk.store.desk.database import reading

    query = BlockQuery(composition, email, removed=removed)
    folder, before, limit = more["data_dir"], more["before"], more["limit"]
    assert isinstance(folder, Path | None) and isinstance(before, int | None) and isinstance(limit, int)
    with open_stores(folder) as (engine, _log), reading(engine) as session:
        for row in list_blocks(session, query, before, limit):
            if as_json:
                found = {column.name: getattr(row, column.name) for column in row.__table__.columns}
                click.echo(json.dumps(found, ensure_ascii=False))
            else:
                at = tell_instant(row.created_at, folder)
                click.echo(f"{row.id}\t{at}\t{row.composition}\t{row.email}\t{row.status}\t{row.occurred}")


@command.command()
@click.argument("block_id")
@data_dir_option
def cancel(block_id: str, data_dir: Path | None) -> None:
    """Free an address this time; later errors may suppress it again. Exit code 1: none is suppressed by that id."""
    _lift(block_id, data_dir, is_for_good=False)


@command.command()
@click.argument("block_id")
@data_dir_option
def delete(block_id: str, data_dir: Path | None) -> None:
    """Free an address for good: no later error suppresses it. Exit code 1: none is suppressed by that id."""
    _lift(block_id, data_dir, is_for_good=True)


@command.command()
@click.argument("composition")
@data_dir_option
def run(composition: str, data_dir: Path | None) -> None:
    """Have the batch run now; where cmcdesk is not running, at its next start. Exit code 1: no such composition."""
    from cmcdesk.store.desk.block_batch import find_plan, request_run
    from cmcdesk.store.desk.database import transaction

    now = time.time()
    with open_stores(data_dir) as (engine, _log), transaction(engine) as session:
        if find_plan(session, composition, now) is None:
            click.echo(in_locale("there is no server composition %(name)s", name=composition), err=True)
            sys.exit(1)
        request_run(session, composition, now)


def _lift(block_id: str, folder: Path | None, *, is_for_good: bool) -> None:
    from cmcdesk.store.desk.blocks import lift_blocks
    from cmcdesk.store.desk.database import transaction

    with open_stores(folder) as (engine, _log), transaction(engine) as session:
        freed = lift_blocks(session, [block_id], "deleted" if is_for_good else "cancelled", time.time())
    if not freed:
        click.echo(in_locale("no address is suppressed by the id %(id)s", id=block_id), err=True)
        sys.exit(1)
    click.echo(freed[0].email)
