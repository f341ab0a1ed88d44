"""`cmcdesk tls …`: the own certificate authority of this data folder."""

from pathlib import Path

import click

from cmcdesk.commands.stores import data_dir_option
from cmcdesk.processes import paths


@click.group()
def command() -> None:
    """The own certificate authority (CA), which issues what the mail server shows under TLS."""


@command.command()
@data_dir_option
def ca(data_dir: Path | None) -> None:
    """Print the CA's certificate as PEM, for clients to trust. It is made where there is none yet."""
    from cmcdesk.processes.certificates import read_ca_certificate

    click.echo(read_ca_certificate(paths.data_dir(data_dir)), nl=False)
