"""The tree of parts (RFC 2046), also where boundaries are wrong or missing. Total, with explicit limits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cmcdesk.mail.mime.charsets import Decoded, decode_octets, use_lf
from cmcdesk.mail.mime.delimiters import guess_boundary, split_multipart
from cmcdesk.mail.mime.guess import guess_charset
from cmcdesk.mail.mime.heads import Head, read_head, use_line_feeds
from cmcdesk.mail.mime.labels import find_codec
from cmcdesk.mail.mime.parameters import Parameterized, clean_file_name, media_type, read_parameterized
from cmcdesk.mail.mime.transfer import decode_transfer, is_plainly_not_base64, name_encoding
from cmcdesk.mail.mime.words import MAX_VALUE

MAX_DEPTH = 50
CHARSET_OCTETS, CHARSET_PARTS = 16 * 1024, 20
"""Of a mail, in which its charset is looked for where the rest of it is not read (ours)."""
MAX_PARTS = 2_000
"""Parts nested deeper, or beyond this number, are not opened (ours)."""

Problem = Literal[
    "boundary-missing",
    "boundary-guessed",
    "not-closed",
    "too-deep",
    "too-many-parts",
    "encoding-unknown",
    "encoding-wrong",
    "charset-unknown",
    "charset-differs",
]
_JAPANESE = ("cp932", "euc-jp")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MimePart:
    """One node of the MIME tree.

    content_type: lower case; charset: the label as given; read_as: the charset text was really read as ("" = no text);
    encoding: 7bit, 8bit, binary, base64, quoted-printable, uuencode or "" (unknown); name: the file name ("" = none);
    size: octets as transferred, without the part's header; octets: of a leaf, decoded (b"" of a container, and of all
    inside an enclosed message); text: of a text part that is shown; children: parts, or the enclosed message.
    """

    content_type: str
    charset: str
    read_as: str
    encoding: str
    disposition: str
    name: str
    content_id: str
    size: int
    octets: bytes
    text: str | None
    children: tuple["MimePart", ...]
    problems: tuple[Problem, ...]

    @property
    def is_container(self) -> bool:
        """A multipart that could be opened; its children, not itself, are what the mail carries."""
        return self.content_type.startswith("multipart/") and self.text is None and not self.octets


@dataclass(slots=True)
class Budget:
    """How many parts may still be opened; keep: whether leaves are decoded (not those inside enclosed messages);
    charset: the label of the first text, which 8-bit file names after it are most probably in too."""

    parts: int = MAX_PARTS
    keep: bool = True
    charset: str = ""


@dataclass(frozen=True, slots=True)
class _Entity:
    """The header section and extent of one part, before it is opened."""

    head: Head
    end: int
    content_type: str
    parameters: dict[str, str]
    disposition: Parameterized
    encoding: str

    @property
    def name(self) -> str:
        """RFC 2183 §2.3 filename, else the older `name` of Content-Type."""
        given = self.disposition.parameters.get("filename") or self.parameters.get("name", "")
        return clean_file_name(given)


def read_part(octets: bytes, head: Head, budget: Budget) -> MimePart:
    """The tree of the message whose header section is `head`; its body runs to the end of octets."""
    return _open_part(octets, _read_entity(head, len(octets), "text/plain", budget), budget, 0)


def find_charset(head: Head, root: MimePart) -> str:
    """What 8-bit header fields are most probably in: the first label of a text that says something; where none does,
    Shift_JIS or EUC-JP if a text, or the fields together, read as that. "" where nothing tells."""
    texts = list(_list_texts(root))
    label = next((text.charset for text in texts if find_codec(text.charset) not in ("", "us-ascii")), "")
    if label:
        return label
    fields = b"\n".join(raw[:MAX_VALUE] for _, raw in head.fields if not raw.isascii())
    seen = [*(text.read_as for text in texts), guess_charset(fields) if fields else ""]
    return next((charset for charset in seen if charset in _JAPANESE), "")


def _list_texts(part: MimePart) -> Iterator[MimePart]:
    if part.content_type.startswith("text/"):
        yield part
    for child in part.children:
        yield from _list_texts(child)


def read_charset(octets: bytes) -> str:
    """As `find_charset`, of a mail's beginning: for those who look at some of its fields alone."""
    octets = use_line_feeds(octets[:CHARSET_OCTETS])
    head = read_head(octets, 0, len(octets), of_message=True)
    return find_charset(head, read_part(octets, head, Budget(CHARSET_PARTS)))


def _read_entity(head: Head, end: int, default_type: str, budget: Budget) -> _Entity:
    content = read_parameterized(head.find("content-type") or b"", budget.charset)
    if not budget.charset and content.value.startswith("text"):
        budget.charset = content.parameters.get("charset", "")
    return _Entity(
        head,
        end,
        media_type(content.value) or _type_of(content, default_type),
        content.parameters,
        read_parameterized(head.find("content-disposition") or b"", budget.charset),
        name_encoding((head.find("content-transfer-encoding") or b"").decode("latin-1")),
    )


def _type_of(content: Parameterized, default_type: str) -> str:
    """What stands for a type that cannot be read: the default (RFC 2045 §5.2), but a named part of any other word than
    `text` is a file."""
    named = content.value not in ("", "text", "text/", "plain") and content.parameters.get("name")
    return "application/octet-stream" if named else default_type


def _open_part(octets: bytes, entity: _Entity, budget: Budget, depth: int) -> MimePart:
    budget.parts -= 1
    if entity.content_type.startswith("multipart/"):
        if depth >= MAX_DEPTH:
            return _make_leaf(octets, entity, budget, ("too-deep",))
        return _open_multipart(octets, entity, budget, depth)
    if entity.content_type in ("message/rfc822", "message/global") and depth < MAX_DEPTH and budget.parts > 0:
        return _open_enclosed(octets, entity, budget, depth)
    return _make_leaf(octets, entity, budget, () if entity.encoding else ("encoding-unknown",))


def _open_multipart(octets: bytes, entity: _Entity, budget: Budget, depth: int) -> MimePart:
    start, end = entity.head.body, entity.end
    if entity.encoding in ("base64", "quoted-printable") and octets.find(b"\n--", start, end) < 0:
        octets = decode_transfer(octets[start:end], entity.encoding)  # RFC 2045 §6.4 forbids it; it is met
        start, end = 0, len(octets)
    problems: list[Problem] = []
    limit = max(1, budget.parts + 1)
    boundary = entity.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    extents, closed = split_multipart(octets, (start, end), boundary, limit) if boundary else ([], False)
    if not extents and not closed:
        guessed = guess_boundary(octets, start, end)
        if not guessed:
            return _make_leaf(octets, entity, budget, ("boundary-missing",))
        problems.append("boundary-guessed" if boundary else "boundary-missing")
        extents, closed = split_multipart(octets, (start, end), guessed, limit)
    if not closed:
        problems.append("not-closed")
    default_type = "message/rfc822" if entity.content_type == "multipart/digest" else "text/plain"
    children: list[MimePart] = []
    for at, stop in extents:
        if budget.parts <= 0:
            problems.append("too-many-parts")
            break
        child = _read_entity(read_head(octets, at, stop), stop, default_type, budget)
        children.append(_open_part(octets, child, budget, depth + 1))
    return _make_part(entity, children=tuple(children), problems=tuple(problems))


def _open_enclosed(octets: bytes, entity: _Entity, budget: Budget, depth: int) -> MimePart:
    """An enclosed message: its octets as transferred, and its tree, in which no leaf is kept."""
    start, end = entity.head.body, entity.end
    kept = b""
    if budget.keep:
        kept = decode_transfer(octets[start:end], entity.encoding)
        octets, start, end = kept, 0, len(kept)
    elif entity.encoding in ("base64", "quoted-printable", "uuencode"):
        return _make_leaf(octets, entity, budget, ())
    inner = Budget(budget.parts, keep=False, charset=budget.charset)
    head = read_head(octets, start, end, of_message=True)
    child = _open_part(octets, _read_entity(head, end, "text/plain", inner), inner, depth + 1)
    budget.parts = inner.parts
    return _make_part(entity, octets=kept, children=(child,))


def _make_leaf(octets: bytes, entity: _Entity, budget: Budget, problems: tuple[Problem, ...]) -> MimePart:
    if not budget.keep:
        return _make_part(entity, problems=problems)
    carried = octets[entity.head.body : entity.end]
    decoded = decode_transfer(carried, entity.encoding)
    if entity.encoding == "base64" and is_plainly_not_base64(carried):
        problems = (*problems, "encoding-wrong")
    if not _is_shown_text(entity):
        return _make_part(entity, octets=decoded, problems=problems)
    text = _decode_text(decoded, entity)
    return _make_part(entity, octets=decoded, text=text, problems=(*problems, *_charset_problems(entity, text)))


def _is_shown_text(entity: _Entity) -> bool:
    if entity.disposition.value.startswith("attachment"):
        return False
    return entity.content_type in ("text/plain", "text/html") or entity.content_type.startswith("multipart/")


def _decode_text(octets: bytes, entity: _Entity) -> Decoded:
    label = entity.parameters.get("charset", "")
    if not label and entity.content_type == "text/html":
        meta = _META_CHARSET.search(octets[:4096])
        label = meta[1].decode("ascii") if meta else ""
    decoded = decode_octets(octets, label)
    text = decoded.text.removeprefix("\ufeff")
    return Decoded(use_lf(text) if "\r" in text else text, decoded.charset)


def _charset_problems(entity: _Entity, text: Decoded) -> tuple[Problem, ...]:
    label = entity.parameters.get("charset", "")
    if label and not find_codec(label):
        return ("charset-unknown",)
    return ("charset-differs",) if label and text.charset not in (find_codec(label), "us-ascii") else ()


def _make_part(
    entity: _Entity,
    *,
    octets: bytes = b"",
    text: Decoded | None = None,
    children: tuple[MimePart, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> MimePart:
    return MimePart(
        content_type=entity.content_type,
        charset=entity.parameters.get("charset", ""),
        read_as=text.charset if text else "",
        encoding=entity.encoding,
        disposition=entity.disposition.value,
        name=entity.name,
        content_id=(entity.head.find("content-id") or b"").decode("latin-1").strip(" <>\t\r\n"),
        size=max(0, entity.end - entity.head.body),
        octets=octets,
        text=text.text if text else None,
        children=children,
        problems=problems,
    )
