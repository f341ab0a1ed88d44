"""Text to octets in the charsets that Japanese mail is really written in, and to encoded-words (RFC 2047)."""

import re
from base64 import b64encode, encodebytes
from quopri import encodestring

# The label that goes into the mail. Outlook and the carriers label what is really windows-31j's repertoire (①, ㈱,
# half-width kana) as ISO-2022-JP, which RFC 1468 does not allow; "iso-2022-jp-ms" is that practice.
LABELS = {
    "utf-8": "UTF-8",
    "iso-2022-jp": "ISO-2022-JP",
    "iso-2022-jp-ms": "ISO-2022-JP",
    "shift_jis": "Shift_JIS",
    "windows-31j": "Windows-31J",
    "euc-jp": "EUC-JP",
    "iso-8859-1": "ISO-8859-1",
    "us-ascii": "us-ascii",
}
_CODECS = {
    "utf-8": "utf-8",
    "iso-2022-jp": "iso2022_jp",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "iso-8859-1": "latin-1",
    "us-ascii": "ascii",
}
_ENCODED_WORD_OCTETS = 75  # RFC 2047 §2
_HALF_WIDTH_KANA = range(0xFF61, 0xFFA0)


def encode_text(text: str, charset: str) -> bytes:
    """Return the text in a charset of LABELS. Raises UnicodeEncodeError where the charset lacks a character."""
    if charset == "iso-2022-jp-ms":
        return _encode_jis_ms(text)
    return text.encode(_CODECS[charset])


def encode_words(text: str, charset: str) -> str:
    """Return a header value: the text itself if ASCII, else B encoded-words of at most 75 octets, one a line."""
    if text.isascii():
        return text
    words, rest = [], text
    while rest:
        length = _count_fitting(rest, charset)
        words.append(_encode_word(rest[:length], charset))
        rest = rest[length:]
    return "\r\n ".join(words)


def write_base64(text: str, charset: str) -> str:
    """Return the text in that charset and base64, in lines of 76 (RFC 2045 §6.8)."""
    return encodebytes(encode_text(text, charset)).decode("ascii")


def write_quoted(text: str, charset: str) -> str:
    """Return the text in that charset and quoted-printable (RFC 2045 §6.7)."""
    return encodestring(encode_text(text, charset)).decode("ascii")


def _encode_word(text: str, charset: str) -> str:
    return f"=?{LABELS[charset]}?B?{b64encode(encode_text(text, charset)).decode('ascii')}?="


def _count_fitting(text: str, charset: str) -> int:
    length = min(len(text), _ENCODED_WORD_OCTETS)
    while length > 1 and len(_encode_word(text[:length], charset)) > _ENCODED_WORD_OCTETS:
        length -= 1
    return length


def _encode_jis_ms(text: str) -> bytes:
    """Encode as CP50221 does: JIS X 0208 and NEC's rows (13, 89-92) after ESC $ B, half-width kana after ESC ( I."""
    pieces = []
    for run in re.findall(r"[\x00-\x7f]+|[\uff61-\uff9f]+|[^\x00-\x7f\uff61-\uff9f]+", text):
        if run.isascii():
            pieces.append(run.encode("ascii"))
        elif ord(run[0]) in _HALF_WIDTH_KANA:
            pieces.append(b"\x1b(I" + bytes(ord(one) - 0xFF40 for one in run) + b"\x1b(B")
        else:
            pieces.append(b"\x1b$B" + b"".join(_convert_to_jis(one) for one in run) + b"\x1b(B")
    return b"".join(pieces)


def _convert_to_jis(character: str) -> bytes:
    """Return row and cell (each + 0x20) of one character, by the arithmetic of JIS X 0208 annex 1 (Shift JIS)."""
    octets = character.encode("cp932")
    if len(octets) != 2 or octets[0] > 0xEF:
        raise UnicodeEncodeError("iso-2022-jp-ms", character, 0, 1, "outside JIS X 0208 and NEC's rows")
    lead, trail = octets
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
    if trail >= 0x9F:
        return bytes((row + 1, trail - 0x7E))
    return bytes((row, trail - (0x1F if trail < 0x7F else 0x20)))
