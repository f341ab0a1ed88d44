"""`cmcdesk tls ca`."""

import ssl
from pathlib import Path

from click.testing import CliRunner

from cmcdesk.commands.tls import command
from cmcdesk.processes.certificates import read_ca_certificate


def test_ca_prints_a_certificate_that_stays_and_no_key(tmp_path: Path) -> None:
    first, second = (CliRunner().invoke(command, ["ca", "--data-dir", str(tmp_path)]) for _ in range(2))
    assert first.exit_code == 0 and first.output == second.output == read_ca_certificate(tmp_path).decode("ascii")
    assert "PRIVATE" not in first.output
    assert ssl.create_default_context(cadata=first.output).get_ca_certs()
