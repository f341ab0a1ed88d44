"""A received message made fit for the page: its HTML without what could act, its pictures inside of it."""

import base64
import re
from collections.abc import Iterator

from cmcdesk.mail.message import Message
from cmcdesk.mail.mime.structure import Part

CID = re.compile(r"""cid:([^"'\s)>]+)""", re.IGNORECASE)
PICTURES = re.compile(r"image/(png|jpeg|gif|webp|bmp)")
LARGEST_PICTURE = 5 * 1024 * 1024


def make_html_safe(message: Message) -> str:
    """The HTML as written, with `cid:` pictures put in as data. What it may do is bounded by the sandbox and the
    content policy that it is served with, not by picking it apart here."""
    pictures = {part.content_id.strip("<>"): part for part in list_leaves(message.parts) if part.content_id}

    def put_in(match: re.Match[str]) -> str:
        part = pictures.get(match[1])
        if part is None or not PICTURES.fullmatch(part.content_type) or len(part.octets) > LARGEST_PICTURE:
            return match[0]
        return f"data:{part.content_type};base64,{base64.b64encode(part.octets).decode()}"

    return CID.sub(put_in, message.html or "")


def list_leaves(part: Part) -> Iterator[Part]:
    """All parts without parts of their own, in order."""
    if not part.children:
        yield part
    for child in part.children:
        yield from list_leaves(child)


def count_parts(message: Message) -> int:
    """How many leaves the MIME tree has."""
    return sum(1 for _part in list_leaves(message.parts))
