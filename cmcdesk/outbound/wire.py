"""A stored mail as it goes over the wire (RFC 5321 §4.5.2, §4.5.3.1.6, §2.3.8): octets in, octets out."""

import re
from dataclasses import dataclass

LONGEST_LINE = 998  # octets, without CRLF
MOST_HOPS = 100  # Received fields (RFC 5321 §6.3)
_BARE = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)  # lines end with LF here, after CR
_HOP = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WireMail:
    """octets: dots stuffed, the ending dot included; size: what SIZE declares (RFC 1870 §5: before stuffing); is_utf8:
    its header fields hold UTF-8 (RFC 6532), and not octets of another charset."""

    octets: bytes
    size: int
    is_8bit: bool
    hops: int
    is_utf8: bool = False


def write_wire(octets: bytes) -> WireMail:
    """Every line ends with CRLF: a bare CR or LF would mean an end of line to one server and none to the next, and with
    a dot behind it the end of the mail (SMTP smuggling). A line that is too long goes on in the next one after a
    blank, as Postfix does it."""
    lines = octets.count(b"\r\n")
    if not lines == octets.count(b"\n") == octets.count(b"\r"):
        octets = _BARE.sub(b"\r\n", octets)
    if not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    if any(len(line) > LONGEST_LINE for line in octets.split(b"\r\n")):
        octets = break_lines(octets)
    stuffed = _LEADING_DOT.sub(b"..", octets) if octets.startswith(b".") or b"\n." in octets else octets
    end = octets.find(b"\r\n\r\n")
    head = octets[: end if end >= 0 else None]
    is_8bit = not octets.isascii()
    is_utf8 = is_8bit and not head.isascii() and _is_utf8(head)
    return WireMail(stuffed + b".\r\n", len(octets), is_8bit, len(_HOP.findall(head)), is_utf8)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def break_lines(octets: bytes) -> bytes:
    """Lines of at most 998 octets; a character of UTF-8 is not cut."""
    return (
        b"\r\n".join(
            _break(line) if len(line) > LONGEST_LINE else line for line in octets.removesuffix(b"\r\n").split(b"\r\n")
        )
        + b"\r\n"
    )


def _break(line: bytes) -> bytes:
    pieces = []
    while len(line) > LONGEST_LINE:
        cut = LONGEST_LINE
        while cut > LONGEST_LINE - 4 and line[cut] & 0xC0 == 0x80:  # in the middle of a character
            cut -= 1
        pieces.append(line[:cut])
        line = b" " + line[cut:]
    return b"\r\n".join([*pieces, line])
