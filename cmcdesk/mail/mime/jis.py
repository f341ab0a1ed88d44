"""ISO-2022-JP and EUC-JP as Japanese mailers write them, not only as RFC 1468 allows.

Wave dash and minus: octets that keep to the standard get the standard's characters (〜 U+301C, − U+2212). Octets that
hold what only Microsoft's tables hold (①, ㈱, 髙, IBM kanji) tell of a Windows sender, and then the whole value is read
by Microsoft's table (～ U+FF5E, － U+FF0D), as `cp932` is.
"""

import re
from collections.abc import Callable
from functools import lru_cache

REPLACEMENT = "\ufffd"
TOLERANT_OCTETS = 1024 * 1024
"""Longer text is read by the standard alone: the tolerant way is slow enough to be an attack."""
_ESCAPE = re.compile(rb"(\x1b(?:\$\([@ABCDOPQ]|\$[@AB]|\([BHIJ])|[\x0e\x0f])")
_JAPANESE_ESCAPE = re.compile(rb"\x1b(?:\$\([@ABDOPQ]|\$[@B]|\(I)")
_LINE_LEFT_OPEN = re.compile(rb"\x1b(?:\$|\(I)[^\x1b\n]*\n")
_LOST_ESCAPE = re.compile(rb"\$[@B]((?:[\x21-\x7e]{2}){1,100}?)\([BJ]")
_GRAPHIC_RUN = re.compile(rb"[\x21-\x7e]+|[^\x21-\x7e]+")
_EUC_RUN = re.compile(
    rb"[\x00-\x7f]+|(?:[\xa1-\xfe][\xa1-\xfe])+|\x8f[\xa1-\xfe]{2}|\x8e[\xa1-\xdf]|[\x80-\xff]", re.DOTALL
)
_SET_HIGH_BIT = bytes(octet | 0x80 for octet in range(256))
_CLEAR_HIGH_BIT = bytes(octet & 0x7F for octet in range(256))
_ASCII_RETURNS = (b"\x1b(B", b"\x1b(J")


def has_japanese_escape(octets: bytes) -> bool:
    """Whether an escape sequence calls a Japanese character set: no other text holds one."""
    return b"\x1b" in octets and _JAPANESE_ESCAPE.search(octets) is not None


def decode_iso_2022_jp(octets: bytes, decode_rest: Callable[[bytes], str]) -> str:
    """Text of ISO-2022-JP octets; decode_rest reads 8-bit stretches that stand outside every escape sequence."""
    if len(octets) > TOLERANT_OCTETS or not (b"\x0e" in octets or _LINE_LEFT_OPEN.search(octets)):
        try:
            return octets.decode("iso2022_jp_ext", "replace" if len(octets) > TOLERANT_OCTETS else "strict")
        except UnicodeDecodeError:
            pass
    pieces = [*_ESCAPE.split(octets), b""]
    text: list[str] = [_decode_single(pieces[0], b"\x1b(B", decode_rest)]
    for index in range(1, len(pieces) - 1, 2):
        escape, stretch, following = pieces[index], pieces[index + 1], pieces[index + 2]
        text.append(_decode_stretch(escape, stretch, following, decode_rest))
    return "".join(text)


def restore_lost_escapes(octets: bytes) -> bytes:
    """Put back the ESC that an old gateway took out of `$B…(B`; octets come back as they were if nothing fits."""
    return _LOST_ESCAPE.sub(_restore_one, octets)


def decode_euc_jp(octets: bytes) -> str:
    """Text of EUC-JP octets; with NEC and IBM characters (eucJP-ms, CP51932) where the standard has none."""
    try:
        return octets.decode("euc_jp")
    except UnicodeDecodeError:
        if len(octets) > TOLERANT_OCTETS:
            return octets.decode("euc_jp", "replace")
        text = "".join(_decode_euc_run(run) for run in _EUC_RUN.findall(octets))
    if REPLACEMENT in text:
        try:
            return octets.decode("euc_jis_2004")
        except UnicodeDecodeError:
            pass
    return text


def _restore_one(match: re.Match[bytes]) -> bytes:
    if REPLACEMENT in _decode_pairs(match[1]):
        return match[0]
    return b"\x1b" + match[0][:-2] + b"\x1b" + match[0][-2:]


def _decode_stretch(escape: bytes, stretch: bytes, following: bytes, decode_rest: Callable[[bytes], str]) -> str:
    if not escape.startswith(b"\x1b$"):
        return _decode_single(stretch, escape, decode_rest)
    head, line_end, tail = stretch.partition(b"\n")
    if line_end and following not in _ASCII_RETURNS:
        # RFC 1468: a line ends in ASCII. A sender that forgot the escape meant that, unless ASCII is called for later
        return _decode_double(head, escape) + _decode_single(line_end + tail, b"\x1b(B", decode_rest)
    return _decode_double(stretch, escape)


def _decode_single(stretch: bytes, escape: bytes, decode_rest: Callable[[bytes], str]) -> str:
    if escape in (b"\x1b(I", b"\x0e"):
        head, line_end, tail = stretch.partition(b"\n")
        return head.decode("latin-1").translate(_kana_table()) + _decode_single(line_end + tail, b"", decode_rest)
    text = decode_rest(stretch) if not stretch.isascii() else stretch.decode("ascii")
    return text.replace("\\", "¥").replace("~", "‾") if escape in (b"\x1b(J", b"\x1b(H") else text


def _decode_double(stretch: bytes, escape: bytes) -> str:
    """A stretch of a two-octet set; what is no graphic octet (line ends, blanks of folding) stands for itself."""
    decode = _decoder_of(escape)
    runs = _GRAPHIC_RUN.findall(stretch)
    odd = [run for run in runs if len(run) % 2 and run[0] > 0x20]
    if odd:
        joined = re.sub(rb"[ \t\r\n]+", b"", stretch)
        if len(odd) % 2 == 0 and _GRAPHIC_RUN.fullmatch(joined):
            return decode(joined)  # a fold cut a character in two
    return "".join(decode(run) if 0x20 < run[0] < 0x7F else run.decode("latin-1") for run in runs)


def _decoder_of(escape: bytes) -> Callable[[bytes], str]:
    codec, lead = {
        b"\x1b$A": ("gb2312", b""),
        b"\x1b$(A": ("gb2312", b""),
        b"\x1b$(C": ("euc_kr", b""),
        b"\x1b$(D": ("euc_jp", b"\x8f"),
        b"\x1b$(O": ("euc_jis_2004", b""),
        b"\x1b$(P": ("euc_jis_2004", b"\x8f"),
        b"\x1b$(Q": ("euc_jis_2004", b""),
    }.get(escape, ("", b""))
    if not codec:
        return _decode_pairs
    return lambda run: _decode_high(run, codec, lead)


def _decode_high(run: bytes, codec: str, lead: bytes) -> str:
    high = run.translate(_SET_HIGH_BIT)
    if lead:
        high = b"".join(lead + high[at : at + 2] for at in range(0, len(high), 2))
    return high.decode(codec, "replace")


def _decode_pairs(run: bytes) -> str:
    """Pairs of JIS X 0208 by Microsoft's table; a single octet left at the end is lost."""
    cut = REPLACEMENT if len(run) % 2 else ""
    return run[: len(run) // 2 * 2].decode("utf-16-be").translate(_pair_table()) + cut


def _decode_euc_run(run: bytes) -> str:
    if run[0] < 0x80:
        return run.decode("ascii")
    if run[0] == 0x8F and len(run) == 3:
        return _ibm_table().get(run[1:]) or run.decode("euc_jp", "replace")[:1]
    if run[0] == 0x8E and len(run) == 2:
        return chr(0xFF61 + run[1] - 0xA1)
    return _decode_pairs(run.translate(_CLEAR_HIGH_BIT)) if len(run) > 1 else REPLACEMENT


@lru_cache(1)
def _kana_table() -> dict[int, str]:
    """JIS X 0201 katakana, in its 7-bit and its 8-bit place."""
    table = {code: chr(0xFF61 + (code & 0x7F) - 0x21) for code in (*range(0x21, 0x60), *range(0xA1, 0xE0))}
    return table | dict.fromkeys((*range(0x60, 0x7F), *range(0x80, 0xA1), *range(0xE0, 0x100)), REPLACEMENT)


@lru_cache(1)
def _pair_table() -> dict[int, str]:
    """Row and cell of JIS X 0208, as one 16-bit number, to the character that cp932 has there (CP50221's table)."""
    rows = range(0x21, 0x7F)
    return {row << 8 | cell: _pair_to_character(row, cell) for row in rows for cell in rows}


def _pair_to_character(row: int, cell: int) -> str:
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x1F if row % 2 else 0x7E)
    trail += bool(row % 2 and cell >= 0x60)
    try:
        character = bytes((lead, trail)).decode("cp932")
    except UnicodeDecodeError:
        return REPLACEMENT
    return character if len(character) == 1 else REPLACEMENT


@lru_cache(1)
def _ibm_table() -> dict[bytes, str]:
    """eucJP-ms keeps the IBM characters that JIS X 0212 lacks in its rows 83 and 84, in cp932's order (from 0xF3F3)."""
    codes = [bytes((lead, trail)) for lead in (0xFA, 0xFB, 0xFC) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD))]
    characters = [character for code in codes if _lacks_place(character := code.decode("cp932", "ignore"))]
    places = [bytes((row, cell)) for row in (0xF3, 0xF4) for cell in range(0xA1, 0xFF)]
    return dict(zip(places[places.index(b"\xf3\xf3") :], characters, strict=False))


def _lacks_place(character: str) -> bool:
    """Whether an IBM character stands in no other part of eucJP-ms (№ stands in two)."""
    if len(character) != 1 or character in "￢￤∵":
        return False
    try:
        return character.encode("euc_jp")[:1] != b"\x8f" or character == "№"
    except UnicodeEncodeError:
        return True
