"""CMC's spam judgment for acceptable domains: a mail is judged as spam when

1. the header From is an acceptable domain of the receiving server, or
2. header From and header To are the same mail address.

Ours, where the documentation is silent: domains of both tabs count, domains compare exactly (as A-labels, so that both
forms of an internationalized one are the same), addresses without regard to case, any From address and any To address
decide, however long the fields are; the judgment looks at mails with an inbound recipient only.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cmcdesk.mail.mime.addresses import read_addresses
from cmcdesk.rules.policy import Policy, domain_of

# One plain address, with or without a plain name before it: nearly every From and To. The rest goes the long way.
_ADDRESS = rb"[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9.-]+"
_PLAIN = re.compile(rb"[\w .=?-]*<(" + _ADDRESS + rb")>|(" + _ADDRESS + rb")")


class Addresses(NamedTuple):
    """The addresses of header fields, lower case with their domains as A-labels, and these domains."""

    addresses: frozenset[str]
    domains: frozenset[str]


def is_spam(header_from: Sequence[bytes], header_to: Sequence[bytes], policy: Policy) -> bool:
    """header_from, header_to: the raw bodies of all From and To fields, unfolded."""
    senders = addresses_in(header_from)
    if not senders.domains.isdisjoint(policy.routes):
        return True
    for body in header_to:
        plausible = len(body) <= REMEMBERED_OCTETS or _may_hold(body, senders.addresses)
        if plausible and not senders.addresses.isdisjoint(addresses_in((body,)).addresses):
            return True
    return False


def addresses_in(bodies: Sequence[bytes]) -> Addresses:
    """All addresses of raw header field bodies."""
    if len(bodies) == 1 and len(bodies[0]) <= REMEMBERED_OCTETS:
        return _remember_addresses(bodies[0])
    found = [_remember_addresses(body) if len(body) <= REMEMBERED_OCTETS else _addresses_of(body) for body in bodies]
    return Addresses(
        frozenset().union(*(one.addresses for one in found)), frozenset().union(*(one.domains for one in found))
    )


def _may_hold(body: bytes, addresses: frozenset[str]) -> bool:
    """Whether one of the addresses may be in a long field: it need not be taken apart if no local part occurs in it."""
    if not body.isascii() or b"=?" in body or b"\x1b" in body:
        return True
    lowered = body.lower()
    return any(address.rpartition("@")[0].encode() in lowered for address in addresses)


def _addresses_of(body: bytes) -> Addresses:
    plain = _PLAIN.fullmatch(body)
    if plain:
        addresses = frozenset([(plain[1] or plain[2]).lower().decode("ascii")])
    else:
        addresses = frozenset(_comparable(one.address.lower()) for one in read_addresses(body) if "@" in one.address)
    return Addresses(addresses, frozenset(map(domain_of, addresses)))


def _comparable(address: str) -> str:
    """The address with its domain as A-labels; as it is where that is no domain name."""
    if address.isascii():
        return address
    domain = domain_of(address)
    return f"{address.rpartition('@')[0]}@{domain}" if domain else address


REMEMBERED_OCTETS = 256
_remember_addresses = lru_cache(maxsize=4096)(_addresses_of)  # senders and forms repeat themselves
