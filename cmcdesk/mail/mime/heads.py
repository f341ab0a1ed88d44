"""The header section: where it ends, and the fields in it (RFC 5322 §2.2), also where the sender got them wrong.

Line ends may be CRLF, LF, CR CR LF or, in a message without any LF, CR. What stands before the first field is skipped:
a byte order mark, blank lines, an mbox "From " line, a banner, a line that begins with a blank.

A line among the fields that is no field ends the section, unless a well-known field follows before the empty line. Then
it is either the rest of a field that was folded without a blank, or it belongs to nothing and is dropped.
"""

import re
from dataclasses import dataclass
from itertools import islice

from cmcdesk.mail.mime.words import MAX_VALUE, decode_field

MAX_FIELDS = 10_000
MAX_HEAD = 512 * 1024
"""Fields and octets of one header section that are read; the rest is skipped (ours; Postfix takes 100 KB), but for
the fields that say whose mail it is and how its body is to be read."""
MAX_LATE_FIELDS = 100
"""Of those, behind what is read (ours)."""
MAX_ODD_LINES = 20
"""Lines in a row that are no field and after which a field is still looked for (ours)."""
_BOM = b"\xef\xbb\xbf"
_BEFORE_FIELDS = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r*\n){0,20}(?:>?From [^\n]*\n)?")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*)\n?")
_CONTINUATION = re.compile(rb"[ \t][^\n]*\n?")
_EMPTY_LINE = re.compile(rb"\n\r*\n")
_BLANK_LINE = re.compile(rb"[ \t]*\r*(?:\n|\Z)")
_KNOWN_FIELD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]+|received(?:-spf)?|reply-to|sender"
    rb"|return-path|references|in-reply-to|user-agent|x-[a-z0-9_-]+|list-[a-z-]+|dkim-signature|delivered-to|organization"
    rb"|importance|priority|precedence|sensitivity|thread-[a-z]+|auto-submitted|authentication-results|arc-[a-z-]+|resent-[a-z-]+"
    rb"|errors-to|return-receipt-to|disposition-notification-to|comments|keywords|feedback-id)[ \t]*:",
    re.IGNORECASE,
)
_LATE_FIELD = re.compile(
    rb"\n(?=(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{1,40})[ \t]*:)", re.IGNORECASE
)
_BESIDE_FIELDS = re.compile(rb"[^:\n]{0,100}:|>?From ")  # a name with blanks or 8-bit octets in it; an mbox line
_UNFINISHED = re.compile(rb"[,;=]\s*\Z|\A\s*\Z")
_CONTINUES = re.compile(rb"=\?|[,;<\"]|[\w*-]{1,40}=|[^\s@]{1,100}@")
_STRUCTURED = re.compile(
    rb"(?:from|to|cc|bcc|sender|reply-to|date|message-id|mime-version|content-[a-z-]+|return-path)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name as written, its value decoded and unfolded, and the octets after the colon."""

    name: str
    value: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Raw fields in order (name, octets after the colon with their folds), and where the body starts."""

    fields: list[tuple[str, bytes]]
    body: int

    def find(self, name: str) -> bytes | None:
        """The value of the first field of that name (lower case), raw; None if there is none."""
        return next((raw for given, raw in self.fields if given.lower() == name), None)


def use_line_feeds(octets: bytes) -> bytes:
    """The message with line ends that can be read: LF for CR where CR is its only one (old Macintosh programs), but for
    the last, which SMTP needs; CRLF for CR CR LF where its header has that (something wrote CRLF through a text file).
    Else as it is."""
    doubled = octets.find(b"\r\r\n", 0, MAX_VALUE)
    if doubled >= 0:
        empty = _EMPTY_LINE.search(octets, 0, MAX_VALUE)
        return octets.replace(b"\r\r\n", b"\r\n") if not empty or doubled < empty.end() else octets
    if octets.find(b"\n", 0, len(octets) - 1) < 0 and octets.find(b"\r", 0, len(octets) - 2) >= 0:
        return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return octets


def skip_to_fields(octets: bytes | bytearray, start: int, end: int) -> int:
    """Where the first field of a message begins, after what editors, archives and relays put before it; `start` where
    there is no field."""
    skipped = _BEFORE_FIELDS.match(octets, start, end)
    at = skipped.end() if skipped else start
    if _FIELD.match(octets, at, end):
        return at
    after = _find_known_field(octets, at, end)
    following = _FIELD.match(octets, after, end) if after else None
    is_head = following and _find_known_field(octets, _end_of_folds(octets, following.end(), end), end, lines=1)
    return after if is_head else start


def read_head(octets: bytes, start: int, end: int, *, of_message: bool = False) -> Head:
    """The header section of octets[start:end]; of_message: skip an mbox line and blank lines before it."""
    at = skip_to_fields(octets, start, end) if of_message else start
    fields: list[tuple[str, bytes]] = []
    while at < end:
        field = _FIELD.match(octets, at, end)
        if field:
            at = _end_of_folds(octets, field.end(), end)
            fields.append((field[1].decode("ascii"), octets[field.start(2) : at]))
            if len(fields) == MAX_FIELDS or at - start > MAX_HEAD:
                return _skip_rest(fields, octets, at, end)
            continue
        if _is_separator(octets, at, end):
            blank = _BLANK_LINE.match(octets, at, end)
            return Head(fields, blank.end() if blank else end)
        if octets.startswith(_BOM, at):
            at += len(_BOM)
            continue
        rest_end = _end_of_odd_line(octets, at, end) if fields else 0
        if not rest_end:
            return Head(fields, at)
        if _is_rest_of(fields[-1], octets[at:rest_end]):
            name, raw = fields[-1]
            fields[-1] = (name, raw + b" " + octets[at:rest_end] if len(raw) < MAX_VALUE else raw)
        at = rest_end
        if at - start > MAX_HEAD:
            return _skip_rest(fields, octets, at, end)
    return Head(fields, end)


def _skip_rest(fields: list[tuple[str, bytes]], octets: bytes, at: int, end: int) -> Head:
    rest = _EMPTY_LINE.search(octets, at - 1, end)
    stop = rest.start() + 1 if rest else end
    for line in islice(_LATE_FIELD.finditer(octets, at - 1, stop), MAX_LATE_FIELDS):
        if field := _FIELD.match(octets, line.end(), stop):
            after = _end_of_folds(octets, field.end(), stop)
            fields.append((field[1].decode("ascii"), octets[field.start(2) : after]))
    return Head(fields, rest.end() if rest else end)


def decode_fields(head: Head, hint: str) -> tuple[Field, ...]:
    """The fields of a head with their values decoded; hint: the charset of the message's text."""
    return tuple(Field(name, decode_field(raw, hint), raw) for name, raw in head.fields)


def _end_of_folds(octets: bytes | bytearray, at: int, end: int) -> int:
    while at < end and octets[at] in b" \t" and not _is_separator(octets, at, end):
        fold = _CONTINUATION.match(octets, at, end)
        at = fold.end() if fold else end
    return at


def _is_separator(octets: bytes | bytearray, at: int, end: int) -> bool:
    """An empty line; or one of blanks alone, if no field and no further fold comes after it."""
    if octets[at] not in b"\r\n \t":
        return False
    blank = _BLANK_LINE.match(octets, at, end)
    if not blank:
        return False
    if octets[at] in b"\r\n":
        return True
    after = blank.end()
    return after >= end or not (octets[after] in b" \t" or _KNOWN_FIELD.match(octets, after, end))


def _end_of_odd_line(octets: bytes, at: int, end: int) -> int:
    """Where a line ends that is no field, with the lines folded under it; 0 if the header section ends before it."""
    line_end = octets.find(b"\n", at, end) + 1
    if not line_end or octets.startswith(b"--", at):
        return 0
    if octets.startswith(b"=?", at):
        return line_end
    return _end_of_folds(octets, line_end, end) if _find_known_field(octets, line_end, end) else 0


def _find_known_field(octets: bytes | bytearray, at: int, end: int, lines: int = MAX_ODD_LINES) -> int:
    """Where the next well-known field begins, at most so many lines on and before an empty one; 0 if there is none."""
    for _ in range(lines):
        if at >= end or octets[at] in b"\r\n" or octets.startswith(b"--", at):
            return 0
        if _KNOWN_FIELD.match(octets, at, end):
            return at
        at = octets.find(b"\n", at, end) + 1
        if not at:
            return 0
    return 0


def _is_rest_of(field: tuple[str, bytes], line: bytes) -> bool:
    """Whether a line that no blank begins is the rest of the field before it, and not a line of its own.

    Text goes on with any words; a field of a fixed form only where it is unfinished, or where the line looks like more.
    """
    if _CONTINUES.match(line):
        return True
    if _BESIDE_FIELDS.match(line):
        return False
    name, raw = field
    return not _STRUCTURED.match(name.encode()) or _UNFINISHED.search(raw) is not None
