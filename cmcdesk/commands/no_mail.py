"""What is told of a file that is no mail."""

from pathlib import Path

from cmcdesk.mail.mime.fields import SCANNED_OCTETS, is_mail
from cmcdesk.processes.terminal import in_locale


def tell_no_mail(file: Path, octets: bytes) -> str:
    """Why this file, or these octets of standard input, cannot be a mail; "" where it can."""
    if str(file) != "-":
        with file.open("rb") as opened:
            octets = opened.read(SCANNED_OCTETS)
    return "" if is_mail(octets) else in_locale("this is no mail: it has no header field")
