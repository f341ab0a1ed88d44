"""Command lines of the usual shape, read with one pattern and remembered: senders say the same few again and again.

What is odd in any way (blanks, quotes, a source route, UTF-8, other parameters) is left to `path.py`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

LONGEST = 512  # octets; RFC 5321 §4.5.3.1.4

_ADDRESS = rb"[!#-'*+\-/-9=?A-Z^-~.]{1,200}@[A-Za-z0-9][A-Za-z0-9.-]{0,253}"
_MAIL = re.compile(rb"MAIL FROM: ?<(" + _ADDRESS + rb"|)>(?: (SIZE|BODY)=([0-9]{1,12}|8BITMIME))?", re.I)
_RCPT = re.compile(rb"RCPT TO: ?<(" + _ADDRESS + rb")>", re.I)
_HELLO = re.compile(rb"(EHLO|HELO) ([!-~]{1,255})", re.I)
_ALONE = frozenset(("DATA", "RSET", "NOOP", "QUIT"))


class PlainCommand(NamedTuple):
    """verb: upper case. argument: the address of MAIL and RCPT ("" for `<>`), the name of EHLO and HELO."""

    verb: str
    argument: str = ""
    parameters: Mapping[str, str] = MappingProxyType({})  # upper-case keyword → value


@lru_cache(maxsize=4096)
def read_plain(line: bytes) -> PlainCommand | None:
    """The command of a line without its CRLF; None: it is none of the usual shape. Longer ones than LONGEST are not to
    be given, for all are remembered."""
    if mail := _MAIL.fullmatch(line):
        return _read_mail(mail)
    if recipient := _RCPT.fullmatch(line):
        return PlainCommand("RCPT", recipient[1].decode("ascii"))
    if hello := _HELLO.fullmatch(line):
        return PlainCommand(hello[1].decode("ascii").upper(), hello[2].decode("ascii"))
    verb = line.decode("latin-1").upper()
    return PlainCommand(verb) if verb in _ALONE else None


def _read_mail(mail: re.Match[bytes]) -> PlainCommand | None:
    sender = mail[1].decode("ascii")
    if not mail[2]:
        return PlainCommand("MAIL", sender)
    keyword, value = mail[2].decode("ascii").upper(), mail[3].decode("ascii")
    if (keyword == "SIZE") != value.isdigit():
        return None
    return PlainCommand("MAIL", sender, {keyword: value})
