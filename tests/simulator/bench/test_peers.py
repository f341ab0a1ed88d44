"""The plain receivers beside ours, as programs."""

import smtplib
import sqlite3
from pathlib import Path

import pytest

from simulator.bench.options import Options
from simulator.bench.receivers import list_kinds

MAIL = "Subject: x\r\n\r\ntext\r\n"


@pytest.mark.parametrize(
    ("name", "stored"), [("aiosmtpd", None), ("aiosmtpd-commit", [("a@b.example", "c@d.example")])]
)
def test_a_peer_takes_mail(name: str, stored: list[tuple[str, str]] | None, tmp_path: Path) -> None:
    _, kind = list_kinds(Options(beside=(name,)))
    with kind.open(tmp_path) as receiver:
        with smtplib.SMTP(receiver.host, receiver.port) as client:
            assert client.sendmail("a@b.example", ["c@d.example"], MAIL) == {}
        database = tmp_path / f"{name}.db"
        assert database.exists() == (stored is not None)
        if stored:
            connection = sqlite3.connect(database)
            assert connection.execute("SELECT sender, recipients FROM mail").fetchall() == stored
            connection.close()
