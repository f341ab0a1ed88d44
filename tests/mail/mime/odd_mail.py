"""One odd but real mail with what must be read of it, and the pieces that such mails are made of."""

import base64
import hashlib
from typing import Any, NamedTuple

HEAD = (
    b"From: Sender <sender@client.example>\r\nTo: info@form.example.jp\r\n"
    b"Date: Mon, 06 Oct 2025 10:11:12 +0900\r\nMIME-Version: 1.0\r\n"
)


class Odd(NamedTuple):
    """A mail: what is odd about it, its octets, and fields of `inbound read` that must come out (others are free)."""

    name: str
    octets: bytes
    want: dict[str, Any]


def mail(fields: bytes, body: bytes, head: bytes = HEAD) -> bytes:
    """Return a mail of the usual head, these fields and this body."""
    return head + fields + b"\r\n\r\n" + body


def b_word(octets: bytes, charset: bytes = b"utf-8") -> bytes:
    """Return the octets as one B word of RFC 2047."""
    return b"=?" + charset + b"?B?" + base64.b64encode(octets) + b"?="


def file(name: str, octets: bytes) -> dict[str, str]:
    """Return how an attachment is told."""
    return {"filename": name, "sha256": hashlib.sha256(octets).hexdigest()}
