"""The header section: where it ends, and the fields in it (RFC 5322 §2.2), also where the sender got them wrong.

Line ends may be CRLF, LF, CR CR LF or, in a message without any LF, CR. An mbox "From " line and blank lines before the
first field are skipped. A line that is no field ends the section, unless it is the rest of a field that was folded
without a blank.
"""

import re
from dataclasses import dataclass

from cmcdesk.mail.mime.words import MAX_VALUE, decode_field

MAX_FIELDS = 10_000
"""Fields of one header section that are kept; the rest is skipped (ours)."""
_BEFORE_FIELDS = re.compile(rb"(?:[ \t]*\r*\n){0,20}(?:>?From [^\n]*\n)?")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*)\n?")
_CONTINUATION = re.compile(rb"[ \t][^\n]*\n?")
_EMPTY_LINE = re.compile(rb"\n\r*\n")
_BLANK_LINE = re.compile(rb"[ \t]*\r*(?:\n|\Z)")
_KNOWN_FIELD = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|sender|return-path|references"
    rb"|in-reply-to|user-agent|x-[a-z0-9-]+|list-[a-z-]+|dkim-signature|delivered-to|organization)[ \t]*:",
    re.IGNORECASE,
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
    """The message with LF for CR where CR is its only line end (old Macintosh programs); else as it is."""
    return octets.replace(b"\r", b"\n") if b"\n" not in octets and b"\r" in octets else octets


def read_head(octets: bytes, start: int, end: int, *, of_message: bool = False) -> Head:
    """The header section of octets[start:end]; of_message: skip an mbox line and blank lines before it."""
    at = _skip_to_fields(octets, start, end) if of_message else start
    fields: list[tuple[str, bytes]] = []
    while at < end:
        if _is_separator(octets, at, end):
            blank = _BLANK_LINE.match(octets, at, end)
            return Head(fields, blank.end() if blank else end)
        field = _FIELD.match(octets, at, end)
        if not field:
            rest = _end_of_unfolded_rest(octets, at, end) if fields else 0
            if not rest:
                return Head(fields, at)
            name, raw = fields[-1]
            fields[-1] = (name, raw + b" " + octets[at:rest] if len(raw) < MAX_VALUE else raw)
            at = rest
            continue
        at = _end_of_folds(octets, field.end(), end)
        fields.append((field[1].decode("ascii"), octets[field.start(2) : at]))
        if len(fields) == MAX_FIELDS:
            rest_end = _EMPTY_LINE.search(octets, at - 1, end)
            return Head(fields, rest_end.end() if rest_end else end)
    return Head(fields, end)


def decode_fields(head: Head, hint: str) -> tuple[Field, ...]:
    """The fields of a head with their values decoded; hint: the charset of the message's text."""
    return tuple(Field(name, decode_field(raw, hint), raw) for name, raw in head.fields)


def _skip_to_fields(octets: bytes, start: int, end: int) -> int:
    skipped = _BEFORE_FIELDS.match(octets, start, end)
    at = skipped.end() if skipped else start
    return at if _FIELD.match(octets, at, end) else start


def _end_of_folds(octets: bytes, at: int, end: int) -> int:
    while at < end and octets[at] in b" \t" and not _is_separator(octets, at, end):
        fold = _CONTINUATION.match(octets, at, end)
        at = fold.end() if fold else end
    return at


def _is_separator(octets: bytes, at: int, end: int) -> bool:
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


def _end_of_unfolded_rest(octets: bytes, at: int, end: int) -> int:
    """Where a line ends that belongs to the field before it though no blank begins it; 0 if it does not.

    It does if it begins with an encoded word, or if a well-known field follows it.
    """
    line_end = octets.find(b"\n", at, end) + 1
    if not line_end or octets.startswith(b"--", at):
        return 0
    next_line = octets[line_end : line_end + 200]
    if octets.startswith(b"=?", at) or _KNOWN_FIELD.match(next_line):
        return line_end
    return 0
