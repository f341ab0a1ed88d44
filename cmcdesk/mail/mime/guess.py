"""Which charset octets without a trustworthy label are in: UTF-8, ISO-2022-JP, Shift_JIS, EUC-JP, else Western.

Japanese before everything else: this server stands in Japan.
"""

import re

from cmcdesk.mail.mime import jis

_SAMPLE = 32 * 1024
_FIRST_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_NEIGHBOURS = re.compile(rb"[\x80-\xff]{2}|(?<![A-Za-z])[\x80-\xff]")
_LONG_UTF_8 = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_ANY_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xf4][\x80-\xbf]{2}")
_KANA = re.compile("[\u3041-\u30fe]")
_IDEOGRAPH = re.compile("[\u2116\u2121\u2160-\u217b\u2460-\u2473\u3001-\u303f\u3220-\u33ff\u4e00-\u9fff\uff01-\uff5e]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_WIDE_LETTER = re.compile("[\u0020-\u007e\u3001-\u30fe\u4e00-\u9fff\uff01-\uff9f]")
_HALF_WIDTH_RUN = re.compile(rb"[\xa1-\xdf]+")
_NOT_HALF_WIDTH = re.compile(rb"[\x80-\xa0\xe0-\xff]")
_VOICED_MARK = re.compile(rb"[\xde\xdf]")
_WRONG_HALF_WIDTH = re.compile(
    rb"(?<![\xb3\xb6-\xc4\xca-\xce])\xde|(?<![\xca-\xce])\xdf|(?:^|(?<=[\x00-\x7f\xa1-\xa5]))[\xa7-\xb0]"
)
# Windows-1252: accented letters; what else stands in Western text; and what no Western word looks like
_ACCENTED = re.compile(rb"[\xc0-\xff]")
_NOT_WESTERN = re.compile(
    rb"[\x81-\x84\x86-\x90\x98-\x9f\xa4-\xa6\xa8\xac\xad\xaf\xb1\xb6\xb8\xbc-\xbe\xd7\xf7]|[\xc0-\xff]{3}"
    rb"|[a-z][\xc0-\xde]|(?<![A-Za-z\xc0-\xff])[\xc0-\xff]{1,2}(?![A-Za-z\xc0-\xff])"
)
_NOT_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BELOW_A0 = re.compile(rb"[\x80-\xa0]")
_ABOVE_A0 = re.compile(rb"[\xa1-\xff]")
_ENOUGH_OCTETS = 6
_LETTERS = re.compile(rb"[A-Za-z]")
_IMPROBABLE = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f]")


def guess_charset(octets: bytes, hint: str = "") -> str:
    """The charset octets most probably are in. hint: a codec that wins where the octets fit it and are not UTF-8."""
    if jis.has_japanese_escape(octets):
        return "iso-2022-jp"
    if octets.isascii():
        return _guess_wide(octets) or "us-ascii"
    if hint == "euc-jp" and not _LONG_UTF_8.search(octets) and _fits(octets, hint):
        return hint  # two octets of a kanji may be a letter of UTF-8 by chance: 由優 would be two accents
    if decode_utf_8(octets) is not None or _is_cut_utf_8(octets, hint):
        return "utf-8"
    wide = _guess_wide(octets)
    if wide:
        return wide
    if hint and hint not in ("us-ascii", "iso-2022-jp", "utf-8") and _fits(octets, hint):
        return hint
    return _choose_by_score(octets, hint)


def decode_utf_8(octets: bytes) -> str | None:
    """Text of well-formed UTF-8 (also with surrogate pairs written as CESU-8 and NUL as 0xC080, by Java), or None."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        if b"\xed" not in octets and b"\xc0\x80" not in octets:
            return None
    try:
        text = octets.replace(b"\xc0\x80", b"\x00").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_plainly_utf_8(octets: bytes, any_length: bool = False) -> bool:
    """Well-formed UTF-8 that no other charset gives by chance: it has characters of three octets (or two, if asked)."""
    if octets.isascii() or not (any_length or _LONG_UTF_8.search(octets)):
        return False
    return decode_utf_8(octets) is not None


def is_plainly_japanese(octets: bytes, label: str = "") -> bool:
    """Shift_JIS or EUC-JP that no other charset gives by chance: nothing in it is improbable, and it has kana, or what
    does not occur in the charset of its label (a codec)."""
    codec = guess_charset(octets)
    if codec not in ("cp932", "euc-jp") or (label == "cp932" and is_half_width(octets)):
        return False
    text = octets[:_SAMPLE].decode(codec.replace("-", "_"), "replace").rstrip(jis.REPLACEMENT)
    if _IMPROBABLE.search(text):
        return False
    return len(_KANA.findall(text)) > 1 or _does_not_occur(octets[:_SAMPLE], label)


def _does_not_occur(octets: bytes, label: str) -> bool:
    """Windows-1252 has five octets without a character. Shift_JIS has hiragana, marks and all common kanji behind an
    octet below 0xA0."""
    if label == "cp932":
        return not _BELOW_A0.search(octets) and len(_ABOVE_A0.findall(octets)) >= _ENOUGH_OCTETS
    return label == "cp1252" and _NOT_IN_1252.search(octets) is not None


def is_plainly_wide(octets: bytes, codec: str) -> bool:
    """Whether octets that are called UTF-16 or UTF-32 are that: many senders put the label on ASCII or UTF-8.

    ASCII shows by a zero octet in every pair. Japanese without any shows by its kana, or by being neither ASCII, nor
    UTF-8, nor Japanese of another charset.
    """
    if b"\0" in octets[:_SAMPLE] or octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if len(octets) % 2 or not codec.startswith("utf-16") or jis.has_japanese_escape(octets):
        return False
    orders = ("utf-16-be", "utf-16-le") if codec == "utf-16" else (codec,)
    texts = [octets[:_SAMPLE].decode(order, "replace") for order in orders]
    if any(3 * len(_KANA.findall(text)) > len(text) for text in texts):
        return True
    foreign = octets.isascii() or decode_utf_8(octets) is not None or is_plainly_japanese(octets)
    return not foreign and any(len(_WIDE_LETTER.findall(text)) == len(text) for text in texts)


def is_half_width(octets: bytes) -> bool:
    """Whether Shift_JIS that would also be EUC-JP is half-width katakana, as banks and old programs write names.

    Every high octet is one; a voiced mark stands behind a letter that takes it; no word begins with what cannot begin
    one; and hiragana, of which every second octet is one and the same, do not show (nor katakana alone).
    """
    octets = octets[:_SAMPLE]
    if _NOT_HALF_WIDTH.search(octets) or _WRONG_HALF_WIDTH.search(octets):
        return False
    leads = b"".join(run[::2] for run in _HALF_WIDTH_RUN.findall(octets))
    kana = leads.count(0xA4) + leads.count(0xA5)
    return leads.count(0xA4) * 2 < len(leads) and kana < len(leads)


def _is_cut_utf_8(octets: bytes, hint: str) -> bool:
    """UTF-8 but for one character, of which octets are missing: the text was cut by length, and perhaps a line end or
    dots were written behind. In the middle a lead octet before ASCII may also be a Western letter: there, other
    characters have to show that it is none."""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        characters = len(_LONG_UTF_8.findall(octets[:_SAMPLE], 0, error.start))
        if error.reason == "unexpected end of data":
            return hint == "utf-8" or characters > 0
        enough = characters > (0 if hint == "utf-8" else 1)
        return enough and error.reason == "invalid continuation byte" and decode_utf_8(octets[error.end :]) is not None
    return False


def _guess_wide(octets: bytes) -> str:
    """UTF-16 shows by zero octets on one side of every pair."""
    start = octets[:1024]
    if start.count(0) * 4 < len(start) or len(start) < 4:
        return ""
    return "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be"


def _choose_by_score(octets: bytes, hint: str) -> str:
    first = _FIRST_HIGH.search(octets)
    sample = octets[first.start() if first else 0 :][:_SAMPLE]
    if hint != "iso-2022-jp" and _is_western(octets[max(0, (first.start() if first else 0) - 40) :][:_SAMPLE]):
        return "cp1252"  # beside ISO-2022-JP it is rather Japanese: 渡邊 has the octets of “nç²
    if not _HIGH_NEIGHBOURS.search(octets[max(0, (first.start() if first else 0) - 1) :][:_SAMPLE]):
        return "cp1252"  # single 8-bit letters inside Latin words
    if _VOICED_MARK.search(octets) and is_half_width(octets):
        return "cp932"
    scores = {codec: _score(sample, codec) for codec in ("utf-8", "cp932", "euc-jp")}
    if hint and hint not in scores and hint not in ("us-ascii", "iso-2022-jp"):
        scores[hint] = _score(sample, hint)
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > 0 else _choose_without_score(octets, hint)


def _is_western(sample: bytes) -> bool:
    """Whether every accented letter of Windows-1252 stands in a Latin word, one or two of them among plain ones."""
    if _NOT_WESTERN.search(sample):
        return False
    accented = len(_ACCENTED.findall(sample))
    return 0 < accented <= len(_LETTERS.findall(sample))


def _choose_without_score(octets: bytes, hint: str) -> str:
    return "utf-8" if hint == "utf-8" and _ANY_UTF_8.search(octets) else "cp1252"


def _score(sample: bytes, codec: str) -> float:
    """How much like Japanese the sample reads: kana speak for it, what has no character speaks against it."""
    text = sample.decode("euc_jp" if codec == "euc-jp" else codec, "replace").rstrip(jis.REPLACEMENT)
    kana, ideographs = len(_KANA.findall(text)), len(_IDEOGRAPH.findall(text))
    return 3 * kana + ideographs + 0.2 * len(_HALF_WIDTH.findall(text)) - 10 * len(_IMPROBABLE.findall(text))


def _fits(octets: bytes, codec: str) -> bool:
    try:
        octets.decode("euc_jp" if codec == "euc-jp" else codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
