"""CMC's Event Webhook as it goes over the wire: a form whose `event` is a JSON string, or one JSON object.

The outer parameters, their order and the two forms are documented. The keys of a bounce are not: ours are those of
the bounces API's record for version 2, with the names of version 1's deliveries for version 1.
"""

import json
from typing import Any
from urllib.parse import urlencode

from cmcdesk.webhook.payload import EXCERPT_LIMIT, MASK, Payload, write_json
from cmcdesk.webhook.target import Target

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


def shape_bounce(record: dict[str, str], version: int) -> dict[str, str]:
    """One element of `event.bounces`; record: the nine keys of the bounces API."""
    return {key: record[source] for key, source in KEYS_OF_VERSION[version].items()}


def build_event_payload(target: Target, composition: str, event_type: str, event_json: str) -> Payload:
    """The POST's content; event_json: the event object, as it was queued."""
    event = json.loads(event_json)
    outer = {"server_composition": composition, "event_type": event_type}
    if target.format == "json":
        return _build("application/json", target, outer | {"event": event}, _encode_json)
    form = outer | {"event": write_json(event)}
    return _build("application/x-www-form-urlencoded", target, form, _encode_form)


def _build(content_type: str, target: Target, content: dict[str, Any], encode: Any) -> Payload:
    if not target.api_key:
        octets = encode(content)
        return Payload(content_type, octets, octets[:EXCERPT_LIMIT])
    octets, shown = encode({"api_key": target.api_key} | content), encode({"api_key": MASK} | content)
    return Payload(content_type, octets, shown[:EXCERPT_LIMIT])


def _encode_json(content: dict[str, Any]) -> bytes:
    return write_json(content).encode("utf-8", "replace")


def _encode_form(content: dict[str, str]) -> bytes:
    """As Java's URLEncoder does: a space is `+`, `*` stays and `~` does not."""
    text = urlencode(content, encoding="utf-8", errors="replace")
    return text.replace("%2A", "*").replace("~", "%7E").encode("ascii")
