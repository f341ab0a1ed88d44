"""A received message made fit for the page: its HTML without what could act, its pictures inside of it."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cmcdesk.mail.mime.message import Message
from cmcdesk.mail.mime.structure import MimePart

CID = re.compile(r"""cid:([^"'\s)>]+)""", re.IGNORECASE)
PICTURES = re.compile(r"image/(png|jpeg|gif|webp|bmp)")
HTML_SHOWN = 1_000_000
FRAME_OCTETS = 4_500_000
"""Characters of the HTML that are shown, and octets of the whole frame, its pictures among them (ours)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the sandboxed frame shows; is_cut: not all of the HTML, or not all pictures that the mail carries."""

    html: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the MIME tree, without what it carries, with those of its children that are shown."""

    part: MimePart
    children: list["Branch"]


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """An attachment as the page lists it; size: octets."""

    filename: str
    content_type: str
    size: int


def list_attachments(message: Message) -> list[AttachmentLine]:
    """The attachments, without what they carry: a template's context lives on until the next garbage collection."""
    return [AttachmentLine(each.filename, each.content_type, len(each.octets)) for each in message.attachments]


def make_html_safe(message: Message) -> Frame:
    """The HTML as written, with `cid:` pictures put in as data. What it may do is bounded by the sandbox and the
    content policy that it is served with, not by picking it apart here."""
    html = (message.html or "")[:HTML_SHOWN]
    pictures = {part.content_id.strip("<>"): part for part in list_leaves(message.parts) if part.content_id}
    written: dict[str, str] = {}
    room = FRAME_OCTETS - len(html.encode("utf-8", "replace"))
    left_out = False

    def put_in(match: re.Match[str]) -> str:
        nonlocal room, left_out
        part = pictures.get(match[1])
        if part is None or not PICTURES.fullmatch(part.content_type):
            return match[0]
        if 4 * len(part.octets) // 3 + 40 > room:
            left_out = True
            return match[0]
        data = written[match[1]] = written.get(match[1]) or _write_data(part)
        room -= len(data)
        return data

    shown = CID.sub(put_in, html)
    return Frame(shown, left_out or len(html) < len(message.html or ""))


def _write_data(part: MimePart) -> str:
    return f"data:{part.content_type};base64,{base64.b64encode(part.octets).decode()}"


def take_tree(root: MimePart, limit: int) -> tuple[Branch, bool]:
    """The first `limit` parts of the tree, in the order in which they are read; whether there are more."""
    left = limit

    def take(part: MimePart) -> Branch:
        nonlocal left
        left -= 1
        branch = Branch(replace(part, octets=b"", text=None, children=()), [])
        for child in part.children:
            if left <= 0:
                left = -1
                break
            branch.children.append(take(child))
        return branch

    return take(root), left < 0


def list_leaves(part: MimePart) -> Iterator[MimePart]:
    """All parts without parts of their own, in order."""
    if not part.children:
        yield part
    for child in part.children:
        yield from list_leaves(child)


def count_parts(message: Message) -> int:
    """How many leaves the MIME tree has."""
    return sum(1 for _part in list_leaves(message.parts))
