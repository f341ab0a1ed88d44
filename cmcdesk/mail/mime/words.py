"""Encoded words (RFC 2047) as they are met: cut in the middle of a character, in quotes, unpadded, with blanks inside.

Adjacent words of one charset are joined as octets before they are decoded, so that a character or an ISO-2022-JP escape
state may run from one into the next (against RFC 2047 §5, and everywhere).
"""

import re
from dataclasses import dataclass

from cmcdesk.mail.mime.charsets import Decoded, decode_octets
from cmcdesk.mail.mime.jis import REPLACEMENT
from cmcdesk.mail.mime.labels import find_codec
from cmcdesk.mail.mime.transfer import decode_base64, decode_quoted_printable

MAX_VALUE = 256 * 1024
"""Octets of one field's value that are decoded; what is longer is cut there, unless it is plain ASCII (ours)."""
BLANKS = " \t\r\n"
"""What RFC 5322 §2.2.2 calls white space, and line ends. The ideographic space of Japanese names is text."""
ENCODED_WORD = re.compile(
    r"=\?[ \t]*([^?\s]{0,60})[ \t]*\?[ \t]*([BbQq])[ \t]*\?"
    r"((?:[^?=]++|=(?!\?(?!=))|\?(?!=))*+)(?:\?=|\Z)"
)
_BETWEEN = re.compile(r"[ \t\r\n]*")
_FOLD = re.compile(r"(?<![\r\n])[\r\n]++(?=[ \t])")
_FOLD_WITHIN_JIS = re.compile(rb"(\x1b\$[@B][^\x1b]*)")
_FOLD_WITH_BLANKS = re.compile(rb"[\r\n]+[ \t]*")
_LINE_ENDS = re.compile(r"[\r\n]+[ \t]*")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=\s]")


@dataclass(frozen=True, slots=True)
class _Word:
    charset: str
    is_base64: bool
    encoded: str

    @property
    def codec(self) -> str:
        """What the label means, so that UTF-8 and utf8 are one."""
        return find_codec(self.charset) or self.charset

    def octets(self) -> bytes:
        if self.is_base64:
            return decode_base64(self.encoded.encode("ascii", "ignore"))
        return decode_quoted_printable(re.sub(r"=(?=\s|$)", "=3D", self.encoded).replace("_", "=20").encode())


def decode_field(raw: bytes | str, hint: str = "") -> str:
    """The value of one header field: unfolded, encoded words and 8-bit octets decoded, blanks at both ends gone.

    raw: what stands after the colon, as octets (or as text that was decoded already). hint: the charset the mail names
    elsewhere, tried first for 8-bit octets. Total; linear in len(raw).
    """
    if isinstance(raw, str):
        return decode_words(_LINE_ENDS.sub(" ", raw)).strip(BLANKS)
    if raw.isascii() and b"=?" not in raw and b"\x1b" not in raw:
        text = raw.decode("ascii").strip(BLANKS)
        return clean_text(unfold(text) if "\n" in text or "\r" in text else text).strip(BLANKS)
    return decode_words(decode_raw(raw, hint)).strip(BLANKS)


def decode_raw(raw: bytes, hint: str = "") -> str:
    """A field's value as text, unfolded, its encoded words still encoded: the form in which it can be parsed safely.

    Octets of Shift_JIS and ISO-2022-JP may look like quotes, commas and semicolons, so they become characters first.
    """
    raw = raw[:MAX_VALUE].strip(BLANKS.encode())  # before a byte order mark is looked for
    if b"\x1b" in raw:
        raw = join_folded_jis(raw)
    return clean_text(unfold(decode_octets(raw, hint=hint).text))


def join_folded_jis(raw: bytes) -> bytes:
    """A field without the folds inside two-octet stretches of ISO-2022-JP: there a fold and its blank are no text."""
    return _FOLD_WITHIN_JIS.sub(lambda run: _FOLD_WITH_BLANKS.sub(b"", run[1]), raw)


def unfold(text: str) -> str:
    """RFC 5322 §2.2.3: the line end goes, the blank after it stays."""
    return _FOLD.sub("", text).replace("\r", " ").replace("\n", " ")


def clean_text(text: str) -> str:
    """Without NUL and other control characters, which no header field has a use for."""
    return text if text.isprintable() else _CONTROLS.sub("", text)


def decode_words(text: str) -> str:
    """Text with every encoded word in it decoded, also inside quotes and with no blank around it."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    run: list[_Word] = []
    end = 0
    for match in ENCODED_WORD.finditer(text):
        if not _is_word(match):
            continue
        gap = text[end : match.start()]
        if run and not _BETWEEN.fullmatch(gap):
            pieces.append(_decode_run(run))
            run = []
        if not run:
            pieces.append(gap)
        run.append(_Word(match[1].partition("*")[0].lower(), match[2] in "Bb", match[3]))
        end = match.end()
    return clean_text("".join([*pieces, _decode_run(run), text[end:]]))


def _is_word(match: re.Match[str]) -> bool:
    """A word without its end is one only where a sender cut a long base64 value."""
    if match[0].endswith("?=") and (match[3] or match.end() > match.end(3)):
        return True
    return match[2] in "Bb" and not _NOT_BASE64.search(match[3].removesuffix("?"))


def _decode_run(words: list[_Word]) -> str:
    """Adjacent words: those of one charset together, then whatever lies beside them."""
    text: list[str] = []
    start = 0
    for end in range(1, len(words) + 1):
        if end == len(words) or words[end].codec != words[start].codec:
            text.append(_decode_same(words[start:end]))
            start = end
    return "".join(text)


def _decode_same(words: list[_Word]) -> str:
    charset = words[0].charset
    octets = [word.octets() for word in words]
    joined = decode_octets(b"".join(octets), charset)
    if len(words) == 1 or _count_faults([joined], charset) == 0:
        return _without_line_ends(joined.text)
    candidates = [[joined], [decode_octets(piece, charset) for piece in octets]]
    if all(word.is_base64 for word in words):
        # some senders cut the base64 text itself, wherever 75 characters were full
        whole = decode_base64("".join(word.encoded for word in words).encode("ascii", "ignore"))
        candidates.append([decode_octets(whole, charset)])
    best = min(candidates, key=lambda pieces: _count_faults(pieces, charset))
    return _without_line_ends("".join(piece.text for piece in best))


def _count_faults(pieces: list[Decoded], charset: str) -> int:
    """Characters that could not be read, and one more for each piece that is not in the charset that was named."""
    named = find_codec(charset)
    foreign = sum(piece.charset not in (named, "us-ascii") for piece in pieces) if named else 0
    return foreign + sum(piece.text.count(REPLACEMENT) for piece in pieces)


def _without_line_ends(text: str) -> str:
    return _LINE_ENDS.sub(" ", text) if "\n" in text or "\r" in text else text
