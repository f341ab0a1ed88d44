"""Content-Type and Content-Disposition with their parameters (RFC 2045 §5.1, 2183, 2231), as mailers write them.

File names in Japanese mail come in every form: RFC 2231 pieces, encoded words in quotes (forbidden, and most common),
plain 8-bit octets, percent codes without a charset. All of them are read.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from cmcdesk.mail.mime.charsets import decode_octets
from cmcdesk.mail.mime.labels import find_codec
from cmcdesk.mail.mime.words import clean_text, decode_raw, decode_words

MAX_PARAMETERS = 200
# What follows the quote that ends a value: a semicolon or the end, perhaps after a comment; or, where the semicolon is
# missing, the next parameter. Any other quote is one that stands inside unescaped.
_AFTER_VALUE = (
    r'\s*+(?:\([^()"]{0,100}\)\s*+)?(?:;|\Z)'
    r'|\s++[a-zA-Z][\w*-]{0,40}=(?:"[^"]{0,300}"|[^\s"]{1,300})\s*+(?:;|\Z)'
)
_PARAMETER = re.compile(
    r'[;\s]*+(?:\([^()"]{0,100}\)\s*+)?([^=;\s"]{1,100})\s*+=\s*+'
    rf'(?:"((?:[^"\\]|\\.|\\|"(?!{_AFTER_VALUE}))*+)"(?={_AFTER_VALUE})|((?:=\?[^?]*\?[bBqQ]\?[^?]*\?=|[^;])*+))'
    r"|[;\s]*+[^;]*+;?",
    re.DOTALL,
)
_VALUE = re.compile(r"[^;]*")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")
_EXTENDED_HEAD = re.compile(r"([\w.:+-]*)'([\w-]*)'(.*)", re.DOTALL)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_QUOTED_PAIR = re.compile(r'\\(["\\])')
_LINE_ENDS = re.compile(r"[\r\n]+")
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_MEDIA_TYPE = re.compile(r"\s*\"?([\w!#$&^.+*-]{1,80})\s*/\s*([\w!#$&^.+*-]{1,120})")
_MULTIPART = re.compile(r"\s*\"?multipart\s*(?:/|\Z)")


@dataclass(frozen=True, slots=True)
class Parameterized:
    """A field's value before its parameters, lower case, and the parameters decoded, by name in lower case."""

    value: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Section:
    number: int
    extended: bool
    text: str


def read_parameterized(raw: bytes, hint: str = "") -> Parameterized:
    """A Content-Type or Content-Disposition field. Total; of two parameters of one name the first counts."""
    text = decode_raw(raw, hint)
    value = _VALUE.match(text)
    head = value[0] if value else ""
    start = len(head)
    if (
        "=" in head
    ):  # the semicolon is missing, or a parameter stands where the type should: `Content-Type: charset=utf-8`
        head = "" if "=" in head.split()[0] else head.split()[0]
        start = len(head)
    sections = _collect_sections(text, start)
    return Parameterized(head.strip().lower(), {name: _join(sections[name]) for name in sections})


def media_type(value: str) -> str:
    """`type/subtype` of a Content-Type value, or "" where there is none (RFC 2045 §5.2: then text/plain).

    A multipart without a subtype is a mixed one (RFC 2046 §5.1.3: so are those of subtypes that nobody knows).
    """
    match = _MEDIA_TYPE.match(_COMMENT.sub("", value[:1000]))  # RFC 2045 §5.1: comments may stand anywhere in it
    if match:
        return f"{match[1]}/{match[2]}"
    return "multipart/mixed" if _MULTIPART.match(value) else ""


def clean_file_name(name: str) -> str:
    """A file name without folders and control characters: what comes with a mail must not choose a place."""
    path = _LINE_ENDS.sub("", clean_text(name)).replace("\t", " ").strip().rstrip("/\\")
    last = re.split(r"[/\\]", path)[-1].strip()
    return "" if last in (".", "..") else last


def _collect_sections(text: str, start: int) -> dict[str, list[_Section]]:
    found: dict[str, list[_Section]] = defaultdict(list)
    at = start
    for _ in range(MAX_PARAMETERS):
        match = _PARAMETER.match(text, at)
        if not match or match.end() == at:
            break
        at = match.end()
        if match[1]:
            name, section = _read_section(match)
            found[name].append(section)
    return found


def _read_section(match: re.Match[str]) -> tuple[str, _Section]:
    quoted, bare = match[2], match[3]
    text = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else bare.strip().strip('"')
    name = _SECTION.fullmatch(match[1].lower())
    if not name:
        return match[1].lower(), _Section(-1, False, text)
    number = int(name[2]) if name[2] else (0 if name[3] else -1)
    return name[1], _Section(number, bool(name[3]), text)


def _join(sections: list[_Section]) -> str:
    """RFC 2231 §3, §4: numbered and extended sections win over a plain value of the same name."""
    first_of = {section.number: section for section in reversed(sections) if section.number >= 0}
    numbered = [first_of[number] for number in sorted(first_of)]
    if not numbered:
        return _decode_plain(sections[0].text)
    if not any(section.extended for section in numbered) and not _is_extended_head(numbered[0].text):
        return _decode_plain("".join(section.text for section in numbered))
    return _decode_extended(numbered)


def _is_extended_head(text: str) -> bool:
    """Whether a value or first section without its `*` is meant as `charset'language'value`, and apostrophes are not
    of a name.

    RFC 2231 §4.1: only sections with `*` carry them. Some senders forget the star, and name a charset that is one.
    """
    head = _EXTENDED_HEAD.fullmatch(text)
    return head is not None and bool(find_codec(head[1])) and _PERCENT.search(head[3]) is not None


def _decode_plain(text: str) -> str:
    if _is_extended_head(text):
        return _decode_extended([_Section(0, True, text)])
    decoded = decode_words(text)
    if decoded != text or not _PERCENT.search(text) or not text.isascii():
        return decoded
    octets = unquote_to_bytes(text)
    try:
        return text if octets.isascii() else octets.decode("utf-8")
    except UnicodeDecodeError:
        return text


def _decode_extended(sections: list[_Section]) -> str:
    """Octets of all sections together, for a character may be cut between two; then words, which some put inside."""
    head = (
        _EXTENDED_HEAD.fullmatch(sections[0].text)
        if sections[0].extended or _is_extended_head(sections[0].text)
        else None
    )
    charset, first = (head[1], head[3].strip('"')) if head else ("", sections[0].text)
    all_coded = not any(section.extended for section in sections)
    runs = [(sections[0].extended or bool(head), first)]
    for section in sections[1:]:
        coded = section.extended or all_coded
        if coded and runs[-1][0]:
            runs[-1] = (True, runs[-1][1] + section.text)  # a percent code may be cut between two sections
        else:
            runs.append((coded, section.text))
    octets = b"".join(_to_octets(text, coded, charset) for coded, text in runs)
    return decode_words(clean_text(decode_octets(octets, charset).text))


def _to_octets(text: str, percent: bool, charset: str) -> bytes:
    if not text.isascii():
        try:
            octets = text.encode(find_codec(charset) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            octets = text.encode("utf-8", "replace")
        return unquote_to_bytes(octets) if percent else octets
    return unquote_to_bytes(text) if percent else text.encode("ascii")
