"""The few header fields that are looked at before the 250: a scan of the header section, never a MIME parse.

RFC 5322 §2.2: a field is a name, a colon and a body that may be folded. Met in the world and taken too: blanks before
the colon, bare LF and CR CR LF as line ends, and what `mime.heads` skips before the first field. Where a line that is
no field follows one that is looked for, and in a mail without line feeds, the reader of `mime.heads` decides.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from cmcdesk.mail.mime.guess import is_plainly_utf_8
from cmcdesk.mail.mime.heads import read_head, skip_to_fields, use_line_feeds
from cmcdesk.mail.mime.structure import CHARSET_OCTETS, read_charset
from cmcdesk.mail.mime.words import BLANKS, decode_raw, join_folded_jis

# In a header section longer than this only the first field of each name that is not found before it is looked for, and
# not beyond the second number: time stays bounded.
SCANNED_OCTETS = 262_144
LATE_OCTETS = 5 * SCANNED_OCTETS

_FOLD = re.compile(rb"\r*\n(?=[ \t])")
_END = re.compile(rb"\r*\n\r*\n")
_EMPTY_LINES = (b"\n\r\n", b"\n\r\r\n")
_BLANKS = BLANKS.encode()
_LATE_ENDS = (b"\n\n", *_EMPTY_LINES)
_BEFORE_FIELDS = b"\xef\r\n \t"
_LF, _ESC, _EQUALS = b"\n\x1b="

Fields = dict[str, list[bytes]]


@lru_cache(maxsize=64)
def _field_pattern(names: frozenset[str]) -> re.Pattern[bytes]:
    alternatives = b"|".join(re.escape(name.encode("ascii", "ignore")) for name in sorted(names))
    # The line feed in front, instead of ^: a search jumps from one to the next, where it would look at every octet.
    value = rb"(.*(?:\n[ \t].*)*)"
    odd_line = rb"(\n(?![!-9;-~]+[ \t]*:|[\r\n]|\Z))?"
    return re.compile(rb"\n(" + alternatives + rb")[ \t]*:[ \t]*" + value + odd_line, re.IGNORECASE)


def scan_fields(octets: bytes | bytearray, names: frozenset[str]) -> Fields:
    """The raw, unfolded bodies of the fields with these lower-case names, in order, 8-bit ones as UTF-8; an absent name
    has no key."""
    found = _scan(octets, names)
    # RFC 6532 allows UTF-8 alone. What else is met is in the charset of the mail, which these octets need not show.
    if any(not _is_utf_8(body) for bodies in found.values() for body in bodies):
        charset = read_charset(bytes(octets[:CHARSET_OCTETS]))
        for name, bodies in found.items():
            found[name] = [body if body.isascii() else _recode(body, charset) for body in bodies]
    return found


def _scan(octets: bytes | bytearray, names: frozenset[str]) -> Fields:
    found: Fields = {}
    start = 0
    if octets.find(b"\n", 0, len(octets) - 1) < 0:
        return _read_fields(octets, names)
    if octets and octets[0] in _BEFORE_FIELDS:
        start = skip_to_fields(octets, 0, min(len(octets), SCANNED_OCTETS))
        if not start:
            return found
    end = header_end(octets, start)
    is_cut = end > SCANNED_OCTETS
    if is_cut:  # the line that the limit cuts is left to `_scan_late`
        end = max(start, octets.rfind(b"\n", start, end))
    head = b"\n" + octets[start:end]
    for name, body, odd_line in _field_pattern(names).findall(head):
        if odd_line:
            return _read_fields(octets, names)
        if _LF in body:
            body = _unfold(body)
        name = _lower(name)
        if name in found:
            found[name].append(body.strip(_BLANKS))
        else:
            found[name] = [body.strip(_BLANKS)]
    if is_cut:
        _scan_late(octets, end, names.difference(found), found)
    return found


def _scan_late(octets: bytes | bytearray, start: int, missing: frozenset[str], found: Fields) -> None:
    """Add the first field of each name that is still missing, from `start` on."""
    if missing:
        ends = [at for at in (octets.find(end, start, LATE_OCTETS) for end in _LATE_ENDS) if at >= 0]
        for late in _field_pattern(missing).finditer(octets, start, min(ends, default=LATE_OCTETS)):
            found.setdefault(_lower(late[1]), [_unfold(bytes(late[2])).strip(_BLANKS)])
            if missing <= found.keys():
                return


def _is_utf_8(body: bytes) -> bool:
    return body.isascii() or is_plainly_utf_8(body)


def _recode(body: bytes, charset: str) -> bytes:
    """An 8-bit body as UTF-8."""
    return decode_raw(body, charset).encode("utf-8", "replace")


def _unfold(body: bytes) -> bytes:
    """RFC 5322 §2.2.3: the line end goes, the blanks or tabs after it stay."""
    return _FOLD.sub(b"", join_folded_jis(body) if _ESC in body else body)


def _read_fields(octets: bytes | bytearray, names: frozenset[str]) -> Fields:
    """As `scan_fields`, by the reader of the whole mail: it knows the rest of a field that no blank begins."""
    beginning = use_line_feeds(bytes(octets[:SCANNED_OCTETS]))
    found: Fields = {}
    for name, raw in read_head(beginning, 0, len(beginning), of_message=True).fields:
        if name.lower() in names:
            found.setdefault(name.lower(), []).append(_unfold(raw.rstrip(_BLANKS)).strip(_BLANKS))
    return found


@lru_cache(maxsize=256)
def _lower(name: bytes) -> str:
    return name.lower().decode("ascii")


def header_end(octets: bytes | bytearray, start: int = 0) -> int:
    """Where the header section that begins at `start` ends: before its empty line, at most SCANNED_OCTETS."""
    end = octets.find(b"\n\r", start, SCANNED_OCTETS)
    bare = octets.find(b"\n\n", start, end if end >= 0 else SCANNED_OCTETS)
    if bare >= 0:
        end = bare
    elif not octets.startswith(
        _EMPTY_LINES, end if end >= 0 else len(octets)
    ):  # odd line ends, or no empty line at all
        odd = _END.search(octets, start, SCANNED_OCTETS)
        end = odd.start() if odd else min(len(octets), SCANNED_OCTETS)
    return end + 1


def is_plain(body: bytes) -> bool:
    """Whether a field body is the same text decoded: ASCII without encoded-words (RFC 2047) and escapes (RFC 1468)."""
    # A number in bytes costs a tenth of find, and `bytes in bytes` ten times that: it makes an exception and drops it.
    return body.isascii() and _ESC not in body and (_EQUALS not in body or body.find(b"=?") < 0)


def lower_names(names: Iterable[str]) -> frozenset[str]:
    """Header names as `scan_fields` wants them."""
    return frozenset(name.lower() for name in names)


KNOWN_FIELD = re.compile(
    rb"^(?:return-path|received|date|from|sender|to|cc|subject|message-id|mime-version|content-\w+|x-[!-9;-~]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


def is_mail(octets: bytes) -> bool:
    """Whether a file can be a mail at all: at its beginning stands a field that mails have (RFC 5322 §3.6)."""
    return KNOWN_FIELD.search(octets[:SCANNED_OCTETS]) is not None
