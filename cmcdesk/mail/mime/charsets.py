"""Octets and the label their sender gave them, to text. Total: wrong labels and octets of no charset give text too.

The label is taken at its word as long as the octets fit it. Where they do not, or where they plainly are something else
(escape sequences of ISO-2022-JP, well-formed UTF-8 under a Japanese or Latin label), the octets decide.
"""

import re
from dataclasses import dataclass

from cmcdesk.mail.mime import jis
from cmcdesk.mail.mime.guess import (
    decode_utf_8,
    guess_charset,
    is_half_width,
    is_plainly_japanese,
    is_plainly_utf_8,
    is_plainly_wide,
)
from cmcdesk.mail.mime.labels import find_codec

_WIDE = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
_STATEFUL = {"utf-7", "hz", "iso-2022-kr", "iso2022_jp_2", "iso2022_jp_3"}
_OUTSIDE_CHARSET = {"iso2022_jp_2004", *_WIDE, *_STATEFUL}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: What mailers write under a label is the charset that their system extended (Encoding Standard, 4.2).
_WRITTEN_AS = {"big5": ("cp950", "big5hkscs"), "euc-kr": ("cp949",), "cp1252": ("cp1252", "latin-1")}
_SURROGATE = re.compile("[\ud800-\udfff]")
_LOST_ESCAPE_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the charset it was read as (the label's, or the one the octets showed)."""

    text: str
    charset: str


def decode_octets(octets: bytes, label: str = "", hint: str = "") -> Decoded:
    """Text of octets. label: what the sender says; hint: a charset to prefer where octets leave a choice."""
    codec = find_codec(label) if label else ""
    if codec in _WIDE and not is_plainly_wide(octets, codec):
        codec = ""
    if codec not in _OUTSIDE_CHARSET and octets.isascii() and b"\x1b" not in octets and b"\x0e" not in octets:
        return _decode_ascii(octets, codec)
    for bom, charset in _BOMS:
        if octets.startswith(bom):
            return Decoded(_decode_strictly(octets[3:] if charset == "utf-8" else octets, charset), charset)
    if codec in _OUTSIDE_CHARSET:
        return Decoded(_decode_strictly(octets, codec), codec)
    charset = choose_charset(octets, codec, find_codec(hint) if hint else "")
    return Decoded(_decode_strictly(octets, charset), charset)


def use_lf(text: str) -> str:
    """Text with "\\n" for CR LF, for CR CR LF (and two more CR) and for CR alone. Without a piece for every line."""
    for _ in range(3):
        text = text.replace("\r\r\n", "\r\n")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def choose_charset(octets: bytes, codec: str, hint: str = "") -> str:
    """The charset to read 8-bit or escaped octets as, when the label means `codec` ("" = no label)."""
    if jis.has_japanese_escape(octets):
        return "iso-2022-jp"
    if codec == "iso-2022-jp" and octets.isascii():
        return codec
    if codec in ("", "us-ascii", "iso-2022-jp"):
        return guess_charset(octets, hint or codec)
    if codec == "utf-8":
        return "utf-8" if decode_utf_8(octets) is not None else guess_charset(octets, hint="utf-8")
    if is_plainly_utf_8(octets, any_length=codec == "cp1252"):
        return "utf-8"
    if codec in ("cp1252", "cp932") and is_plainly_japanese(octets, codec):
        return guess_charset(octets)
    if codec == "cp1252":
        return codec
    return codec if _fits(octets, codec) else guess_charset(octets, hint=codec)


def _decode_ascii(octets: bytes, codec: str) -> Decoded:
    if codec == "iso-2022-jp" and b"$" in octets and len(octets) <= _LOST_ESCAPE_LIMIT:
        restored = jis.restore_lost_escapes(octets)
        if restored != octets:
            return Decoded(_decode_strictly(restored, codec), codec)
    return Decoded(octets.decode("ascii"), codec or "us-ascii")


def _fits(octets: bytes, codec: str) -> bool:
    if codec == "euc-jp":
        return jis.REPLACEMENT not in jis.decode_euc_jp(octets)
    for each in _WRITTEN_AS.get(codec, (codec,)):
        try:
            return jis.REPLACEMENT not in octets.decode(each)
        except UnicodeDecodeError:
            continue
    return False


def _decode_strictly(octets: bytes, charset: str) -> str:
    """Text of octets in exactly this charset; what is not in it becomes U+FFFD."""
    if charset == "iso-2022-jp":
        return jis.decode_iso_2022_jp(octets, _decode_stretch)
    if charset == "euc-jp":
        return jis.decode_euc_jp(octets)
    if charset == "utf-8":
        text = decode_utf_8(octets)
        return octets.decode("utf-8", "replace") if text is None else text
    if charset in _WRITTEN_AS:
        return _decode_first_fitting(octets, _WRITTEN_AS[charset])
    if charset == "utf-16":
        charset = _choose_utf_16(octets)
    text = octets.decode("ascii" if charset == "us-ascii" else charset, "replace")
    return _SURROGATE.sub(jis.REPLACEMENT, text) if charset == "utf-7" else text


def _decode_stretch(octets: bytes) -> str:
    """An 8-bit stretch inside ISO-2022-JP: 8-bit katakana (JIS X 0201), or a footer that a list or a gateway added."""
    is_katakana = decode_utf_8(octets) is None and is_half_width(octets)
    return _decode_strictly(octets, "cp932" if is_katakana else guess_charset(octets))


def _decode_first_fitting(octets: bytes, codecs: tuple[str, ...]) -> str:
    for codec in codecs:
        try:
            return octets.decode(codec)
        except UnicodeDecodeError:
            continue
    return octets.decode(codecs[0], "replace")


def _choose_utf_16(octets: bytes) -> str:
    """RFC 2781 §4.3: without a mark it is big-endian; but many senders write little-endian, and zero octets show it."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = octets[:4096]
    high_first = sum(octet in (0x00, 0x30) for octet in start[0::2])
    high_second = sum(octet in (0x00, 0x30) for octet in start[1::2])
    return "utf-16-le" if high_second > high_first else "utf-16-be"
