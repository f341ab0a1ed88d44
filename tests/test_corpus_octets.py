"""Real bounce mails through SMTP: stored octet for octet, and read back so."""

import re
import smtplib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

COUNT = 10
SETTINGS = """
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
interval_ms = 10
bounce_domains = ["return.example.com"]
"""


def pick_mails(corpus: Path) -> list[bytes]:
    """Ten, evenly over the corpus, as SMTP carries them: every line ends with CRLF."""
    paths = sorted(path for path in corpus.rglob("*") if path.is_file())
    mails = [re.sub(rb"\r?\n", b"\r\n", path.read_bytes()) for path in paths[:: max(1, len(paths) // COUNT)]]
    return [mail if mail.endswith(b"\r\n") else mail + b"\r\n" for mail in mails[:COUNT]]


def test_ten_real_bounces_come_back_as_they_were_sent(
    start_serve: Callable[..., Any], bounce_corpus: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS)
    served = start_serve("--settings", str(settings))
    mails = pick_mails(bounce_corpus)
    assert len(mails) == COUNT
    with smtplib.SMTP(*served.receiving("pro"), timeout=30) as session:
        for mail in mails:
            session.sendmail("", ["a=example.com@return.example.com"], mail)
    for number, mail in enumerate(mails, 1):
        command = [sys.executable, "-m", "cmcdesk", "mail", "raw", str(number), "--data-dir", str(served.folder)]
        assert subprocess.run(command, capture_output=True, check=True).stdout == mail
