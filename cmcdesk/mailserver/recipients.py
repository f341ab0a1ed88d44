"""How recipients stand in a mail row: JSON list of [address, route], and the routes as bits. Cached: senders repeat."""

import json
from functools import lru_cache

from cmcdesk.mail.envelope import Recipient
from cmcdesk.store.maillog_schema import ROUTE_BITS


@lru_cache(maxsize=1024)
def recipients_as_json(recipients: tuple[Recipient, ...]) -> str:
    return json.dumps([[one.address, one.route] for one in recipients], ensure_ascii=False)


@lru_cache(maxsize=1024)
def route_bits(recipients: tuple[Recipient, ...]) -> int:
    bits = 0
    for one in recipients:
        bits |= ROUTE_BITS[one.route]
    return bits
