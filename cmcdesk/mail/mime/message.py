"""A message as its reader would see it: subject, addresses, text, HTML, attachments, header fields, the tree of parts.

Reading is total: any octets give a Message. What was chosen where mail leaves a choice:

- text joins the text/plain parts that a mail program shows (not attachments), with a line end between; html likewise.
  In a multipart/alternative the first part with text gives the text, the last with HTML the HTML. None: no such part.
- Line ends in text and html are "\\n" (CMC sends LF); attachments keep their octets exactly.
- An attachment is every leaf that is not shown text, and every part with a file name or `Content-Disposition:
  attachment`, also an image inside HTML. A file name leaves a text part text where it is the whole message, or where it
  is the first part, named by Content-Type alone (some programs name the body so).
- An enclosed message is one attachment (its octets as transferred); its text and attachments are not the mail's own.
- A file name loses folders and control characters; "" means that the sender gave none.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from cmcdesk.mail.mime.addresses import Address, read_addresses
from cmcdesk.mail.mime.heads import Field, Head, decode_fields, read_head, use_line_feeds
from cmcdesk.mail.mime.structure import Budget, MimePart, Problem, find_charset, read_part
from cmcdesk.mail.mime.words import decode_field

__all__ = [
    "Address",
    "Attachment",
    "Field",
    "Message",
    "MimePart",
    "Problem",
    "decode_field",
    "describe_message",
    "read_message",
]

READING_MEMORY = 16
"""Octets of memory that reading takes at most for each octet of a mail, what is written for a webhook included (ours;
measured: 10, for ASCII with one character beyond U+FFFF, which makes each character four octets)."""
MAX_ADDRESS_OCTETS = 128 * 1024
"""Octets of all From fields, and of all To fields, that are searched for addresses (ours)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """filename: decoded, "" = none given; octets: after transfer decoding; inline: shown inside the text."""

    filename: str
    content_type: str
    content_id: str
    octets: bytes
    inline: bool


@dataclass(frozen=True, slots=True)
class Message:
    """subject: "" if missing; text, html: None if the mail has no such part; parts: the root of the MIME tree."""

    subject: str
    from_: tuple[Address, ...]
    to: tuple[Address, ...]
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    fields: tuple[Field, ...]
    parts: MimePart


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a part shows and carries."""

    text: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def read_message(octets: bytes) -> Message:
    """Read a whole message, header and body, as DATA carried it or as a file holds it. Total; linear in len(octets)."""
    octets = use_line_feeds(octets)
    head = read_head(octets, 0, len(octets), of_message=True)
    root = read_part(octets, head, Budget())
    hint = find_charset(head, root)
    fields = decode_fields(head, hint)
    shown = _show(root, is_first=True, is_only=True)
    return Message(
        subject=next((field.value for field in fields if field.name.lower() == "subject"), ""),
        from_=_read_address_fields(head, "from", hint),
        to=_read_address_fields(head, "to", hint),
        text=_join_texts(shown.text),
        html=_join_texts(shown.html),
        attachments=shown.attachments,
        fields=fields,
        parts=root,
    )


def describe_message(message: Message) -> dict[str, Any]:
    """The message as the JSON object of `cmcdesk inbound read`, all of it; every key is always there."""
    return {
        "subject": message.subject,
        "from": [address.address for address in message.from_],
        "from_names": [address.name for address in message.from_],
        "to": [address.address for address in message.to],
        "to_names": [address.name for address in message.to],
        "text": message.text,
        "html": message.html,
        "attachments": [
            {"filename": attachment.filename, "sha256": hashlib.sha256(attachment.octets).hexdigest()}
            for attachment in message.attachments
        ],
        "headers": _describe_fields(message.fields),
    }


def _describe_fields(fields: tuple[Field, ...]) -> dict[str, str | list[str]]:
    """Values by name as first written; a list where a field is repeated, in whatever case."""
    names: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for field in fields:
        name = names.setdefault(field.name.lower(), field.name)
        values.setdefault(name, []).append(field.value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _read_address_fields(head: Head, name: str, hint: str) -> tuple[Address, ...]:
    found: list[Address] = []
    room = MAX_ADDRESS_OCTETS
    for given, raw in head.fields:
        if given.lower() == name and room > 0:
            found += read_addresses(raw[:room], hint)
            room -= len(raw)
    return tuple(found)


def _show(part: MimePart, *, is_first: bool, is_only: bool = False) -> _Shown:
    if not part.is_container:
        return _show_leaf(part, is_text=not part.name or is_only or (is_first and not part.disposition))
    shown = [_show(child, is_first=is_first and child is part.children[0]) for child in part.children]
    if part.content_type == "multipart/alternative":
        text = next((one.text for one in shown if one.text), ())
        html = next((one.html for one in reversed(shown) if one.html), ())
    else:
        text = tuple(piece for one in shown for piece in one.text)
        html = tuple(piece for one in shown for piece in one.html)
    return _Shown(text, html, tuple(attachment for one in shown for attachment in one.attachments))


def _show_leaf(part: MimePart, is_text: bool) -> _Shown:
    if part.text is not None and is_text:
        return _Shown(html=(part.text,)) if part.content_type == "text/html" else _Shown(text=(part.text,))
    inline = part.disposition.startswith("inline") or (bool(part.content_id) and not part.disposition)
    return _Shown(attachments=(Attachment(part.name, part.content_type, part.content_id, part.octets, inline),))


def _join_texts(texts: tuple[str, ...]) -> str | None:
    if not texts:
        return None
    return "".join(text if text.endswith("\n") else text + "\n" for text in texts[:-1]) + texts[-1]
