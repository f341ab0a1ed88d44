"""The few things all writers do to text: fold it, join it with octets, give it CRLF line ends."""

import re
import textwrap

_LINE_END = re.compile(rb"\r\n|\r|\n")


def fold(text: str, width: int, indent: str) -> str:
    """Return the text broken at blanks to at most `width` columns, further lines indented; long words stay whole."""
    return "\n".join(
        textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )


def join(*pieces: str | bytes) -> bytes:
    """Return the pieces as octets, one after the other. Text must be ASCII: who knows the charset encodes the rest."""
    return b"".join(piece.encode("ascii") if isinstance(piece, str) else piece for piece in pieces)


def use_crlf(octets: bytes) -> bytes:
    """Return the octets with every line end made CRLF (RFC 5321 §2.3.8)."""
    return _LINE_END.sub(b"\r\n", octets)


def declare_8bit(octets: bytes) -> str:
    """Return the Content-Transfer-Encoding field (with line end) that a part with these octets needs, or ""."""
    return "" if octets.isascii() else "Content-Transfer-Encoding: 8bit\n"
