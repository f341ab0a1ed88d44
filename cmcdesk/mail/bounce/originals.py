"""The mail that failed, as far as the notice returns it: a bounce is tied to it by Message-ID, else by recipient."""

import re

from cmcdesk.mail.bounce.parts import Fields, Parts, scan_fields
from cmcdesk.mail.bounce.verdict import Original
from cmcdesk.mail.mime.words import decode_field

_ADDRESS = re.compile(
    r"(?:\"[^\"\n@<>]{1,64}\"|[^\s<>()\[\],;:\"@]{1,128})@(?:[\w.\-\u0080-\uffff]{1,255}|\[[\d.]{7,15}\])"
)
_FIRST_FIELD = re.compile(
    r"^[ \t>]{0,8}(?:Return-Path|Received|From|To|Subject|Date|Message-ID|MIME-Version|DKIM-Signature|X-[\w-]+):",
    re.I | re.M,
)


def read_original(parts: Parts, tail: str) -> Original:
    """From the returned part, else from the text behind the notice."""
    for source in (*parts.returned[:2], tail):
        fields = _scan(source)
        if "message-id" in fields or "from" in fields or "to" in fields:
            return _original_of(fields)
    return Original()


def find_addresses(value: str) -> tuple[str, ...]:
    """Bare addresses in a header value, in order. UTF-8 in the octets of a raw value (RFC 6532) is read."""
    if not value.isascii():
        octets = _octets_of(value)
        value = decode_field(octets) if octets else value
    return tuple(dict.fromkeys(match[0].rstrip(".") for match in _ADDRESS.finditer(value[:8000])))


def _octets_of(value: str) -> bytes:
    """The octets of a raw value, read as latin-1; empty if the value is decoded already."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return b""


def _scan(source: str) -> Fields:
    start = _FIRST_FIELD.search(source[:20_000])
    if not start:
        return {}
    head = source[start.start() :].lstrip(" \t>").partition("\n\n")[0]
    return scan_fields(head)


def _original_of(fields: Fields) -> Original:
    def text(name: str) -> str:
        value = fields.get(name, [""])[0]
        return decode_field(_octets_of(value) or value)[:998]

    sender = find_addresses(fields.get("from", [""])[0])
    recipients = find_addresses(",".join(fields.get("to", [])[:3]))
    paths = find_addresses(fields.get("return-path", [""])[0])
    message_id = re.search(r"<[^<>\s]{1,500}>", fields.get("message-id", [""])[0])
    return Original(
        header_from=sender[0] if sender else "",
        recipients=recipients[:50],
        message_id=message_id[0] if message_id else text("message-id"),
        subject=text("subject"),
        api_data=text("x-api-data"),
        return_path=paths[0] if paths else "",
    )
