"""CMC's Inbound Webhook and Event Webhook as they go over the wire, octet for octet.

Inbound: multipart/form-data or JSON. Sources: CMC's API reference (Inbound, Webhook common rules) and the samples in
the vendor's blog. Where they are silent or contradict each other the choice is ours and is called so here.

Events: a form whose `event` is a JSON string, or one JSON object.

The outer parameters, their order and the two forms are documented. The keys of a bounce are not: ours are those of
the bounces API's record for version 2, with the names of version 1's deliveries for version 1.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import urlencode

from cmcdesk.mail.mime.message import Attachment, Message
from cmcdesk.rules.settings.errors import SECRET_MASK
from cmcdesk.webhook.target import Format, Target

# How much of what is sent is kept with each attempt, in octets.
EXCERPT_LIMIT = 2048
_AT_ONCE = 64 * 1024  # characters of a text that are written as JSON at a time

CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")

# The order of the keys is that of CMC's samples of deliveries, as far as bounces (inferred) have them.
KEYS_OF_VERSION = {
    1: {
        "reason": "reason",
        "created": "created",
        "subject": "subject",
        "messageId": "messageId",
        "envelopeFrom": "returnPath",
        "envelopeTo": "to",
        "status": "status",
    },
    2: {key: key for key in
        ("reason", "returnPath", "created", "subject", "apiData", "messageId", "from", "to", "status")},
}  # fmt: skip


# CMC's samples of deliveries; version 1 has neither `from` nor `apiData`.
DELIVERY_KEYS = {
    1: {
        "reason": "reason",
        "sourceIp": "sourceIp",
        "created": "created",
        "subject": "subject",
        "messageId": "messageId",
        "envelopeFrom": "returnPath",
        "envelopeTo": "to",
        "senderIp": "senderIp",
        "status": "status",
    },
    2: {key: key for key in
        ("reason", "sourceIp", "returnPath", "created", "subject", "apiData", "messageId", "from", "to", "senderIp",
         "status")},
}  # fmt: skip


class HeaderEntry(TypedDict):
    """One element of `headers`, as CMC documents it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MailParts:
    """What every delivery of one mail says alike; made once, used for each of its recipients and filters."""

    sender: str
    headers: list[HeaderEntry]
    headers_json: str
    subject: str
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Addressing:
    """What one delivery says by itself. api_key: "" if none is set."""

    composition: str
    filter: str
    recipient: str
    api_key: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """The content of one POST. excerpt: its first octets for the log, the API key masked."""

    content_type: str
    octets: bytes
    excerpt: bytes


def take_parts(sender: str, message: Message) -> MailParts:
    """The parts of a message that a webhook carries; sender: the envelope's, "" for the null reverse-path."""
    # First Return-Path in angle brackets, then the mail's own fields in their order and case (CMC's samples). Decoded
    # values are ours: the parameter is documented as UTF-8, whether encoded words are decoded is not.
    own: list[HeaderEntry] = [{"name": field.name, "value": field.value} for field in message.fields]
    headers: list[HeaderEntry] = [{"name": "Return-Path", "value": f"<{sender}>"}, *own]
    return MailParts(
        sender=sender,
        headers=headers,
        headers_json=write_json(headers),
        subject=message.subject,
        text=use_crlf(message.text),
        html=use_crlf(message.html),
        attachments=tuple(message.attachments),
    )


def build_payload(form: Format, parts: MailParts, addressing: Addressing, boundary: str) -> Payload:
    """The POST's content. boundary: 1-70 letters and digits that do not occur in the mail, drawn by the caller."""
    if form == "json":
        return _build_json(parts, addressing)
    return _build_multipart(parts, addressing, boundary)


def write_json(value: object) -> str:
    """Compact JSON, `<` and `>` as \\u003C and \\u003E as in CMC's samples; everything else plain UTF-8 (ours)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003C").replace(">", "\\u003E")


def use_crlf(text: str | None) -> str | None:
    """CMC's reference names LF as its newline, yet the samples of `text` in its blog have CR LF: CR LF (ours)."""
    if text is None:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _build_json(parts: MailParts, addressing: Addressing) -> Payload:
    """Key order as in CMC's sample. No attachments and no count of them: the sample has no such key."""
    content: dict[str, object] = {
        "filter": addressing.filter,
        "headers": parts.headers,
        "subject": parts.subject,
        "envelope-to": addressing.recipient,
        "server_composition": addressing.composition,
    }
    if parts.html is not None:
        content["html"] = parts.html
    if parts.text is not None:
        content["text"] = parts.text
    content["envelope-from"] = parts.sender
    key = _encode(f'"api_key":{write_json(addressing.api_key)},') if addressing.api_key else b""
    octets = _write_object(content, key)
    masked = f'"api_key":"{SECRET_MASK}",'.encode() if key else b""
    excerpt = b"{" + masked + octets[1 + len(key) : 1 + len(key) + EXCERPT_LIMIT]
    return Payload("application/json", octets, excerpt[:EXCERPT_LIMIT])


def _write_object(content: dict[str, object], first: bytes) -> bytes:
    """The JSON object, `first` before its first key. Long text goes piece by piece: as one string, with every NUL as
    six characters of four octets each, it would take many times the room of the mail."""
    out = io.BytesIO()
    out.write(b"{" + first)
    for number, (key, value) in enumerate(content.items()):
        out.write(_encode(("," if number else "") + write_json(key) + ":"))
        if isinstance(value, str):
            out.write(b'"')
            for at in range(0, len(value), _AT_ONCE):
                out.write(_encode(write_json(value[at : at + _AT_ONCE])[1:-1]))
            out.write(b'"')
        else:
            out.write(_encode(write_json(value)))
    out.write(b"}")
    return out.getvalue()


def _build_multipart(parts: MailParts, addressing: Addressing, boundary: str) -> Payload:
    fields = {
        "server_composition": addressing.composition,
        "filter": addressing.filter,
        "headers": parts.headers_json,
        "subject": parts.subject,
        "envelope-from": parts.sender,
        "envelope-to": addressing.recipient,
    }
    if parts.text is not None:
        fields["text"] = parts.text
    if parts.html is not None:
        fields["html"] = parts.html
    fields["attachments"] = str(len(parts.attachments))
    pieces = [_write_field(boundary, name, value) for name, value in fields.items()]
    for number, attachment in enumerate(parts.attachments, start=1):
        pieces += (_encode(_write_file_head(boundary, f"attachment{number}", attachment)), attachment.octets, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    key, masked = b"", b""
    if addressing.api_key:
        key = _write_field(boundary, "api_key", addressing.api_key)
        masked = _write_field(boundary, "api_key", SECRET_MASK)
    excerpt = masked + b"".join(piece[:EXCERPT_LIMIT] for piece in pieces)
    content_type = f"multipart/form-data; boundary={boundary}"
    return Payload(content_type, b"".join((key, *pieces)), excerpt[:EXCERPT_LIMIT])


def _write_field(boundary: str, name: str, value: str) -> bytes:
    # No content-type on fields: so browsers send them (HTML Standard, "multipart/form-data encoding algorithm"), and so
    # every form parser reads them as UTF-8.
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return b"".join((head.encode(), _encode(value), b"\r\n"))


def _write_file_head(boundary: str, name: str, attachment: Attachment) -> str:
    """Ours: the decoded name as raw UTF-8, as browsers send it. PHP, Django, werkzeug, busboy and ASP.NET read that;
    `filename*` is forbidden here (RFC 7578 §4.2). CMC's post of 2020 speaks of Base64 names, its ASP.NET sample reads
    the decoded one."""
    filename = escape_filename(attachment.filename or name)
    content_type = attachment.content_type or ""
    if not CONTENT_TYPE.fullmatch(content_type):  # a stranger's text must not become header lines
        content_type = "application/octet-stream"
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return f"--{boundary}\r\n{disposition}\r\nContent-Type: {content_type}\r\n\r\n"


def escape_filename(filename: str) -> str:
    """As the HTML Standard's multipart/form-data encoding escapes it; NUL, which breaks C receivers, goes."""
    escaped = filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace("\0", "")


def _encode(text: str) -> bytes:
    """UTF-8; lone surrogates, which UTF-8 cannot say, become "?"."""
    return text.encode("utf-8", "replace")


def shape_event_bounce(record: dict[str, str], version: int) -> dict[str, str]:
    """One element of `event.bounces`; record: the nine keys of the bounces API."""
    return {key: record[source] for key, source in KEYS_OF_VERSION[version].items()}


def shape_event_delivery(record: dict[str, str], version: int) -> dict[str, str]:
    """One element of `event.deliveries`; record: the eleven keys of deliveries/list."""
    return {key: record[source] for key, source in DELIVERY_KEYS[version].items()}


def build_event_payload(target: Target, composition: str, event_type: str, event_json: str) -> Payload:
    """The POST's content; event_json: the event object, as it was queued."""
    event = json.loads(event_json)
    outer = {"server_composition": composition, "event_type": event_type}
    if target.format == "json":
        return _build("application/json", target, outer | {"event": event}, _encode_json)
    form = outer | {"event": write_json(event)}
    return _build("application/x-www-form-urlencoded", target, form, _encode_form)


def _build(content_type: str, target: Target, content: Mapping[str, object], encode: Any) -> Payload:
    if not target.api_key:
        octets = encode(content)
        return Payload(content_type, octets, octets[:EXCERPT_LIMIT])
    octets, shown = encode({"api_key": target.api_key, **content}), encode({"api_key": SECRET_MASK, **content})
    return Payload(content_type, octets, shown[:EXCERPT_LIMIT])


def _encode_json(content: Mapping[str, object]) -> bytes:
    return write_json(content).encode("utf-8", "replace")


def _encode_form(content: dict[str, str]) -> bytes:
    """As Java's URLEncoder does: a space is `+`, `*` stays and `~` does not."""
    text = urlencode(content, encoding="utf-8", errors="replace")
    return text.replace("%2A", "*").replace("~", "%7E").encode("ascii")
