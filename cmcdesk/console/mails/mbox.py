"""mbox (RFC 4155, in the "mboxrd" dialect, which can be undone): mails one after the other in one file."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from cmcdesk.store.maillog.log import MailRow

FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)


def write_mbox(mails: Iterable[tuple[MailRow, bytes]]) -> Iterator[bytes]:
    """The file in pieces: LF line ends, lines that begin with "From " quoted with one more ">"."""
    for row, octets in mails:
        at = datetime.fromtimestamp(row.received_at, UTC).strftime("%a %b %d %H:%M:%S %Y")
        sender = row.sender.encode("utf-8", "replace").replace(b" ", b"_") or b"MAILER-DAEMON"
        body = FROM_LINE.sub(rb">\1", octets.replace(b"\r\n", b"\n"))
        yield b"From " + sender + b" " + at.encode() + b"\n" + body + (b"\n" if body.endswith(b"\n") else b"\n\n")
