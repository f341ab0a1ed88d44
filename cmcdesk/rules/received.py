"""Receivedヘッダ: the trace field of a relayed mail in CMC's four modes.

The two forms are as the manual prints them, in CMC's time zone; the normal one has a semicolon after its first clause
that RFC 5321 §4.4 has not. Where lines are folded, and `unknown` for a client without a usable name, are ours.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from cmcdesk.rules.settings import Composition
from cmcdesk.rules.settings.advanced import Received

TOKYO = timezone(timedelta(hours=9))  # the manual's examples
LONGEST_NAME_SHOWN = 255
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_HEADER_END = re.compile(rb"(?:\A|\n)\r*\n")  # before it: the header section and its last line end
_RECEIVED = re.compile(rb"^received[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hop:
    """From whom, by whom, when. client: the name that it gave itself (EHLO), "" for none; at: seconds since 1970."""

    client: str
    client_address: str
    server: str
    server_address: str
    at: float


def name_server(composition: Composition) -> str:
    """The host that a Received field names, as in the manual: mta01.te.smtps.jp."""
    return f"mta01.{composition.smtp_host}"


def add_trace(octets: bytes, mode: Received, hop: Hop) -> bytes:
    """The mail as it goes on: with a Received field in front, as it is, or without any. All other octets stay."""
    if mode == "none":
        return octets
    if mode == "strip":
        return _strip(octets)
    return _write_field(mode, hop) + octets


def _write_field(mode: Received, hop: Hop) -> bytes:
    client = hop.client[:LONGEST_NAME_SHOWN]
    client = client if _NAME.fullmatch(client) else "unknown"  # an address literal too: the short form names no address
    date = format_datetime(datetime.fromtimestamp(hop.at, TOKYO))
    if mode == "short":
        return f"Received: from {client} by {hop.server};\r\n {date}\r\n".encode("ascii")
    return (
        f"Received: from {client} ({client} [{hop.client_address}]);\r\n"
        f" by {hop.server} ({hop.server} [{hop.server_address}]);\r\n {date}\r\n"
    ).encode("ascii")


def _strip(octets: bytes) -> bytes:
    found = _HEADER_END.search(octets)
    end = found.end() if found else len(octets)
    return _RECEIVED.sub(b"", octets[:end]) + octets[end:]
