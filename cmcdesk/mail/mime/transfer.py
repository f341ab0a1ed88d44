"""Content-Transfer-Encoding (RFC 2045 §6), undone as far as the octets allow. Total and linear."""

import binascii
import re
from collections.abc import Iterator
from itertools import takewhile

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_MAX_PIECES = 1000
_AT_ONCE = 64 * 1024  # octets: what makes a piece for every line makes it for so many lines
_NOT_ALPHABET = bytes(octet for octet in range(256) if octet not in _ALPHABET)
_ENCODED_OR_BLANK = _ALPHABET + b"= \t\r\n"
_BASE64_LINES = re.compile(rb"(?:[A-Za-z0-9+/]*={0,2}[ \t]*\r*\n)++")
_PADDED_END = re.compile(rb"=[ \t]*\r*\n\s*\Z")
_EMPTY_LINE_END = re.compile(rb"\n[ \t]*\r*\n\Z")
_SHORTEST_UNPADDED = 40  # characters before a footer: a greeting in the clear has fewer
_PAD_WITHIN = re.compile(rb"=(?=[^=]*[A-Za-z0-9+/])")
_BLANK_BEFORE_END = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_SQUEEZED = re.compile(r"[\W_]+")
_WORD = re.compile(r"[a-z0-9-]+")
_NAMES = {
    "base64": "base64",
    "quotedprintable": "quoted-printable",
    "xuuencode": "uuencode",
    "uuencode": "uuencode",
    "xuue": "uuencode",
    "uue": "uuencode",
    "7bit": "7bit",
    "8bit": "8bit",
    "8bits": "8bit",
    "binary": "binary",
}


def name_encoding(value: str) -> str:
    """The encoding that the value names: base64, quoted-printable, uuencode, 7bit, 8bit or binary.

    "7bit" for an empty value (RFC 2045 §6.1), "" for one that nobody knows. A comment may stand before the name and
    behind it (RFC 2045 §5.1), and some write `quoted printable`.
    """
    plain = _COMMENT.sub(" ", value[:1000].lower())
    word = _WORD.search(plain)
    if not word:
        return "7bit"
    whole = _SQUEEZED.sub("", re.split(r"[;,]", plain, maxsplit=1)[0])
    return _NAMES.get(whole) or _NAMES.get(word[0].replace("-", ""), "")


def decode_transfer(octets: bytes, encoding: str) -> bytes:
    """The octets that were encoded. Those of an unknown encoding, or plainly not encoded so, come back as they are."""
    if encoding == "base64":
        encoded = _without_footer(octets)
        return octets if _is_other_text(encoded) else decode_base64(encoded)
    if encoding == "quoted-printable":
        return decode_quoted_printable(octets)
    return decode_uuencode(octets) if encoding == "uuencode" else octets


def is_plainly_not_base64(octets: bytes) -> bool:
    """Text that a sender called base64 and did not encode: escapes, 8-bit octets, or much else that base64 has not."""
    return _is_other_text(_without_footer(octets))


def _is_other_text(octets: bytes) -> bool:
    junk = octets.translate(None, _ENCODED_OR_BLANK)
    return len(junk) * 10 > len(octets) or b"\x1b" in junk or not junk.isascii()


def _without_footer(octets: bytes) -> bytes:
    """Base64 without what a mailing list or a virus scanner wrote in the clear behind it: after padding, or after an
    empty line. Else the octets as they are."""
    if not octets.translate(None, _ENCODED_OR_BLANK):
        return octets
    lines = _BASE64_LINES.match(octets)
    if not lines:
        return octets
    encoded, characters = lines[0], len(lines[0].translate(None, b" \t\r\n"))
    end = _PADDED_END if characters < _SHORTEST_UNPADDED or encoded.rstrip().endswith(b"=") else _EMPTY_LINE_END
    whole = characters % 4 == 0 and end.search(encoded, max(0, len(encoded) - 1000))
    return encoded if whole and _is_other_text(octets[lines.end() :]) else octets


def decode_base64(octets: bytes) -> bytes:
    """RFC 2045 §6.8: other characters are skipped. Padding may be missing, or stand between joined pieces."""
    if not _PAD_WITHIN.search(octets):
        return _decode_base64_piece(octets)
    first, *others = re.split(rb"=+", octets, maxsplit=_MAX_PIECES)
    clean = takewhile(lambda piece: not piece.translate(None, _ENCODED_OR_BLANK), others)  # a footer is no base64
    return b"".join(_decode_base64_piece(piece) for piece in (first, *clean))


def _decode_base64_piece(octets: bytes) -> bytes:
    kept = octets.translate(None, _NOT_ALPHABET)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept  # six bits alone are no octet
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def decode_quoted_printable(octets: bytes) -> bytes:
    """RFC 2045 §6.7: blanks at line ends go, `=` that starts no code stays, also doubled."""
    if b" \n" in octets or b" \r" in octets or b"\t\n" in octets or b"\t\r" in octets or octets[-1:] in (b" ", b"\t"):
        octets = b"".join(_BLANK_BEFORE_END.sub(b"", lines) for lines in _take_lines(octets))
    # Twice, for the pairs that are replaced leave others between them. A pattern would make a piece of each.
    return binascii.a2b_qp(octets.replace(b"==", b"=3D=").replace(b"==", b"=3D=") if b"==" in octets else octets)


def _take_lines(octets: bytes) -> Iterator[bytes]:
    """The octets in pieces that end with a line."""
    at = 0
    while at < len(octets):
        end = octets.find(b"\n", at + _AT_ONCE) + 1 or len(octets)
        yield octets[at:end]
        at = end


def decode_uuencode(octets: bytes) -> bytes:
    """What stands between `begin` and `end`; the octets as they are if there is no `begin`."""
    begin = _UU_BEGIN.search(octets)
    if not begin:
        return octets
    decoded = bytearray()
    for lines in _take_lines(octets[begin.end() :]):
        for line in lines.split(b"\n"):
            if line.rstrip() in (b"end", b"`"):
                return bytes(decoded)
            decoded += _decode_uu_line(line.rstrip(b"\r"))
    return bytes(decoded)


def _decode_uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        if not line:
            return b""
    length = (((line[0] - 32) & 63) * 4 + 5) // 3  # some encoders leave rubbish after the counted characters
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return b""
