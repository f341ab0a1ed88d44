"""`cmcdesk simulator …`: the commands of cmcsim, where only one program is installed."""

from importlib import import_module

import click

#: By its name: cmcdesk and its simulator are strangers, and know nothing of each other's code.
MODULE = "simulator.cli"
RAW = {"ignore_unknown_options": True, "help_option_names": []}


@click.command(context_settings=RAW, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """The simulator: `cmcdesk simulator bounce --list` is `cmcsim bounce --list`."""
    import_module(MODULE).main(args=list(arguments), prog_name="cmcdesk simulator")
