"""The recipients of one mail as its row and its deliveries need them. Cached: senders write to the same few again."""

import json
from functools import lru_cache
from typing import NamedTuple

from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.store.maillog.schema import ROUTE_BITS


class Addressed(NamedTuple):
    """as_json: list of [address, route]; routes: bits of ROUTE_BITS; inbound: addresses of the inbound route."""

    as_json: str
    routes: int
    inbound: tuple[str, ...]


@lru_cache(maxsize=1024)
def describe_recipients(recipients: tuple[Recipient, ...]) -> Addressed:
    """All that a row and its deliveries need of the accepted recipients, in their order."""
    routes = 0
    for one in recipients:
        routes |= ROUTE_BITS[one.route]
    inbound = tuple(one.address for one in recipients if one.route == "inbound")
    return Addressed(json.dumps(recipients, ensure_ascii=False), routes, inbound)
